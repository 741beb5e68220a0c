"""Measured on the finished mesh: distances and handles."""

from __future__ import annotations

import igl
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from inference.anatomy import Mesh
from training.shapes.making.inscribed import inside

CLEARLY = 0.5  # cosine between a triangle's normal and the way to it


def distances(mesh: Mesh, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From points (N, 3) to the surface, (N,), and whether they lie inside, clearly behind the nearest triangle."""
    squared, face, foot = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.triangles)
    corners = mesh.vertices[mesh.triangles[np.asarray(face).ravel()]]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = np.asarray(foot) - points
    size = np.linalg.norm(normals, axis=1) * np.linalg.norm(inward, axis=1)
    behind = (normals * inward).sum(1) > CLEARLY * np.maximum(size, 1e-30)
    # In a sharp bend a point outside can lie behind one of the two sides.
    if behind.any():
        behind[behind] = inside(mesh, points[behind])
    return np.sqrt(np.asarray(squared)), behind


def handles(mesh: Mesh) -> int:
    """Handles of a watertight mesh, summed over its connected components."""
    ends = mesh.triangles[:, [0, 1, 1, 2]].reshape(-1, 2)
    count = len(mesh.vertices)
    links = coo_matrix((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), (count, count))
    pieces, label = connected_components(links, directed=False)
    used = np.unique(mesh.triangles)
    characteristic = len(used) - len(mesh.triangles) // 2
    return len(np.unique(label[used])) - characteristic // 2 if pieces else 0
