"""Meshes against meshes by samples of their surfaces.

Frame: longest side 1. Samples are spread evenly over the area, by a seed; the same seed gives the same figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import Mesh
from inference.geometry.mesh.surface import sample_surface, triangle_normals

from .clouds import F_REACH, chamfer_squared, f_score

SAMPLES = 10_000  # of each surface


@dataclass(frozen=True)
class SurfaceScore:
    """Two meshes, from the same samples."""

    cd: float  # squared, sum of the two directed means, x1000
    normals: float  # consistency 0..1
    f1: float  # within 0.06, percent


def score_surface(mesh: Mesh, reference: Mesh, count: int = SAMPLES, seed: int = 0) -> SurfaceScore:
    """CD x1000, normal consistency and F1 at once."""
    points, normals = sampled(mesh, count, seed)
    others, other_normals = sampled(reference, count, seed + 1)
    return SurfaceScore(
        1000 * chamfer_squared(points, others),
        _consistency(points, normals, others, other_normals),
        100 * f_score(points, others, F_REACH),
    )


def mesh_cd(mesh: Mesh, reference: Mesh, count: int = SAMPLES, seed: int = 0) -> float:
    """SkeletonNet's mesh CD x1000: 10,000 samples of each, squared, both ways summed.

    Samples meet samples, as in the paper: equal surfaces are not at 0 but near area / (pi x count), both ways.
    """
    points, others = (sampled(each, count, seed + k)[0] for k, each in enumerate((mesh, reference)))
    return 1000 * chamfer_squared(points, others)


def normal_consistency(mesh: Mesh, reference: Mesh, count: int = SAMPLES, seed: int = 0) -> float:
    """Half the sum of the two directed means of |n . n'| with the nearest sample of the other, 0..1; 1 is best.

    Either side of a face may be its front: the sign does not count.
    """
    return _consistency(*sampled(mesh, count, seed), *sampled(reference, count, seed + 1))


def sampled(mesh: Mesh, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of a surface and the unit normals there, (count, 3) each."""
    if len(mesh.triangles) == 0:
        raise ValueError("A mesh without triangles has no surface to compare.")
    points, triangle = sample_surface(mesh, count, seed)
    normals = triangle_normals(mesh)[triangle]
    return points, normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)


def _consistency(points: np.ndarray, normals: np.ndarray, others: np.ndarray, other_normals: np.ndarray) -> float:
    there = np.abs((normals * other_normals[KDTree(others).query(points)[1]]).sum(1)).mean()
    back = np.abs((other_normals * normals[KDTree(points).query(others)[1]]).sum(1)).mean()
    return float((there + back) / 2)


def cd_of_surface(mesh: Mesh, points: np.ndarray) -> float:
    """CD x1000 of a surface to points (N, 3) of the true one; of one without faces, as if it were a point."""
    found = sampled(mesh, 4 * len(points), 0)[0] if len(mesh.triangles) else np.zeros((1, 3))
    return 1000 * chamfer_squared(found, points)
