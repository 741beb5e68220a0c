"""How good centre lines and medial spheres are.

Frame: whatever frame both arguments share; to compare with other tables move the mesh by `unit_frame` first.
"""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import MedialSpheres, Mesh
from inference.geometry.medial.spheres import coverage as within_reach
from inference.geometry.mesh.surface import sample_surface
from training.shapes.topology import betti_of_graph

from .rig import sample_bones

REACH = 1.2  # a surface point is covered within so many radii of the skeleton
SURFACE_SAMPLES = 20_000
ENVELOPE_GRID = 64


@dataclass(frozen=True)
class Curves:
    """Centre lines as segments; what every skeletoniser, ours or not, is turned into before it is measured."""

    points: np.ndarray  # (P, 3)
    edges: np.ndarray  # (E, 2)


@dataclass(frozen=True)
class CurveScore:
    """One skeleton of one watertight mesh."""

    coverage: float  # 0..1
    inside: float  # 0..1
    components: int
    cycles: int
    length: float  # of all segments, in units of the frame


def score_curves(curves: Curves, mesh: Mesh, seed: int = 0) -> CurveScore:
    """Everything that needs no reference; the mesh is watertight."""
    along = samples_along(curves)
    samples, _ = sample_surface(mesh, SURFACE_SAMPLES, seed)
    within = is_inside(mesh, along)
    step = curves.points[curves.edges[:, 0]] - curves.points[curves.edges[:, 1]]
    return CurveScore(
        coverage(along[within], samples, mesh),
        float(within.mean()) if len(along) else 0.0,
        *betti_of_graph(*without_doubles(curves)),
        float(np.linalg.norm(step, axis=1).sum()),
    )


def samples_along(curves: Curves) -> np.ndarray:
    """Points every 0.005 along the segments, and the points that belong to no segment; (N, 3)."""
    alone = np.setdiff1d(np.arange(len(curves.points)), curves.edges)
    segments = np.concatenate([curves.edges, np.stack([alone, alone], 1)]).astype(int)
    return sample_bones(curves.points[segments]) if len(segments) else np.zeros((0, 3))


def coverage(along: np.ndarray, surface: np.ndarray, mesh: Mesh) -> float:
    """Share of surface samples (S, 3) within 1.2 radii of skeleton points (N, 3) that lie inside, 0..1.

    A radius is the point's distance to the surface: the same rule for every skeletoniser, whatever radii it reports.
    """
    if len(along) == 0:
        return 0.0
    squared = igl.point_mesh_squared_distance(along, mesh.vertices, mesh.triangles.astype(np.int64))[0]
    return covered_share(along, np.sqrt(squared), surface)


def covered_share(centres: np.ndarray, radii: np.ndarray, surface: np.ndarray) -> float:
    """Share of surface samples (S, 3) within 1.2 radii of some centre (N, 3), 0..1; for spheres and for curves."""
    spheres = MedialSpheres(centres, radii, np.zeros(len(radii), bool))
    return float(within_reach(spheres, surface, REACH).mean())


def is_inside(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """Whether points (N, 3) lie in the solid, by the generalised winding number; (N,) bool."""
    if len(points) == 0:
        return np.zeros(0, bool)
    winding = igl.fast_winding_number(mesh.vertices, mesh.triangles.astype(np.int64), np.ascontiguousarray(points))
    return np.abs(winding) > 0.5


def without_doubles(curves: Curves) -> tuple[int, np.ndarray]:
    """Number of distinct points and the edges between them, each once, without loops on a point: (P', (E', 2))."""
    size = np.ptp(curves.points, axis=0).max() if len(curves.points) else 1.0
    rounded = np.round(curves.points / max(size, 1e-12) * 1e7).astype(np.int64)
    distinct, place = np.unique(rounded, axis=0, return_inverse=True)
    edges = np.sort(place.reshape(-1)[curves.edges], axis=1).reshape(-1, 2)
    return len(distinct), np.unique(edges[edges[:, 0] != edges[:, 1]], axis=0)


def betti_of_surface(mesh: Mesh) -> tuple[int, int]:
    """Shells and handles of a watertight, welded, manifold mesh, by Euler's formula."""
    used = np.unique(mesh.triangles)
    sides = np.sort(mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    edges = np.unique(sides, axis=0)
    place = np.full(len(mesh.vertices), -1)
    place[used] = np.arange(len(used))
    shells = betti_of_graph(len(used), place[edges])[0]
    euler = len(used) - len(edges) + len(mesh.triangles)
    return shells, shells - euler // 2


def sphere_distance(centres: np.ndarray, reference: np.ndarray) -> float:
    """CD of sphere centres (N, 3) and (M, 3): sum of the two directed means of squared nearest distances."""
    there, back = KDTree(reference).query(centres)[0], KDTree(centres).query(reference)[0]
    return float((there**2).mean() + (back**2).mean())


def radius_error(centres: np.ndarray, radii: np.ndarray, reference: np.ndarray, reference_radii: np.ndarray) -> float:
    """R: sum over both directions of the mean absolute radius difference to the sphere with the nearest centre."""
    there = reference_radii[KDTree(reference).query(centres)[1]]
    back = radii[KDTree(centres).query(reference)[1]]
    return float(np.abs(radii - there).mean() + np.abs(reference_radii - back).mean())


def surface_distance(mesh: Mesh, reference: Mesh, count: int = SURFACE_SAMPLES, seed: int = 0) -> tuple[float, float]:
    """CD (half the sum of the two directed means, unsquared) and HD (the largest distance) between surface samples.

    Distances run from samples of one to the other's triangles, so equal surfaces are at 0 however they are sampled.
    """
    there, back = _to_surface(mesh, reference, count, seed), _to_surface(reference, mesh, count, seed)
    return float((there.mean() + back.mean()) / 2), float(max(there.max(), back.max()))


def volume_iou(mesh: Mesh, reference: Mesh, resolution: int = ENVELOPE_GRID) -> float:
    """Intersection over union of two solids on a grid of 64^3 points over their common bounding box, 0..1."""
    corners = np.concatenate([mesh.vertices, reference.vertices])
    low, high = corners.min(0), corners.max(0)
    axes = [low[k] + (high[k] - low[k]) * (np.arange(resolution) + 0.5) / resolution for k in range(3)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    one, other = is_inside(mesh, grid), is_inside(reference, grid)
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else 0.0


def _to_surface(mesh: Mesh, other: Mesh, count: int, seed: int) -> np.ndarray:
    samples, _ = sample_surface(mesh, count, seed)
    return np.sqrt(igl.point_mesh_squared_distance(samples, other.vertices, other.triangles.astype(np.int64))[0])
