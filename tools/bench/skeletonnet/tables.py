"""The paper's tables again, on our shapes: what it says of each, and whether it holds here.

Skeletons: CD x1000 of points, IoU x100 of volumes, on all shapes kept for evaluation, from their first picture.
Surfaces: CD x1000 of 10,000 samples and IoU x100 on 64^3 cells, by the true camera, on some shapes of each category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.datasets.packed.skeletal import SkeletalItem
from training.lessons.skeletal import SKELETAL, skeletal_lessons
from training.loop.recipe import Numbers
from training.metrics.tables import category_means
from training.recipes import skeletonnet

from ..record import Cell, console, show
from .measures import Measured, measured, truth
from .nets import (
    WHOLE,
    Asked,
    Drawer,
    envelope_drawer,
    field_drawer,
    figures,
    mesh_drawer,
    sphere_drawer,
    volume_drawer,
)

NOT = "not trained"
SKELETONS, FIELD, MESH = "skeletonnet", "skeletonnet_field", "skeletonnet_mesh"
TABLE_1 = {  # the paper's CD and IoU, on chairs
    "point-wise": (2.218, 28.97),
    "line-wise": (2.242, 35.48),
    "square-wise": (2.016, 32.81),
    "shared": (2.451, 33.10),
    "no Laplacian": (1.911, 31.10),
    "not end to end": (1.601, 37.73),
    WHOLE: (1.485, 39.50),
}
SURFACES = ("SkeDISN", "SkeGCNN", "DISN", "occupancy network", "deformed sphere", "S3DS's envelope")
PAPER_CD = {"SkeDISN": 1.564, "SkeGCNN": 1.326, "DISN": 2.327, "occupancy network": 3.249, "deformed sphere": 3.263}
PAPER_IOU = {"SkeDISN": 68.64, "SkeGCNN": 62.46, "DISN": 65.34, "occupancy network": 61.23, "deformed sphere": 50.04}
TABLE_6 = {
    "plain volumes + SkeGCNN": (4.485, 49.84),
    "SkeGCNN": (1.154, 62.90),
    "plain volumes + SkeDISN": (1.534, 61.70),
    "SkeDISN": (1.230, 65.20),
}
TABLE_7 = {  # CD x10,000 and IoU x100, of people
    "deformed sphere": (8.358, 50.77),
    "SkeGCNN": (4.294, 68.37),
    "PIFu": (2.990, 65.86),
    "SkePIFu": (2.329, 69.02),
}


@dataclass(frozen=True)
class Claimed:
    """Something the paper's tables show."""

    words: str
    paper: float  # the ratio there
    ours: float
    holds: bool


def skeleton_tables(asked: Asked, claims: list[Claimed]) -> dict[str, object]:
    """Tables 1 to 3."""
    names = [name for name in TABLE_1 if name != WHOLE] + [WHOLE]
    paths = {name: asked.ablated(SKELETONS, name) for name in [*names, "no guide", "plain volumes"]}
    main = asked.trained(SKELETONS)
    # the whole network taught like those without a part is what they are compared with
    paths[WHOLE] = paths[WHOLE] or (None if any(paths.values()) else main)
    found = {name: figures(skeletonnet.RECIPE, path) for name, path in paths.items()}
    rows: list[list[Cell]] = [
        [name, *_both(found[name], "CD", "IoU"), *TABLE_1[name]] for name in names if name in TABLE_1
    ]
    show("Table 1: ways to skeletons", ("points by", "CD", "IoU", "paper's CD", "paper's IoU"), rows)
    whole, without = found[WHOLE], found["no guide"]
    rows = [
        ["quantised and dilated", whole.get("IoU dilated", NOT), 27.52],
        ["sub-volumes alone", without.get("IoU", NOT), 37.64],
        ["guided sub-volumes", whole.get("IoU", NOT), 39.50],
        ["plain volumes", found["plain volumes"].get("IoU", NOT), None],
    ]
    show("Table 2: ways to volumes", ("volume", "IoU", "paper's IoU"), rows)
    if whole:
        for name, (cd, iou) in TABLE_1.items():
            if name != WHOLE and found[name]:
                _compare(claims, f"Table 1: CD below {name}'s", 1.485 / cd, whole["CD"], found[name]["CD"], less=True)
                _compare(claims, f"Table 1: IoU above {name}'s", 39.5 / iou, whole["IoU"], found[name]["IoU"])
        _compare(claims, "Table 2: IoU above dilated points'", 39.5 / 27.52, whole["IoU"], whole["IoU dilated"])
        if without:
            _compare(claims, "Table 2: IoU above unguided's", 39.5 / 37.64, whole["IoU"], without["IoU"])
            _compare(
                claims, "Table 2: unguided above dilated points", 37.64 / 27.52, without["IoU"], whole["IoU dilated"]
            )
    every = figures(skeletonnet.RECIPE, main) if main != paths[WHOLE] else whole
    families = sorted({name.partition(":")[0] for name in every if ": " in name})
    rows = [[family, every[f"{family}: CD"], every[f"{family}: IoU"]] for family in families]
    rows.append(["mean", *_both(every, "CD", "IoU")])
    show("Table 3: skeletons by category (paper's means: CD 1.660, IoU 45.29)", ("category", "CD", "IoU"), rows)
    return {"table 1 and 2": found, "table 3": every}


