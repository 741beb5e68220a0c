"""Measured on the finished mesh: distances, what is inside, handles."""

from __future__ import annotations

import igl
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from inference.anatomy import Mesh


def distances(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """From points (N, 3) to the surface, (N,)."""
    squared, _, _ = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.triangles)
    return np.sqrt(np.asarray(squared))


def inside(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """Whether points (N, 3) lie inside some closed part of the surface, (N,)."""
    return np.asarray(igl.fast_winding_number(mesh.vertices, mesh.triangles, points)) > 0.5


def handles(mesh: Mesh) -> int:
    """Handles of a watertight mesh, summed over its connected components."""
    ends = mesh.triangles[:, [0, 1, 1, 2]].reshape(-1, 2)
    count = len(mesh.vertices)
    links = coo_matrix((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), (count, count))
    pieces, label = connected_components(links, directed=False)
    used = np.unique(mesh.triangles)
    characteristic = len(used) - len(mesh.triangles) // 2
    return len(np.unique(label[used])) - characteristic // 2 if pieces else 0
