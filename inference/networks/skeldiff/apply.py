"""Shapes as skeletal latents: encoded, decoded, generated, varied and blended by trained networks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from ...anatomy import SkeletalLatent
from ...errors import BadRequestError
from ...progress import SILENT, Progress
from ..loader import Ask, Card
from ..shelf import find_network, needed_network
from .field import SHARE, grid_field
from .inputs import BAND, as_latent, as_rows, cloud_of, normal_frame
from .sampler import SIGMA_DATA, SIGMA_MAX, STEPS, guided, noise_levels, sample

ENCODER, DECODER, DENOISER = "skeldiff-encoder", "skeldiff-decoder", "skeldiff-denoiser"
QUERIES = 8192  # points that the decoder is asked for at once
GUIDANCE = 1.0
SURFACE = 4096  # a surface sampled so densely is plenty to be encoded
LEAST_NOISE, MOST_NOISE = 0.05, 3.0  # spread of the noise of the faintest and of the strongest variation
LIKENESS = 0.2  # weight of features beside places when skeleton points of two shapes are matched


@dataclass(frozen=True)
class ShapeNetwork:
    """The trained networks, and what is to be known of them."""

    encoder: Ask
    decoder: Ask
    denoiser: Ask
    categories: tuple[str, ...]
    points: int  # of a surface that the encoder sees
    skeleton: int  # points of a latent
    features: int  # numbers that each carries


def shape_network() -> ShapeNetwork | None:
    """The trained networks; None where there are no weights for them, or nothing that could run them."""
    found = [find_network(name) for name in (ENCODER, DECODER, DENOISER)]
    return None if any(network is None for network in found) else needed_shape_network()


def needed_shape_network() -> ShapeNetwork:
    """The trained networks; a named error says what is missing."""
    encoder, decoder, denoiser = (needed_network(name) for name in (ENCODER, DECODER, DENOISER))
    card = encoder.card
    return ShapeNetwork(
        encoder,
        decoder,
        denoiser,
        categories(denoiser.card),
        card.size("points"),
        card.size("skeleton"),
        card.size("features"),
    )


def categories(card: Card) -> tuple[str, ...]:
    """The categories that a denoiser was taught, by its card; their order is the network's."""
    named = card.config.get("categories")
    return tuple(str(name) for name in named) if isinstance(named, list) else ()


def encode(network: ShapeNetwork, surface: np.ndarray) -> SkeletalLatent:
    """The latent of surface points (P, 3), at least `network.points` and better SURFACE, in the mesh's coordinates."""
    frame = normal_frame(surface)
    cloud = cloud_of(frame.points_in(surface), network.points)
    (rows,) = network.encoder({"cloud": cloud[None]})
    return as_latent(rows[0], frame)


def decode(network: ShapeNetwork, latent: SkeletalLatent, points: np.ndarray) -> np.ndarray:
    """Signed distances (P,), positive inside, at points (P, 3) of the latent's own frame; none is beyond the band."""
    rows = as_rows(latent)[None]
    answers = [
        network.decoder({"latent": rows, "points": np.asarray(points[k : k + QUERIES], np.float32)[None]})[0][0]
        for k in range(0, len(points), QUERIES)
    ]
    return BAND * np.clip(np.concatenate(answers), -1, 1) if answers else np.zeros(0, np.float32)


def field_of(
    network: ShapeNetwork,
    latent: SkeletalLatent,
    resolution: int,
    progress: Progress = SILENT,
    share: float = SHARE,
) -> tuple[np.ndarray, np.ndarray]:
    """Signed distances (R, R, R) float32, positive inside, and which of them were asked for (R, R, R) bool.

    The places are the middles of the cells of the cube [-1.1, 1.1]^3 of the latent's own frame (`field.grid_axis`).
    """
    return grid_field(lambda points: decode(network, latent, points), latent, resolution, share, progress)


def generate(
    network: ShapeNetwork,
    category: str,
    seed: int,
    count: int = 1,
    guidance: float = GUIDANCE,
    steps: int = STEPS,
    progress: Progress = SILENT,
) -> list[SkeletalLatent]:
    """New shapes of a category; the k-th is the same however many are asked for."""
    noise = _noise(network, seed, count)
    z = SIGMA_MAX * noise
    return _denoised(network, z, noise_levels(steps), category, guidance, progress)


