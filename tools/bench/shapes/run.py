"""Skeletal latent diffusion measured: `python -m tools.benchmark shapes`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.networks.skeldiff.apply import ShapeNetwork, decode, encode, field_of, generate
from inference.networks.skeldiff.field import grid_axis
from tools.bench.record import console, show
from training.lessons.shapes import packed_shapes
from training.metrics.clouds import chamfer_unsquared

from .generation import compare_sets, copies, diffused_clouds, few, generated_clouds, vessel_topology
from .made import (
    RESOLUTION,
    cloud_on,
    contoured,
    network_of,
    reconstruct_by,
    reconstruct_folded,
    surface_of,
)
from .reconstruction import reconstructions, some_of_each, true_mesh
from .sheet import draw_sheet, picture_of, picture_of_points

SHOWN = 3  # generated shapes of a category on the sheet


@dataclass(frozen=True)
class AskedShapes:
    """What is measured."""

    data: Path
    autoencoder: Path | None
    denoiser: Path | None
    others: tuple[str, ...]  # NAME=CHECKPOINT of auto-encoders to compare with
    folded: tuple[str, ...]  # the same of folded sheets
    denoisers: tuple[str, ...]  # the same of denoisers: of latents or of bare points
    features: Path | None
    each: int
    guidance: float
    sheet: Path | None


def shapes(asked: AskedShapes) -> dict[str, object]:
    """Every table; what has no checkpoint is left out."""
    network = network_of(asked.autoencoder, asked.denoiser)
    val, train = packed_shapes(asked.data, "val"), packed_shapes(asked.data, "train")
    found: dict[str, object] = {}
    ways = {"skeletal latents": reconstruct_by(network)}
    for given in asked.others:
        name, _, path = given.partition("=")
        ways[name] = reconstruct_by(network_of(Path(path), None))
    for given in asked.folded:
        name, _, path = given.partition("=")
        ways[name] = reconstruct_folded(Path(path))
    found["reconstruction"] = reconstructions(ways, some_of_each(val, 2))
    found["guided sampling"] = guided_sampling(network, [shape.cloud(0, 1024) for shape in some_of_each(val, 1)])
    if not network.categories:
        return found
    clouds, fields, seconds = generated_clouds(network, asked.each, asked.guidance)
    sets = {"skeletal latent diffusion": (clouds, seconds)}
    for given in asked.denoisers:
        name, _, path = given.partition("=")
        sets[name] = _set_of(asked, Path(path), network)
    real = {
        name: np.stack([few(shape.cloud(0, 1024), 256) for shape in val if shape.family == name][: asked.each])
        for name in network.categories
    }
    found["generation"] = compare_sets(sets, real, asked.features)
    share, nearest = copies(clouds, train)
    console.print(f"{100 * share:.1f} % of the generated shapes are as near to one learned from as 1 % of these are.")
    found["copies"] = share
    found["vessels"] = vessel_topology(fields, val)
    if asked.sheet is not None:
        rows = []
        for name in network.categories:
            latents = generate(network, name, 0, SHOWN, asked.guidance)
            own = [shape for shape in train if shape.family == name]
            pictures = [picture_of(contoured(field)) for field in fields[name][:SHOWN]]
            pictures.append(picture_of_points(latents[0].points, latents[0].radii))
            rows.append((name, [*pictures, picture_of(true_mesh(own[int(nearest[name][0])]))]))
        columns = (*(f"seed 0, {k}" for k in range(SHOWN)), "skeleton of the first", "nearest learned from")
        console.print(f"Drawn to {draw_sheet(rows, columns, asked.sheet)}")
    return found


def _set_of(asked: AskedShapes, path: Path, network: ShapeNetwork) -> tuple[dict[str, np.ndarray], float]:
    from training.loop.checkpoint import read_checkpoint
    from training.loop.export import config_of
    from training.recipes.skeldiff_denoiser import RECIPE

    if config_of(RECIPE, read_checkpoint(path)).bare_points:
        return diffused_clouds(path, network.categories, asked.each, asked.guidance)
    clouds, _, seconds = generated_clouds(network_of(asked.autoencoder, path), asked.each, asked.guidance)
    return clouds, seconds


def guided_sampling(network: ShapeNetwork, clouds: list[np.ndarray]) -> dict[str, float]:
    """Seconds of asking around the skeleton against asking everywhere, and how far apart both surfaces are."""
    latents = [encode(network, cloud) for cloud in clouds]
    axis = grid_axis(RESOLUTION)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3).astype(np.float32)
    guided, whole, apart, asked = 0.0, 0.0, [], []
    for latent in latents:
        started = time.process_time()
        _, known = field_of(network, latent, RESOLUTION)
        guided += time.process_time() - started
        asked.append(float(known.mean()))
        started = time.process_time()
        everywhere = decode(network, latent, grid).reshape((RESOLUTION,) * 3)
        whole += time.process_time() - started
        one, other = surface_of(network, latent), contoured(everywhere)
        if len(one.triangles) and len(other.triangles):
            apart.append(100 * chamfer_unsquared(cloud_on(one, 1024, 5), cloud_on(other, 1024)))
            same = 100 * chamfer_unsquared(cloud_on(other, 1024, 5), cloud_on(other, 1024))
            apart[-1] -= same
    numbers = {
        "s guided": guided / len(latents),
        "s everywhere": whole / len(latents),
        "share known %": 100 * float(np.mean(asked)),
        "CD x100 beyond chance": float(np.mean(apart)),
    }
    show(f"Skeleton-guided sampling at {RESOLUTION}^3", list(numbers), [list(numbers.values())])
    return numbers