def surface_tables(asked: Asked, claims: list[Claimed]) -> dict[str, object]:
    """Tables 4 to 6, and topology and thin parts."""
    drawers = surface_drawers(asked)
    items = items_of(asked, "categories")
    scores = {name: [measured(draw(item), truth(item)) for item in items] for name, draw in drawers.items()}
    families = [item.views.family for item in items]
    means: dict[str, dict[str, dict[str, float]]] = {"CD": {}, "IoU": {}}
    for place, (measure, paper) in enumerate((("CD", PAPER_CD), ("IoU", PAPER_IOU))):
        for name, some in scores.items():
            means[measure][name] = category_means([(each.cd, each.iou)[place] for each in some], families)
        rows: list[list[Cell]] = [
            [family, *(means[measure].get(name, {}).get(family, NOT) for name in SURFACES)]
            for family in [*sorted(set(families)), "mean"]
        ]
        rows.append(["paper's mean", *(paper.get(name) for name in SURFACES)])
        unit = "x1000" if measure == "CD" else "x100"
        show(f"Table {4 + place}: surfaces, {measure} {unit}, {len(items)} shapes", ("category", *SURFACES), rows)
    cds, ious = ({name: each["mean"] for name, each in means[measure].items()} for measure in ("CD", "IoU"))
    for ours, other, most in (
        ("SkeDISN", "DISN", 0.8),
        ("SkeDISN", "occupancy network", 1.0),
        ("SkeGCNN", "deformed sphere", 0.7),
        ("SkeDISN", "S3DS's envelope", 1.0),
    ):
        if ours in cds and other in cds:
            paper = PAPER_CD[ours] / PAPER_CD[other] if other in PAPER_CD else 1.0
            words = f"Table 4: {ours}'s CD at most {most:.1f} of {other}'s"
            claims.append(Claimed(words, paper, cds[ours] / cds[other], cds[ours] <= most * cds[other]))
            paper = PAPER_IOU[ours] / PAPER_IOU[other] if other in PAPER_IOU else 1.0
            _compare(claims, f"Table 5: {ours}'s IoU above {other}'s", paper, ious[ours], ious[other])
    return {
        "tables 4 and 5": means,
        "table 6": table_6(asked, items, scores, claims),
        "topology": topology_table(asked, items, scores),
    }


def surface_drawers(asked: Asked) -> dict[str, Drawer]:
    """What draws surfaces, of all that is trained."""
    found: dict[str, Drawer] = {}
    for name, path in (
        ("SkeDISN", asked.trained(FIELD)),
        ("DISN", asked.ablated(FIELD, "DISN")),
        ("occupancy network", asked.ablated(FIELD, "occupancy network")),
    ):
        if path is not None:
            found[name] = field_drawer(path, asked.detail)
    path = asked.trained(MESH)
    if path is not None:
        found["SkeGCNN"] = mesh_drawer(path)
    path = asked.first(f"training/deformed_sphere-{asked.preset}-{asked.seed}")
    if path is not None:
        found["deformed sphere"] = sphere_drawer(path)
    spheres = envelope_drawer()
    if spheres is not None:
        found["S3DS's envelope"] = spheres
    return {name: found[name] for name in SURFACES if name in found}


def items_of(asked: Asked, group: str, data: Path = SKELETAL) -> list[SkeletalItem]:
    """Some shapes of each family that are kept for evaluation."""
    path = asked.folder / data.name if not data.exists() else data
    known = skeletal_lessons(path, (group,), "val")
    return [item for items in known.values() for item in items[: asked.each]]


def table_6(
    asked: Asked, items: Sequence[SkeletalItem], scores: Mapping[str, Sequence[Measured]], claims: list[Claimed]
) -> dict[str, tuple[float, float]]:
    """Chairs: surfaces around SkeletonNet's volumes, and around those of a plain volume network."""
    chairs = [place for place, item in enumerate(items) if item.views.family == "chair"]
    found: dict[str, tuple[float, float]] = {}
    for name in ("SkeGCNN", "SkeDISN"):
        if name in scores and chairs:
            found[name] = _means([scores[name][place] for place in chairs])
        recipe = MESH if name == "SkeGCNN" else FIELD
        path = asked.first(f"training/{recipe}-plain")
        if path is not None and chairs:
            draw = mesh_drawer(path) if name == "SkeGCNN" else field_drawer(path, asked.detail)
            some = [measured(draw(items[place]), truth(items[place])) for place in chairs]
            found[f"plain volumes + {name}"] = _means(some)
            if name in found:
                paper = TABLE_6[name][0] / TABLE_6[f"plain volumes + {name}"][0]
                ours, other = found[name][0], found[f"plain volumes + {name}"][0]
                _compare(claims, f"Table 6: {name} by SkeletonNet's volumes: CD", paper, ours, other, less=True)
    rows: list[list[Cell]] = [[name, *found.get(name, (NOT, NOT)), *paper] for name, paper in TABLE_6.items()]
    show(f"Table 6: {len(chairs)} chairs", ("surface", "CD", "IoU", "paper's CD", "paper's IoU"), rows)
    return found