def vary(
    network: ShapeNetwork,
    latent: SkeletalLatent,
    category: str | None,
    strength: float,
    seed: int,
    count: int = 1,
    guidance: float = 0.0,
    steps: int = STEPS,
    progress: Progress = SILENT,
) -> list[SkeletalLatent]:
    """Shapes like this one: noise is laid over it and taken away again. Strength 0 leaves it, 1 hardly its outline."""
    if strength <= 0:
        return [latent] * count
    sigma = LEAST_NOISE * (MOST_NOISE / LEAST_NOISE) ** min(strength, 1.0)
    mean, deviation = _spread(network)
    z = _standard(as_rows(latent), mean, deviation) + sigma * _noise(network, seed, count)
    made = _denoised(network, z, noise_levels(steps, sigma), category, guidance, progress)
    return [replace(each, origin=latent.origin, size=latent.size) for each in made]


def blend(a: SkeletalLatent, b: SkeletalLatent, t: float) -> SkeletalLatent:
    """The shape that is `t` (0..1) of the way from a to b: each skeleton point goes to the one it is matched with."""
    if len(a.points) != len(b.points) or a.features.shape != b.features.shape:
        raise BadRequestError("Only latents with equally many points can be blended. Encode both by one network.")
    apart = cdist(a.points, b.points, "sqeuclidean") + (a.radii[:, None] - b.radii) ** 2
    unlike = cdist(a.features, b.features, "sqeuclidean") / max(a.features.shape[1], 1)
    matched = linear_sum_assignment(apart + LIKENESS * apart.mean() * unlike)[1]
    between = (1 - t) * as_rows(a) + t * as_rows(b)[matched]
    made = as_latent(between.astype(np.float32))
    return replace(made, origin=(1 - t) * a.origin + t * b.origin, size=(1 - t) * a.size + t * b.size)


def _denoised(
    network: ShapeNetwork,
    z: np.ndarray,
    sigmas: np.ndarray,
    category: str | None,
    guidance: float,
    progress: Progress,
) -> list[SkeletalLatent]:
    if category is not None and category not in network.categories:
        known = ", ".join(network.categories)
        raise BadRequestError(f"There is no category '{category}'. Choose one of: {known}.")
    nothing = len(network.categories)
    number = nothing if category is None else network.categories.index(category)

    def denoise_as(noisy: np.ndarray, sigma: float, of: int) -> np.ndarray:
        given = {
            "noisy": noisy.astype(np.float32),
            "sigma": np.full(len(noisy), sigma, np.float32),
            "category": np.full(len(noisy), of, np.int64),
        }
        return np.asarray(network.denoiser(given)[0], np.float64)

    weight = 0.0 if category is None else guidance
    found = sample(guided(denoise_as, number, nothing, weight), z, sigmas, lambda done: progress.step(done, "Denoises"))
    mean, deviation = _spread(network)
    return [as_latent(_plain(each, mean, deviation)) for each in found]


def _noise(network: ShapeNetwork, seed: int, count: int) -> np.ndarray:
    size = (network.skeleton, 4 + network.features)
    return np.stack([np.random.default_rng([0xD1FF, seed, k]).standard_normal(size) for k in range(count)])


def _spread(network: ShapeNetwork) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation (4 + D,) of the rows that the denoiser learned from; it tells them with every answer."""
    size = (1, network.skeleton, 4 + network.features)
    given = {"noisy": np.zeros(size, np.float32), "sigma": np.ones(1, np.float32), "category": np.zeros(1, np.int64)}
    _, mean, deviation = network.denoiser(given)
    return np.asarray(mean, np.float64), np.asarray(deviation, np.float64)


def _standard(rows: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Rows as the denoiser sees them: radii by their logarithm, every number spread by SIGMA_DATA."""
    logs = np.concatenate([rows[:, :3], np.log(rows[:, 3:4]), rows[:, 4:]], 1)
    return SIGMA_DATA * (logs - mean) / deviation


def _plain(z: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """The inverse of `_standard`."""
    logs = z / SIGMA_DATA * deviation + mean
    return np.concatenate([logs[:, :3], np.exp(logs[:, 3:4]), logs[:, 4:]], 1).astype(np.float32)
