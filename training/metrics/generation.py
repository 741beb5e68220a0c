"""Generated shapes against real ones, set against set: MMD, COV and 1-NNA of distances, FID and KID of features.

Frame of clouds: box centred, largest coordinate 1, 2,048 points by farthest-point sampling. A matrix of distances has
a row for each generated shape and a column for each real one, unless said otherwise. N generated, M real shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from .clouds import earth_movers

CHUNK = 1 << 24  # distances between points held at once


@dataclass(frozen=True)
class SetScore:
    """What one kind of distance says about the two sets."""

    mmd: float  # units of the distance
    cov: float  # percent
    nna: float  # percent; 50 is best


def score_sets(cross: np.ndarray, generated: np.ndarray, real: np.ndarray) -> SetScore:
    """MMD, COV and 1-NNA from distances (N, M), (N, N) and (M, M)."""
    return SetScore(
        minimum_matching_distance(cross),
        100 * coverage(cross),
        100 * nearest_neighbour_accuracy(cross, generated, real),
    )


def minimum_matching_distance(cross: np.ndarray) -> float:
    """MMD: mean over the real shapes of the distance to the nearest generated one."""
    return float(cross.min(0).mean())


def coverage(cross: np.ndarray) -> float:
    """COV: share of the real shapes that are nearest to some generated one, 0..1; ties to the first."""
    return len(np.unique(cross.argmin(1))) / cross.shape[1]


def nearest_neighbour_accuracy(cross: np.ndarray, generated: np.ndarray, real: np.ndarray) -> float:
    """1-NNA: share of all shapes whose nearest other shape is of their own set, 0..1; 0.5 cannot be told apart.

    A tie between the sets counts as half.
    """
    mine, theirs = (np.where(np.eye(len(own), dtype=bool), np.inf, own).min(1) for own in (generated, real))
    across = np.concatenate([cross.min(1), cross.min(0)])
    own = np.concatenate([mine, theirs])
    return float(np.where(own < across, 1.0, np.where(own == across, 0.5, 0.0)).mean())


def chamfer_matrix(clouds: Tensor, others: Tensor) -> np.ndarray:
    """Unsquared CD, half the sum of both directions, of clouds (N, P, 3) and (M, Q, 3): (N, M). On their device."""
    return _matrix(clouds, others, squared=False)


def chamfer_squared_matrix(clouds: Tensor, others: Tensor) -> np.ndarray:
    """Squared CD, sum of both directions, of clouds (N, P, 3) and (M, Q, 3): (N, M). On their device."""
    return _matrix(clouds, others, squared=True)


def earth_movers_matrix(clouds: np.ndarray, others: np.ndarray, workers: int = 1) -> np.ndarray:
    """Exact EMD of clouds (N, P, 3) and (M, P, 3): (N, M); in so many processes. About a second a pair at 2,048."""
    pairs = ((clouds[i], others[j]) for i, j in product(range(len(clouds)), range(len(others))))
    if workers == 1:
        found = [_earth_movers(pair) for pair in pairs]
    else:
        with ProcessPoolExecutor(workers) as pool:
            found = list(pool.map(_earth_movers, pairs, chunksize=4))
    return np.array(found).reshape(len(clouds), len(others))


def frechet_distance(features: np.ndarray, real: np.ndarray) -> float:
    """FID of features (N, D) and (M, D): |m - m*|^2 + tr(C + C* - 2 (C C*)^1/2), covariances with N - 1."""
    mean_gap = features.mean(0) - real.mean(0)
    one, other = (np.atleast_2d(np.cov(part, rowvar=False)) for part in (features, real))
    # The eigenvalues of C C* are those of the symmetric R C* R with R = C^1/2: no complex square root is needed.
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ other @ root).clip(0)).sum()
    return float(mean_gap @ mean_gap + np.trace(one) + np.trace(other) - 2 * cross)


def kernel_distance(features: np.ndarray, real: np.ndarray) -> float:
    """KID of features (N, D) and (M, D): unbiased squared MMD of the kernel (x.y / D + 1)^3, over all pairs.

    All pairs give the estimate that averaging over random subsets only approaches. It may be below 0.
    """
    n, m = len(features), len(real)
    within = (_kernel_sum(features, features) - _kernel_diagonal(features)) / (n * (n - 1))
    within_real = (_kernel_sum(real, real) - _kernel_diagonal(real)) / (m * (m - 1))
    return float(within + within_real - 2 * _kernel_sum(features, real) / (n * m))


def nearest_shapes(cross: np.ndarray, count: int = 1) -> np.ndarray:
    """For each generated shape the nearest real ones, nearest first, (N, count): has training data been copied?"""
    return np.argsort(cross, axis=1, kind="stable")[:, :count]


def _matrix(clouds: Tensor, others: Tensor, *, squared: bool) -> np.ndarray:
    result = np.empty((len(clouds), len(others)))
    step = max(CHUNK // (clouds.shape[1] * others.shape[1]), 1)
    with torch.no_grad():
        for row, cloud in enumerate(clouds):
            for columns in _spans(len(others), step):
                # Differences, not the matrix product: near points keep their digits.
                part = others[columns]
                apart = torch.cdist(cloud.expand(len(part), -1, -1), part, compute_mode="donot_use_mm_for_euclid_dist")
                there, back = apart.amin(2), apart.amin(1)
                if squared:
                    there, back = 2 * there.square(), 2 * back.square()
                result[row, columns] = ((there.mean(1) + back.mean(1)) / 2).cpu().numpy()
    return result


def _spans(count: int, step: int) -> Iterator[slice]:
    yield from (slice(start, min(start + step, count)) for start in range(0, count, step))


def _earth_movers(pair: tuple[np.ndarray, np.ndarray]) -> float:
    return earth_movers(*pair)


def _kernel_sum(one: np.ndarray, other: np.ndarray) -> float:
    step = max(CHUNK // max(len(other), 1), 1)
    return sum(float(((one[rows] @ other.T / one.shape[1] + 1) ** 3).sum()) for rows in _spans(len(one), step))


def _kernel_diagonal(features: np.ndarray) -> float:
    return float((((features**2).sum(1) / features.shape[1] + 1) ** 3).sum())
