"""The mesh that SkeGCNN starts from: the contour of a skeletal volume, and who is whose neighbour on it."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from ...anatomy import Grid, Mesh
from ...geometry.contour import contour
from ...geometry.mesh.decimate import decimated

MOST_VERTICES = 2000
DEGREE = 12  # neighbours of a vertex that are looked at
EVENED = 3  # rounds in which vertices go halfway to the middle of their neighbours: contours of cells are jagged


def base_mesh(cells: np.ndarray, most: int = MOST_VERTICES) -> Mesh:
    """The closed surface of a volume's full cells (R, R, R) bool; few vertices, its topology kept."""
    resolution = len(cells)
    origin = np.full(3, 0.5 / resolution - 0.5)
    found = decimated(contour(Grid(origin, 1 / resolution, np.where(cells, 0.5, -0.5))), 2 * most)
    if len(found.triangles) == 0:
        return found
    mean, vertices = _mean_of_neighbours(found), found.vertices
    for _ in range(EVENED):
        vertices = (vertices + mean @ vertices) / 2
    return Mesh(vertices, found.triangles)


def neighbours(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """For each vertex up to 12 neighbours (T, 12) int64, and what each of them counts in a mean (T, 12) float32."""
    graph = _mean_of_neighbours(mesh)
    count = len(mesh.vertices)
    near, share = np.zeros((count, DEGREE), np.int64), np.zeros((count, DEGREE), np.float32)
    row = np.repeat(np.arange(count), np.diff(graph.indptr))
    place = np.arange(len(row)) - graph.indptr[row]
    few = place < DEGREE
    near[row[few], place[few]] = graph.indices[few]
    share[row[few], place[few]] = 1
    return near, share / np.maximum(share.sum(1, keepdims=True), 1)


def _mean_of_neighbours(mesh: Mesh) -> csr_matrix:
    """Rows that sum up to 1 over the neighbours of each vertex."""
    t, count = mesh.triangles, len(mesh.vertices)
    ends = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    ends = np.unique(np.concatenate([ends, ends[:, ::-1]]), axis=0)
    degree = np.bincount(ends[:, 0], minlength=count)
    return csr_matrix((1 / degree[ends[:, 0]], (ends[:, 0], ends[:, 1])), shape=(count, count))
