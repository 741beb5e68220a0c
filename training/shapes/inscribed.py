"""Balls inside a surface that touch it, measured on the triangles themselves."""

from __future__ import annotations

import igl
import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import MedialSpheres, Mesh

THINNEST = 0.002  # balls smaller than this share of the longest side say nothing


def distances(mesh: Mesh, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From points (N, 3) to the surface: how far (N,) and where (N, 3)."""
    squared, _, feet = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.triangles)
    return np.sqrt(squared), feet


def inside(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """Whether points (N, 3) lie inside, (N,)."""
    return np.asarray(igl.fast_winding_number(mesh.vertices, mesh.triangles, points)) > 0.5


def inscribed(mesh: Mesh, centres: np.ndarray, sheet: np.ndarray) -> MedialSpheres:
    """The largest ball around each centre (N, 3) that stays inside; none where there is no room."""
    radii, _ = distances(mesh, centres)
    kept = (radii > THINNEST) & inside(mesh, centres)
    return MedialSpheres(centres[kept], radii[kept], sheet[kept])


def maximal(mesh: Mesh, count: int, rng: np.random.Generator, rounds: int = 8) -> np.ndarray:
    """Centres (N, 3) of balls that touch the surface on two sides: shrunk from the vertices until nothing pokes in.

    At most `count`; those that rest on one small patch of the surface only (a dent's noise) are left out.
    """
    normals = np.asarray(igl.per_vertex_normals(mesh.vertices, mesh.triangles))
    chosen = rng.permutation(len(mesh.vertices))[:count]
    start, inward = mesh.vertices[chosen], -normals[chosen]
    tree = KDTree(mesh.vertices)
    radii = np.full(len(chosen), float(np.ptp(mesh.vertices, axis=0).max()))
    opened = np.zeros(len(chosen))  # cosine of the angle between the two touching points
    for _ in range(rounds):
        centre = start + radii[:, None] * inward
        near, place = tree.query(centre)
        pokes = (near < radii * (1 - 1e-4)) & (place != chosen)
        if not pokes.any():
            break
        chord = mesh.vertices[place] - start
        depth = np.maximum((chord * inward).sum(1), 1e-9)
        smaller = (chord**2).sum(1) / (2 * depth)
        pokes &= smaller < radii
        radii = np.where(pokes, smaller, radii)
        opened = np.where(pokes, 1 - (chord**2).sum(1) / (2 * np.maximum(smaller, 1e-9) ** 2), opened)
    return (start + radii[:, None] * inward)[opened < 0.5]
