"""S3DS's tables again, on our shapes: what the paper says of each, and whether it holds here.

Spheres are predicted from the first two views of every shape kept for evaluation and compared with its true medial
spheres (CD and R x100, see `training/metrics/spheres.py`). Both sides of a ratio have the same truth, the same number
of spheres and the same lessons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from inference.geometry.medial.join import join_spheres
from training.metrics.medial_meshes import medial_iou
from training.metrics.spheres import score_spheres
from training.metrics.volumes import mesh_iou
from training.recipes import deformed_sphere
from training.recipes.s3ds import S3dsConfig, lessons
from training.shapes.families import CATEGORIES

from ..record import Cell, console, show
from .connect import connectivity
from .nets import Trained, load, load_any, predicted, shapes_of, truth_of
from .sheet import picture_sheet

VIEWS = (0, 1)
SPHERES = 256
FULL, SOFT = "S3DS", "Soft-SK"


@dataclass(frozen=True)
class Asked:
    """What to compare."""

    full: Path | None
    soft_sk: Path | None
    ablations: tuple[str, ...]  # NAME=CHECKPOINT
    deformed: Path | None
    sheet: Path | None
    shapes: int  # of each category for the ways to join spheres; 0 leaves these out


@dataclass(frozen=True)
class Claim:
    """Something the paper's tables show."""

    words: str
    paper: float  # the ratio (or difference) there
    ours: float
    holds: bool


Means = dict[str, tuple[float, float]]  # family, or "mean" -> CD and R


def s3ds(asked: Asked) -> dict[str, object]:
    """Everything that there are checkpoints for."""
    full, soft = load(FULL, asked.full), load(SOFT, asked.soft_sk)
    claims: list[Claim] = []
    found: dict[str, object] = {"trained": [about(net) for net in (full, soft) if net is not None]}
    scores = {net.name: sphere_means(net) for net in (full, soft) if net is not None}
    found["table 1"] = scores
    if scores:
        claims += table_1(scores)
    found["table 2"] = table_2(full, asked.deformed, claims)
    found["tables 3 and 4"] = tables_3_4(asked.ablations, claims)
    if asked.sheet is not None and full is not None:
        found["sheet"] = str(picture_sheet(full, asked.sheet))
        console.print(f"Written to {asked.sheet}")
    if asked.shapes > 0:
        config = full.config if full is not None else S3dsConfig(families=("categories",))
        joined = connectivity(shapes_of(config, tuple(CATEGORIES), asked.shapes), full)
        found["connectivity"] = joined
        for spheres, rows in joined.items():
            claims += ahead_of_all(spheres, rows)
    show(
        "What the paper says",
        ("claim", "paper", "here", "holds"),
        [[claim.words, claim.paper, claim.ours, claim.holds] for claim in claims],
    )
    return {**found, "claims": [asdict(claim) for claim in claims]}


def about(trained: Trained) -> dict[str, Cell]:
    """Where a network comes from."""
    samples, minutes = trained.samples, round(trained.minutes, 1)
    console.print(f"{trained.name}: {samples} samples in {trained.steps} steps, {minutes} minutes on {trained.device}")
    return {"name": trained.name, "samples": samples, "steps": trained.steps, "minutes": minutes}


