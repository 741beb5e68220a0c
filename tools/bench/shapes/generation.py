"""Sets of generated shapes against sets of true ones, vessels' topology, and whether anything was copied."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage

from inference.networks.skeldiff.apply import ShapeNetwork, field_of, generate
from tools.bench.record import Cell, show
from training.datasets.packed.shapes import PackedShape
from training.loop.checkpoint import read_checkpoint
from training.loop.export import trained_model
from training.metrics.clouds import farthest_points
from training.metrics.generation import (
    chamfer_matrix,
    earth_movers_matrix,
    frechet_distance,
    kernel_distance,
    score_sets,
)
from training.recipes.cloud_features import RECIPE as FEATURES

from .made import RESOLUTION, cloud_on, clouds_diffused, contoured
from .reconstruction import VESSELS, true_mesh

POINTS, MATCHED = 256, 128  # of a cloud for CD and features, and for the earth mover's distance
COLUMNS = ("FID", "KID x100", "MMD-CD x100", "MMD-EMD x10", "COV-CD %", "COV-EMD %", "1-NNA-CD %", "1-NNA-EMD %", "s")


def generated_clouds(
    network: ShapeNetwork, each: int, guidance: float
) -> tuple[dict[str, np.ndarray], dict[str, list[np.ndarray]], float]:
    """Clouds (each, POINTS, 3) and fields of every category, and seconds a shape."""
    clouds, fields, started = {}, {}, time.perf_counter()
    for category in network.categories:
        latents = generate(network, category, 0, each, guidance)
        fields[category] = [field_of(network, latent, RESOLUTION)[0] for latent in latents]
        meshes = [contoured(field) for field in fields[category]]
        clouds[category] = np.stack(
            [cloud_on(mesh, POINTS) if len(mesh.triangles) else np.zeros((POINTS, 3)) for mesh in meshes]
        )
    count = each * len(network.categories)
    return clouds, fields, (time.perf_counter() - started) / count


def diffused_clouds(
    path: Path, categories: Sequence[str], each: int, guidance: float
) -> tuple[dict[str, np.ndarray], float]:
    """The same by point diffusion."""
    started = time.perf_counter()
    clouds = {category: clouds_diffused(path, category, range(each), guidance) for category in categories}
    seconds = (time.perf_counter() - started) / (each * len(categories))
    return {name: np.stack([few(cloud, POINTS) for cloud in every]) for name, every in clouds.items()}, seconds


def few(cloud: np.ndarray, count: int) -> np.ndarray:
    """`count` points of a cloud, in the frame in which sets are compared: box centred, largest coordinate 1."""
    low, high = cloud.min(0), cloud.max(0)
    placed = (cloud - (low + high) / 2) / max(float((high - low).max()) / 2, 1e-6)
    return placed[farthest_points(placed, count)].astype(np.float64)


def features_of(path: Path, clouds: np.ndarray) -> np.ndarray:
    """Features (N, D) by the checkpoint of a feature network."""
    model = trained_model(FEATURES, read_checkpoint(path))
    with torch.no_grad():
        return model(torch.from_numpy(clouds.astype(np.float32))).double().numpy()


def compare_sets(
    ways: dict[str, tuple[dict[str, np.ndarray], float]], real: dict[str, np.ndarray], features: Path | None
) -> dict[str, dict[str, float]]:
    """All scores of each way's clouds against the real ones of the same categories, printed."""
    true = np.concatenate([real[name] for name in real])
    within = chamfer_matrix(torch.from_numpy(true), torch.from_numpy(true))
    short = np.stack([few(cloud, MATCHED) for cloud in true])
    within_matched = earth_movers_matrix(short, short)
    known = None if features is None else features_of(features, true)
    found: dict[str, dict[str, float]] = {}
    for name, (clouds, seconds) in ways.items():
        made = np.concatenate([np.stack([few(cloud, POINTS) for cloud in clouds[each]]) for each in real])
        by_cd = score_sets(
            chamfer_matrix(torch.from_numpy(made), torch.from_numpy(true)),
            chamfer_matrix(torch.from_numpy(made), torch.from_numpy(made)),
            within,
        )
        matched = np.stack([few(cloud, MATCHED) for cloud in made])
        by_emd = score_sets(earth_movers_matrix(matched, short), earth_movers_matrix(matched, matched), within_matched)
        fid = kid = float("nan")
        if features is not None and known is not None:
            mine = features_of(features, made)
            fid, kid = frechet_distance(mine, known), 100 * kernel_distance(mine, known)
        numbers = (fid, kid, 100 * by_cd.mmd, 10 * by_emd.mmd, by_cd.cov, by_emd.cov, by_cd.nna, by_emd.nna, seconds)
        found[name] = dict(zip(COLUMNS, numbers, strict=True))
    rows: list[list[Cell]] = [[name, *numbers.values()] for name, numbers in found.items()]
    show(f"Generation of {len(true)} shapes, against as many true ones", ["", *COLUMNS], rows)
    return found


