"""Surfaces that networks make, trained or shipped: of latents, of bare points, of folded sheets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from inference.anatomy import Grid, Mesh, SkeletalLatent
from inference.geometry.contour import contour, without_crumbs
from inference.geometry.mesh.surface import sample_surface
from inference.networks.skeldiff.apply import ShapeNetwork, encode, field_of, needed_shape_network
from inference.networks.skeldiff.denoiser import Denoiser
from inference.networks.skeldiff.field import LOW, SIZE
from inference.networks.skeldiff.network import ShapeNet
from inference.networks.skeldiff.sampler import SIGMA_DATA, SIGMA_MAX, guided, noise_levels, sample
from training.loop.checkpoint import read_checkpoint
from training.loop.export import config_of, trained_model
from training.metrics.clouds import farthest_points
from training.networks.asking import asked
from training.networks.foldings import FoldingNet
from training.recipes.folding import RECIPE as FOLDING
from training.recipes.skeldiff import RECIPE as AUTOENCODER
from training.recipes.skeldiff_denoiser import RECIPE as DENOISER

RESOLUTION = 64
SPARE = 4  # a cloud is chosen from so many times its points
Reconstruct = Callable[[np.ndarray, int], np.ndarray]
"""Points (N, 3) of the reconstruction of a cloud (P, 3)."""


def network_of(autoencoder: Path | None, denoiser: Path | None) -> ShapeNetwork:
    """Of checkpoints, or as shipped."""
    if autoencoder is None:
        return needed_shape_network()
    state = read_checkpoint(autoencoder)
    config, model = config_of(AUTOENCODER, state), trained_model(AUTOENCODER, state)
    assert isinstance(model, ShapeNet)
    known = ShapeNetwork(
        asked(model.encoder), asked(model.decoder), lambda _: (), (), config.points, config.skeleton, config.features
    )
    if denoiser is None:
        return known
    state = read_checkpoint(denoiser)
    config = config_of(DENOISER, state)
    return replace(known, denoiser=asked(trained_model(DENOISER, state)), categories=config.categories)


def surface_of(network: ShapeNetwork, latent: SkeletalLatent, resolution: int = RESOLUTION) -> Mesh:
    """The surface that a latent stands for, in its own frame; without triangles where there is none."""
    values, _ = field_of(network, latent, resolution)
    return contoured(values)


def contoured(values: np.ndarray) -> Mesh:
    """The zero level of values (R, R, R) on the grid of `field_of`, as users see it."""
    resolution = len(values)
    spacing = SIZE / resolution
    return contour(without_crumbs(Grid(np.full(3, LOW + spacing / 2), spacing, values)))


def cloud_on(mesh: Mesh, count: int, seed: int = 0) -> np.ndarray:
    """Points (count, 3) of a surface, each far from the others."""
    points = sample_surface(mesh, SPARE * count, seed)[0]
    return points[farthest_points(points, count)]


def reconstruct_by(network: ShapeNetwork, resolution: int = RESOLUTION) -> Reconstruct:
    """By a skeletal or plain latent."""

    def reconstruct(cloud: np.ndarray, count: int) -> np.ndarray:
        mesh = surface_of(network, encode(network, cloud), resolution)
        if len(mesh.triangles) == 0:
            return np.zeros((count, 3))
        return cloud_on(mesh, count)

    return reconstruct


def reconstruct_folded(path: Path) -> Reconstruct:
    """By a sheet that is folded as the checkpoint has learned it."""
    state = read_checkpoint(path)
    model, config = trained_model(FOLDING, state), config_of(FOLDING, state)
    assert isinstance(model, FoldingNet)

    def reconstruct(cloud: np.ndarray, count: int) -> np.ndarray:
        with torch.no_grad():
            shown = torch.from_numpy(np.ascontiguousarray(cloud[: config.points], np.float32))[None]
            points = model(shown, int(np.ceil((2 * count) ** 0.5)))[0].double().numpy()
        return points[farthest_points(points, count)]

    return reconstruct


def clouds_diffused(path: Path, category: str, seeds: range, guidance: float) -> np.ndarray:
    """Bare points (N, P, 3) by a checkpoint of point diffusion."""
    state = read_checkpoint(path)
    config, model = config_of(DENOISER, state), trained_model(DENOISER, state)
    assert isinstance(model, Denoiser)
    ask = asked(model)

    def denoise_as(noisy: np.ndarray, sigma: float, of: int) -> np.ndarray:
        count = len(noisy)
        told = {"noisy": noisy.astype(np.float32), "sigma": np.full(count, sigma, np.float32)}
        return np.asarray(ask({**told, "category": np.full(count, of, np.int64)})[0], np.float64)

    noise = np.stack([np.random.default_rng([0xD1FF, k]).standard_normal((config.bare_points, 3)) for k in seeds])
    number = config.categories.index(category)
    z = sample(guided(denoise_as, number, len(config.categories), guidance), SIGMA_MAX * noise, noise_levels())
    mean, deviation = model.mean.double().numpy(), model.deviation.double().numpy()
    return z / SIGMA_DATA * deviation + mean
