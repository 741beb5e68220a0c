"""The torch renderer against Blender's pictures of the same shapes, and how fast each of them is."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import trimesh
from scipy.spatial import KDTree

from inference.anatomy import Mesh
from tools.bench.record import show
from training.rendering.blender_process import why_not
from training.rendering.cameras import fitted, stack, to_torch
from training.rendering.items import Item, arrays_of, plan_items
from training.rendering.looks import random_look
from training.rendering.raster import cast, pack
from training.rendering.shading import Pictures, render
from training.rendering.views import Machine, Settings, chosen_cameras, render_items

VIEWS = (0, 5, 18, 26, 33, 45)
SAMPLES = 5  # the torch pictures' per pixel and side, close to Blender's coverage


@dataclass(frozen=True)
class Agreement:
    """Of both renderers over one shape's views."""

    shape: str
    engine: str
    size: int
    edge_px: float  # mean distance between the silhouettes' borders, both directions
    edge_worst_px: float  # of the worst view
    iou: float  # of pixels more than half covered, worst view
    same_hits: float  # share of pixels whose centre both see or both do not
    depth_median: float  # difference in the shape's units, where both see something
    depth_99: float
    normal_median: float  # degrees


@dataclass(frozen=True)
class Speed:
    """Views a second."""

    renderer: str
    size: int
    views_per_second: float


def compare(
    sizes: Sequence[int],
    engines: Sequence[Literal["workbench", "cycles"]],
    families: Sequence[str],
    device: str,
    threads: int,
    blender: str,
) -> object:
    """Everything, as records for JSON."""
    with tempfile.TemporaryDirectory(prefix="bonewright-bench-") as folder:
        items = [*_plain_shapes(Path(folder)), *(plan_items([], families, range(1)) if families else [])]
        agreements, speeds = [], []
        for engine in engines:
            reason = why_not(engine, blender)
            if reason:
                print(f"{engine} is left out: {reason}")
                continue
            for size in sizes:
                settings = Settings(size=size, engine=engine, smooth=0, views=VIEWS)
                out = Path(folder) / f"{engine}{size}"
                started = time.perf_counter()
                records = list(render_items(items, settings, out, Machine(1, threads, blender)))
                speeds.append(
                    Speed(f"Blender {engine}", size, len(VIEWS) * len(items) / (time.perf_counter() - started))
                )
                failed = [record.error for record in records if record.error]
                if failed:
                    raise RuntimeError(f"Blender failed: {failed}")
                agreements += [agreement(item, settings, out, device) for item in items]
        meshes = [fitted(mesh) for item in items if (mesh := arrays_of(item, keep_materials=False)) is not None]
        speeds += [speed for size in sorted({64, 128, *sizes}) for speed in torch_speeds(meshes, size, device)]
    _show(agreements, speeds)
    return {"agreement": [asdict(entry) for entry in agreements], "speed": [asdict(entry) for entry in speeds]}


def agreement(item: Item, settings: Settings, out: Path, device: str = "cpu") -> Agreement:
    """Blender's views of an item, which lie below `out`, against the torch renderer's."""
    cameras = chosen_cameras(settings)
    mesh = arrays_of(item, keep_materials=False)
    assert mesh is not None
    pinholes = to_torch(stack(list(cameras.values())), device)
    looks = [random_look(settings.seed, item.name)] * len(cameras)
    mine = render(pack([fitted(mesh)], device), pinholes, [0] * len(cameras), looks, SAMPLES)
    edges, overlaps, hits, depths, turns = [], [], [], [], []
    for number, name in enumerate(cameras):
        theirs = read_view(out / item.name, name)
        coverage = mine.silhouette[number].cpu().numpy()
        depth, normals = mine.depth[number].cpu().numpy(), mine.normals[number].cpu().numpy()
        both = (depth > 0) & (theirs.depth > 0)
        edges.append(edge_distance(coverage, theirs.coverage))
        overlaps.append(iou(coverage > 0.5, theirs.coverage > 0.5))
        hits.append(float(((depth > 0) == (theirs.depth > 0)).mean()))
        depths.append(np.abs(depth - theirs.depth)[both])
        turns.append(np.degrees(np.arccos(np.clip((normals * theirs.normals).sum(2)[both], -1, 1))))
    every = np.concatenate(depths)
    middle, high = float(np.median(every)), float(np.percentile(every, 99))
    turned = float(np.median(np.concatenate(turns)))
    engine, size = settings.engine, settings.size
    return Agreement(
        item.name, engine, size, float(np.mean(edges)), max(edges), min(overlaps), min(hits), middle, high, turned
    )


