"""Balls inside a surface that touch it, measured on the triangles themselves."""

from __future__ import annotations

import igl
import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import MedialSpheres, Mesh

from .sampling import surface_points

CLOUD = 3000  # points of the surface that balls are shrunk against
WIDE = 0.5  # touching points must part by at least 60 degrees, seen from the centre
THINNEST = 0.002  # balls smaller than this share of the longest side say nothing


def distances(mesh: Mesh, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From points (N, 3) to the surface: how far (N,) and where (N, 3)."""
    squared, _, feet = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.triangles)
    return np.sqrt(squared), np.asarray(feet)


def inside(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """Whether points (N, 3) lie inside, (N,)."""
    return np.asarray(igl.fast_winding_number(mesh.vertices, mesh.triangles, points)) > 0.5


def inscribed(mesh: Mesh, centres: np.ndarray, sheet: np.ndarray) -> MedialSpheres:
    """The largest ball around each centre (N, 3) inside the mesh that stays inside; none where there is no room."""
    radii, _ = distances(mesh, centres)
    kept = radii > THINNEST
    return MedialSpheres(centres[kept], radii[kept], sheet[kept])


def maximal(mesh: Mesh, count: int, rng: np.random.Generator, rounds: int = 9) -> np.ndarray:
    """Centres (N, 3) of balls that touch the surface on two sides: shrunk from its points until nothing pokes in.

    At most `count`; balls that rest on one patch only (its noise would make them) are left out.
    """
    surface, normals = surface_points(mesh, CLOUD, rng)
    chosen = rng.permutation(len(surface))[:count]
    start, inward = surface[chosen], -normals[chosen]
    tree = KDTree(surface)
    radii = np.full(len(chosen), 0.6 * float(np.ptp(mesh.vertices, axis=0).max()))
    opened = np.ones(len(chosen))  # cosine of the angle between the two touching points, seen from the centre
    within = np.zeros(len(chosen), bool)
    active = np.arange(len(chosen))
    for _ in range(rounds):
        centre = start[active] + radii[active, None] * inward[active]
        near, place = tree.query(centre)
        within[active] = ((surface[place] - centre) * normals[place]).sum(1) > 0
        chord = surface[place] - start[active]
        squared = (chord**2).sum(1)
        smaller = squared / (2 * np.maximum((chord * inward[active]).sum(1), 1e-9))
        pokes = (near < 0.999 * radii[active]) & (smaller < radii[active])
        active, squared, smaller = active[pokes], squared[pokes], smaller[pokes]
        radii[active] = smaller
        opened[active] = 1 - squared / (2 * np.maximum(smaller, 1e-9) ** 2)
        if len(active) == 0:
            break
    return (start + radii[:, None] * inward)[(opened < WIDE) & within]
