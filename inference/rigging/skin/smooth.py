"""Smooth skin weights along the surface."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags

from ...anatomy import Mesh, SkinWeights
from .prune import heaviest


def smooth_weights(mesh: Mesh, skin: SkinWeights, bone_count: int, rounds: int, influences: int) -> SkinWeights:
    """Each round moves every vertex half-way to the mean of its neighbours; at most `influences` bones stay.

    Vertices in the same place are one, so that split edges stay closed.
    """
    if rounds < 1 or not len(skin.weights):
        return skin
    _, place = np.unique(mesh.vertices, axis=0, return_inverse=True)
    place = place.reshape(-1)
    count = int(place.max()) + 1
    first = np.full(count, len(place))
    np.minimum.at(first, place, np.arange(len(place)))
    weights = SkinWeights(skin.bones[first], skin.weights[first]).dense(bone_count)
    mean = _neighbour_mean(place[mesh.triangles], count)
    lonely = np.asarray(mean.sum(1)).reshape(-1) == 0
    for _ in range(rounds):
        weights = np.where(lonely[:, None], weights, 0.5 * weights + 0.5 * (mean @ weights))
    bones, values = heaviest(weights, influences)
    return SkinWeights(bones[place].astype(np.int32), values[place].astype(np.float32))


def _neighbour_mean(triangles: np.ndarray, count: int) -> csr_matrix:
    """Rows sum to 1 over the neighbours of each vertex; a vertex without any has an empty row."""
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    linked = coo_matrix((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])), (count, count)).tocsr()
    linked.data[:] = 1.0  # an edge counts once, however many triangles share it
    degree = np.asarray(linked.sum(1)).reshape(-1)
    return diags(1 / np.maximum(degree, 1)).astype(np.float32) @ linked
