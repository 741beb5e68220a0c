"""Point sets against point sets: chamfer, earth mover's and Hausdorff distance, F-score, farthest-point sampling.

Frame: whatever frame both arguments share; each paper's is said where its figure is made. Points (N, 3) and (M, 3).
Distances are Euclidean and in the frame's units (squared where the name says so); figures with a paper's scale say it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

F_REACH = 0.06  # the skeletal latent diffusion's, in its frame: box centred, largest coordinate 1
RECONSTRUCTION_POINTS = 2560  # of a cloud, by farthest-point sampling, before reconstructions are compared
GENERATION_POINTS = 2048  # the same before generated shapes are compared
SKELETON_POINTS = 5000  # of a true meso-skeleton, against the 2,600 that SkeletonNet predicts


@dataclass(frozen=True)
class CloudScore:
    """A reconstruction as the skeletal latent diffusion's tables print it; frame: largest coordinate 1."""

    cd: float  # unsquared, half the sum of both directions, x100
    emd: float  # exact, x10; not a number when the clouds differ in size
    hd: float  # the larger direction, x10
    f1: float  # within 0.06, percent


def score_cloud(points: np.ndarray, reference: np.ndarray) -> CloudScore:
    """All four at once; sample both by `farthest_points` to 2,560 first."""
    there, back = nearest_distances(points, reference)
    emd = 10 * earth_movers(points, reference) if len(points) == len(reference) else float("nan")
    return CloudScore(
        float(50 * (there.mean() + back.mean())),
        emd,
        float(10 * max(there.max(), back.max())),
        100 * _f_score(there, back, F_REACH),
    )


def nearest_distances(points: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From each point to the nearest of the other set, both ways: (N,) and (M,)."""
    if len(points) == 0 or len(reference) == 0:
        raise ValueError("A cloud without points has no distance to anything.")
    return KDTree(reference).query(points)[0], KDTree(points).query(reference)[0]


def chamfer_squared(points: np.ndarray, reference: np.ndarray) -> float:
    """Sum of the two directed means of squared nearest distances, in squared units (S3DS, SkeletonNet)."""
    there, back = nearest_distances(points, reference)
    return float((there**2).mean() + (back**2).mean())


def chamfer_unsquared(points: np.ndarray, reference: np.ndarray) -> float:
    """Half the sum of the two directed means of nearest distances (skeletal latent diffusion; J2J does the same)."""
    there, back = nearest_distances(points, reference)
    return float((there.mean() + back.mean()) / 2)


def skeleton_cd(predicted: np.ndarray, truth: np.ndarray) -> float:
    """SkeletonNet's CD of skeleton points, x1000: squared, both ways summed; frame: longest side 1.

    The paper's are 2,600 predicted points against 5,000 true ones.
    """
    return 1000 * chamfer_squared(predicted, truth)


def earth_movers(points: np.ndarray, reference: np.ndarray) -> float:
    """Mean distance under the one-to-one assignment for which it is least; exact. Clouds of one size.

    Takes time with the cube of the size at worst: see docs/training/metrics.md.
    """
    if len(points) != len(reference):
        raise ValueError(
            f"The earth mover's distance needs clouds of one size, not {len(points)} and {len(reference)}."
        )
    cost = cdist(points, reference)
    return float(cost[linear_sum_assignment(cost)].mean())


def hausdorff(points: np.ndarray, reference: np.ndarray) -> float:
    """The largest nearest distance, of both directions."""
    there, back = nearest_distances(points, reference)
    return float(max(there.max(), back.max()))


def f_score(points: np.ndarray, reference: np.ndarray, reach: float = F_REACH) -> float:
    """Harmonic mean of the shares of points (precision) and of the reference (recall) nearer than `reach`, 0..1."""
    return _f_score(*nearest_distances(points, reference), reach)


def farthest_points(points: np.ndarray, count: int, first: int = 0) -> np.ndarray:
    """Indices (count,) of points chosen one after the other, each the farthest from those before; ties to the lower.

    Starts at `first`. All points when there are no more than `count`.
    """
    if count >= len(points):
        return np.arange(len(points))
    x, y, z = (np.ascontiguousarray(points[:, k], np.float64) for k in range(3))
    chosen = np.empty(count, np.int64)
    gap = np.full(len(points), np.inf)
    at = first
    for place in range(count):
        chosen[place] = at
        np.minimum(gap, (x - x[at]) ** 2 + (y - y[at]) ** 2 + (z - z[at]) ** 2, out=gap)
        at = int(gap.argmax())
    return chosen


def _f_score(there: np.ndarray, back: np.ndarray, reach: float) -> float:
    precision, recall = float((there < reach).mean()), float((back < reach).mean())
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