@dataclass(frozen=True)
class Seen:
    """One of Blender's views, read back."""

    coverage: np.ndarray  # (S, S) 0..1
    depth: np.ndarray  # (S, S)
    normals: np.ndarray  # (S, S, 3)


def read_view(folder: Path, name: str) -> Seen:
    """The arrays of a view."""
    from PIL import Image

    with Image.open(folder / f"{name}_silhouette.png") as picture, np.load(folder / f"{name}.npz") as arrays:
        return Seen(np.asarray(picture, np.float64) / 255, arrays["depth"], arrays["normals"].astype(np.float64))


def iou(first: np.ndarray, second: np.ndarray) -> float:
    """Of two masks."""
    return float((first & second).sum() / max((first | second).sum(), 1))


def edge_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Mean distance in pixels between the lines of half coverage of two pictures (H, W), both directions."""
    borders = _border(first), _border(second)
    if not all(map(len, borders)):
        return 0.0 if not any(map(len, borders)) else float("inf")
    there, _ = KDTree(borders[1]).query(borders[0])
    back, _ = KDTree(borders[0]).query(borders[1])
    return float((there.mean() + back.mean()) / 2)


def _border(coverage: np.ndarray) -> np.ndarray:
    """Where the coverage passes 1/2 between neighbouring pixels, interpolated: rows and columns (N, 2)."""
    points = []
    for axis in (0, 1):
        low, high = (np.take(coverage, range(start, coverage.shape[axis] - 1 + start), axis) for start in (0, 1))
        places = np.argwhere((low > 0.5) != (high > 0.5)).astype(float)
        before, after = (part[tuple(places.astype(int).T)] for part in (low, high))
        places[:, axis] += (0.5 - before) / (after - before)
        points.append(places)
    return np.concatenate(points)


def torch_speeds(meshes: Sequence[Mesh], size: int, device: str) -> list[Speed]:
    """Batches of 32 views over all meshes."""
    packed = pack(meshes, device)
    cameras = list(chosen_cameras(Settings(size=size)).values())[:32]
    pinholes = to_torch(stack(cameras), device)
    which = [view % len(meshes) for view in range(len(cameras))]
    looks = [random_look(view, "speed") for view in range(len(cameras))]
    work: dict[str, Callable[[], torch.Tensor | Pictures]] = {
        "torch, depth": lambda: cast(packed, pinholes, which).depth,
        "torch, shaded": lambda: render(packed, pinholes, which, looks),
        "torch, shaded, 9 samples": lambda: render(packed, pinholes, which, looks, 3),
    }
    return [Speed(f"{name} ({device})", size, len(cameras) / _fastest(do, device)) for name, do in work.items()]


def _fastest(work: Callable[[], object], device: str) -> float:
    """Seconds of the best of four runs, the first of which only warms up."""
    times = []
    for _ in range(4):
        started = time.perf_counter()
        work()
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return min(times[1:])


def _plain_shapes(folder: Path) -> list[Item]:
    """A cube, which fills the picture, a torus with thin walls, a ball, and sticks a few pixels wide."""
    sticks = [
        trimesh.creation.cylinder(0.012, segment=((-0.4, 0, -0.4), (x, y, 0.45))) for x, y in ((0.4, 0.1), (0, -0.4))
    ]
    shapes = {
        "cube": trimesh.creation.box((1, 1, 1)),
        "torus": trimesh.creation.torus(0.45, 0.05, 96, 32),
        "ball": trimesh.creation.icosphere(4, 0.5),
        "sticks": trimesh.util.concatenate(sticks),
    }
    for name, shape in shapes.items():
        shape.export(folder / f"{name}.ply")
    return plan_items([folder / f"{name}.ply" for name in shapes], [], range(0))


def _show(agreements: Sequence[Agreement], speeds: Sequence[Speed]) -> None:
    columns = (
        "shape",
        "engine",
        "size",
        "edge px",
        "worst px",
        "IoU",
        "same hits",
        "depth",
        "depth 99 %",
        "normals deg",
    )
    show("torch against Blender", columns, [tuple(asdict(entry).values()) for entry in agreements])
    show("views a second", ("renderer", "size", "views/s"), [tuple(asdict(entry).values()) for entry in speeds])