def sphere_means(trained: Trained) -> Means:
    """CD and R by family, and the mean of the families."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for shape in shapes_of(trained.config):
        for spheres in predicted(trained, shape, VIEWS):
            score = score_spheres(spheres, shape.truth)
            rows.setdefault(shape.family, []).append((score.cd, score.radius))
    means = {
        family: (float(np.mean([r[0] for r in some])), float(np.mean([r[1] for r in some])))
        for family, some in rows.items()
    }
    every = np.mean(list(means.values()), axis=0)
    return {**means, "mean": (float(every[0]), float(every[1]))}


def table_1(scores: dict[str, Means]) -> list[Claim]:
    """By category; the claims need both networks."""
    names = list(scores)
    columns = ["category", *(f"{measure} {name}" for measure in ("CD", "R") for name in names)]
    families = list(scores[names[0]])
    rows = [[family, *(scores[name][family][place] for place in (0, 1) for name in names)] for family in families]
    show("Table 1: medial spheres, x100", columns, rows)
    if len(names) < 2:
        return []
    (cd, radius), (soft_cd, soft_radius) = scores[FULL]["mean"], scores[SOFT]["mean"]
    return [
        Claim("Table 1: CD at least 11 % below Soft-SK's", 0.89, cd / soft_cd, cd <= 0.89 * soft_cd),
        Claim("Table 1: R at least 27 % below Soft-SK's", 0.73, radius / soft_radius, radius <= 0.73 * soft_radius),
    ]


def table_2(full: Trained | None, path: Path | None, claims: list[Claim]) -> dict[str, object]:
    """3D IoU on chairs without and with holes: ours through the envelope, and the deformed sphere."""
    found = load_any(deformed_sphere.RECIPE, "deformed sphere", path)
    if full is None or found is None:
        return {}
    config, model, _ = found
    holes, ours, theirs = [], [], []
    for shape in lessons(full.config.data, ("chair",), "val")["chair"]:
        truth = truth_of(shape, SPHERES)
        vertices = deformed_sphere.predict(config, model, shape, np.array(VIEWS)).cpu().numpy()
        for spheres, moved in zip(predicted(full, shape, VIEWS), vertices, strict=True):
            holes.append(truth.holes)
            ours.append(medial_iou(join_spheres(spheres), truth.mesh))
            theirs.append(mesh_iou(deformed_sphere.as_mesh(moved), truth.mesh))
    with_holes = np.array(holes)
    groups = {"without holes": ~with_holes, "with holes": with_holes, "all": np.ones(len(with_holes), bool)}
    rows: list[list[Cell]] = []
    means: dict[str, tuple[float, float]] = {}
    for name, chosen in groups.items():
        if chosen.any():
            means[name] = (float(np.mean(np.array(ours)[chosen])), float(np.mean(np.array(theirs)[chosen])))
            rows.append([f"{name} ({chosen.sum()})", *means[name]])
    show("Table 2: 3D IoU on chairs", ("chairs", "ours", "deformed sphere"), rows)
    paper = {"with holes": 0.536 / 0.496, "all": 0.534 / 0.523}
    for name, ratio in paper.items():
        if name in means:
            mine, other = means[name]
            claims.append(
                Claim(f"Table 2: ahead of the deformed sphere, {name}", ratio, mine / max(other, 1e-9), mine > other)
            )
    if len(means) == 3:
        drop = [means["without holes"][k] - means["with holes"][k] for k in (0, 1)]
        claims.append(
            Claim("Table 2: holes cost less than the deformed sphere", -0.064, drop[0] - drop[1], drop[0] < drop[1])
        )
    return {"means": means, "ours": ours, "deformed": theirs, "holes": holes}


def tables_3_4(given: Sequence[str], claims: list[Claim]) -> dict[str, Means]:
    """Networks without a part beside the whole one, all taught alike; what is left out is read from the checkpoints."""
    nets: dict[str, Trained] = {}
    for word in given:
        name, _, path = word.partition("=")
        trained = load(name, Path(path))
        if trained is not None:
            nets[left_out(trained.config)] = trained
    if not nets:
        return {}
    scores = {part: sphere_means(net) for part, net in nets.items()}
    families = ", ".join(family for family in next(iter(scores.values())) if family != "mean")
    rows: list[list[Cell]] = [[part, nets[part].steps, *means["mean"]] for part, means in scores.items()]
    show(f"Tables 3 and 4: medial spheres x100, mean of {families}", ("network", "steps", "CD", "R"), rows)
    if "nothing" not in scores:
        console.print("The whole network, taught like those, is not among them: no claim can be judged.")
        return scores
    cd, radius = scores["nothing"]["mean"]
    for part, (paper_cd, paper_radius) in PAPER.items():
        if part not in scores:
            continue
        less_cd, less_radius = scores[part]["mean"]
        if paper_cd > 1:
            claims.append(Claim(f"Without {part}: CD is worse", paper_cd, less_cd / cd, less_cd > cd))
        claims.append(Claim(f"Without {part}: R is worse", paper_radius, less_radius / radius, less_radius > radius))
    return scores


PAPER = {  # CD and R over the whole network's; a CD of 1 is no claim
    "joint stage": (1.27 / 1.13, 1.67 / 1.48),
    "semantic split": (1.25 / 1.13, 1.74 / 1.48),
    "radius stage": (1.0, 1.93 / 1.48),
    "L_rep and L_var": (1.32 / 1.21, 1.89 / 1.75),
    "L_near": (1.29 / 1.21, 1.95 / 1.75),
}


def left_out(config: S3dsConfig) -> str:
    """The part that a network was taught without: "nothing", one of the paper's, "all" for Soft-SK."""
    without = {
        "joint stage": config.semantic and not config.joint,
        "semantic split": not config.semantic,
        "radius stage": not config.thinning,
        "L_rep and L_var": not config.repulsion and not config.variance,
        "L_near": not config.near,
    }
    missing = [part for part, gone in without.items() if gone]
    if len(missing) >= 4:
        return "all (Soft-SK)"
    return " and ".join(missing) or "nothing"


def ahead_of_all(spheres: str, rows: object) -> list[Claim]:
    """Ours against the best of the classical ways, for the envelope's IoU."""
    if not isinstance(rows, list):
        return []
    by_way = {row["way"]: row["iou"] for row in rows}
    others = {name: by_way[name] for name in ("Delaunay", "ball pivoting", "KNN") if name in by_way}
    best = max(others, key=lambda name: others[name])
    words = f"Figure 7: joined {spheres} spheres ahead of all three (best: {best})"
    return [Claim(words, 1.0, by_way["ours"] / others[best], by_way["ours"] > others[best])]
