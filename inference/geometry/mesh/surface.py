"""A mesh as a surface: its box, its normals, points all over it."""

from __future__ import annotations

import numpy as np

from ...anatomy import Mesh
from ...frames import Frame


def bounds(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner of the box around the triangles, (3,) each."""
    points = used_vertices(mesh)
    return points.min(0), points.max(0)


def unit_frame(mesh: Mesh) -> Frame:
    """The mesh's own directions, around the middle of its box, whose longest side becomes 1."""
    low, high = bounds(mesh)
    return Frame(np.eye(3), float((high - low).max()), (low + high) / 2)


def used_vertices(mesh: Mesh) -> np.ndarray:
    """The vertices that some triangle uses, (N, 3), in their order."""
    used = np.zeros(len(mesh.vertices), bool)
    used[mesh.triangles] = True
    return mesh.vertices[used]


def triangle_normals(mesh: Mesh) -> np.ndarray:
    """Cross product of two sides of each triangle, (F, 3): its length is twice the area."""
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)


def sample_surface(mesh: Mesh, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points spread evenly over the area, (count, 3), and the triangle each lies on, (count,).

    Stratified along the running area, so that no large patch is missed by chance.
    """
    rng = np.random.default_rng(seed)
    running = np.cumsum(np.linalg.norm(triangle_normals(mesh), axis=1))
    places = (np.arange(count) + rng.random(count)) / count * running[-1]
    triangle = np.minimum(np.searchsorted(running, places, side="right"), len(running) - 1)
    u, v = rng.random(count), rng.random(count)
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    a, b, c = (mesh.vertices[mesh.triangles[triangle, k]] for k in range(3))
    return a + u[:, None] * (b - a) + v[:, None] * (c - a), triangle


def shuffled_samples(mesh: Mesh, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points as networks see a surface: (count, 3) in random order, and the unit normals there, (count, 3)."""
    points, triangle = sample_surface(mesh, count, seed)
    normals = triangle_normals(Mesh(mesh.vertices, mesh.triangles[triangle]))
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    order = np.random.default_rng(seed).permutation(count)
    return points[order], normals[order]