def copies(
    made: dict[str, np.ndarray], shapes: Sequence[PackedShape], each: int = 24
) -> tuple[float, dict[str, np.ndarray]]:
    """Share of the made clouds nearer to a shape learned from than nearly all of these are to each other.

    Also which shape (of the first `each` of its family) is nearest to each.
    """
    nearest, near, threshold = {}, [], []
    for name, clouds in made.items():
        learned = [few(shape.cloud(0, 1024), POINTS) for shape in shapes if shape.family == name][:each]
        known = torch.from_numpy(np.stack(learned).astype(float))
        apart = chamfer_matrix(torch.from_numpy(np.stack([few(cloud, POINTS) for cloud in clouds])), known)
        nearest[name], between = apart.argmin(1), chamfer_matrix(known, known)
        near.append(apart.min(1))
        threshold.append(np.full(len(apart), np.percentile(between[np.triu_indices(len(between), 1)], 1)))
    return float((np.concatenate(near) < np.concatenate(threshold)).mean()), nearest


def vessel_topology(fields: dict[str, list[np.ndarray]], shapes: Sequence[PackedShape]) -> list[list[Cell]]:
    """Pieces and loops of made vessels, and of true ones on the same grid, printed."""
    from inference.networks.skeldiff.field import grid_axis
    from training.datasets.builders.sdf import signed_distance

    rows: list[list[Cell]] = []
    axis = grid_axis(RESOLUTION)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    for name in VESSELS:
        true = []
        for shape in [shape for shape in shapes if shape.family == name][:4]:
            true.append(signed_distance(true_mesh(shape), grid).reshape((RESOLUTION,) * 3))
        mine, theirs = (np.array([topology(field > 0) for field in every]) for every in (fields[name], true))
        rows.append([name, *mine.mean(0), *theirs.mean(0)])
    show("Vessels", ["", "pieces", "loops", "true pieces", "true loops"], rows)
    return rows


def topology(cells: np.ndarray) -> tuple[int, int]:
    """Pieces and loops of the solid that full cells make, joined across corners; it has no hollows."""
    label = np.empty(cells.shape, np.int32)
    ndimage.label(cells, np.ones((3, 3, 3), int), output=label)
    pieces = int(label.max())
    return pieces, pieces - _euler(cells)


def _euler(cells: np.ndarray) -> int:
    """The Euler characteristic of the union of closed cells: corners - edges + sides - cells."""
    full = np.pad(cells, 1)
    total = 0
    for along in np.ndindex(2, 2, 2):  # 1: the element reaches along this axis, 0: it lies between two cells
        there = full
        for axis, reaches in enumerate(along):
            if not reaches:
                low, high = [slice(None)] * 3, [slice(None)] * 3
                low[axis], high[axis] = slice(None, -1), slice(1, None)
                there = there[tuple(low)] | there[tuple(high)]
        total += (-1) ** sum(along) * int(there.sum())
    return total