def topology_table(
    asked: Asked, items: Sequence[SkeletalItem], scores: Mapping[str, Sequence[Measured]]
) -> dict[str, dict[str, float]]:
    """Which surfaces have the shells and handles of their shape; how many handles they are off; thin parts."""
    every = dict(scores)
    path = asked.trained(SKELETONS)
    if path is not None:
        draw = volume_drawer(path)
        every["skeletal volume"] = [measured(draw(item), truth(item)) for item in items]
    true = [truth(item) for item in items]
    known = [place for place, shape in enumerate(true) if shape.handles is not None and shape.shells == 1]
    open_backed = [p for p in known if items[p].views.family == "chair" and (true[p].handles or 0) >= 2]
    found: dict[str, dict[str, float]] = {}
    rows: list[list[Cell]] = []
    for name, some in every.items():
        right = {p: some[p].shells == 1 and some[p].handles == true[p].handles for p in known}
        off = [abs(some[p].handles - (true[p].handles or 0)) for p in known]
        thin = [each.has_thin for each in some if each.thin is not None]
        found[name] = {
            "Betti numbers right": _share([right[p] for p in known]),
            "of chairs with holes": _share([right[p] for p in open_backed]),
            "handles off": float(np.mean(off)) if off else float("nan"),
            "shells": float(np.mean([each.shells for each in some])),
            "thin parts there": _share(thin),
        }
        rows.append([name, *found[name].values()])
    columns = tuple(next(iter(found.values()))) if found else ()
    thin_shapes = sum(len(shape.thin) > 0 for shape in true)
    show(
        f"Topology, {len(known)} shapes of one piece, {len(open_backed)} chairs with 2 holes or more; "
        f"{thin_shapes} with thin parts",
        ("surface", *columns),
        rows,
    )
    return found


def people_table(asked: Asked, claims: list[Claimed]) -> dict[str, tuple[float, float]]:
    """Table 7: people, by networks taught on them."""
    data = asked.folder / "people.safetensors"
    if not data.exists():
        console.print(f"Table 7: not measured, there is no {data}")
        asked.told.append(f"no {data}")
        return {}
    items = items_of(asked, "people", data)
    paths = {
        "SkeGCNN": asked.first(f"training/{MESH}-people"),
        "PIFu": asked.first("training/pifu"),
        "SkePIFu": asked.first("training/skepifu"),
    }
    found: dict[str, tuple[float, float]] = {}
    for name, path in paths.items():
        if path is not None:
            draw = mesh_drawer(path) if name == "SkeGCNN" else field_drawer(path, asked.detail)
            found[name] = _means([measured(draw(item), truth(item)) for item in items])
    rows: list[list[Cell]] = []
    for name, (cd, iou) in TABLE_7.items():
        ours: tuple[Cell, Cell] = (10 * found[name][0], found[name][1]) if name in found else (NOT, NOT)
        rows.append([name, *ours, cd, iou])
    show(f"Table 7: {len(items)} people, CD x10,000", ("surface", "CD", "IoU", "paper's CD", "paper's IoU"), rows)
    if "PIFu" in found and "SkePIFu" in found:
        ours, other = found["SkePIFu"], found["PIFu"]
        _compare(claims, "Table 7: SkePIFu's CD below PIFu's", 2.329 / 2.990, ours[0], other[0], less=True)
        _compare(claims, "Table 7: SkePIFu's IoU above PIFu's", 69.02 / 65.86, ours[1], other[1])
    return found


def _compare(claims: list[Claimed], words: str, paper: float, ours: float, other: float, *, less: bool = False) -> None:
    claims.append(Claimed(words, paper, ours / max(other, 1e-9), ours < other if less else ours > other))


def _both(numbers: Numbers, *names: str) -> list[Cell]:
    return [numbers.get(name, NOT if not numbers else None) for name in names]


def _means(some: Sequence[Measured]) -> tuple[float, float]:
    return float(np.mean([each.cd for each in some])), float(np.mean([each.iou for each in some]))


def _share(right: Sequence[bool]) -> float:
    return float(np.mean(right)) if len(right) else float("nan")
