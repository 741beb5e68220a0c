"""Triangle soup -> triangles that can be computed with."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ...anatomy import Mesh
from ...errors import BadMeshError, EmptyMeshError

FLATTEST = 1e-12  # height over longest edge below which a triangle has no area
DOUBLE_SIDED = 0.6  # share of back-to-back faces from which a shell counts as drawn twice


def clean_mesh(mesh: Mesh) -> tuple[Mesh, np.ndarray]:
    """Usable triangles over merged vertices, and for each input vertex its cleaned one: (V,) int32, -1 if unusable."""
    vertices = np.asarray(mesh.vertices, np.float64).reshape(-1, 3)
    triangles = np.asarray(mesh.triangles).reshape(-1, 3)
    if len(triangles) == 0:
        raise EmptyMeshError("The mesh has no faces. Select a mesh with faces.")
    finite = np.isfinite(vertices).all(1)
    triangles = triangles[((triangles >= 0) & (triangles < len(vertices))).all(1)].astype(np.int64)
    triangles = triangles[finite[triangles].all(1)]
    if len(triangles) == 0:
        raise BadMeshError(
            "Every face of the mesh has a corner that is missing or not a finite number. "
            "Run Mesh > Clean Up > Delete Loose or import the file again."
        )
    first, merged = _merge_equal(vertices, finite)
    triangles = merged[triangles]
    triangles = triangles[_has_area(vertices[first], triangles)]
    if len(triangles) == 0:
        raise BadMeshError(
            "All faces of the mesh have zero area. Give the object a scale other than zero, "
            "or select a mesh whose faces are not collapsed."
        )
    triangles = _without_doubles(triangles, len(first))
    return Mesh(vertices[first], triangles.astype(np.int32)), merged.astype(np.int32)


def _merge_equal(vertices: np.ndarray, finite: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First of each set of equal vertices in input order, and (V,) where each vertex went, -1 if not finite."""
    usable = np.flatnonzero(finite)
    points = vertices[usable] + 0.0  # -0.0 becomes 0.0
    bits = points.view(np.uint64)
    mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29)) ^ bits[:, 1]) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(32)) ^ bits[:, 2]) * np.uint64(0x94D049BB133111EB)
    if finite.all() and _all_differ(mixed):
        return usable, usable
    _, first, group = np.unique(mixed, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    if not np.array_equal(points[first[group]], points):  # two different points fell on one hash
        _, first, group = np.unique(points, axis=0, return_index=True, return_inverse=True)
        group = group.reshape(-1)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    merged = np.full(len(vertices), -1, np.int64)
    merged[usable] = rank[group]
    return usable[first[order]], merged


def _has_area(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(F,) bool: the corners differ and do not lie on one line."""
    a, b, c = triangles.T
    distinct = (a != b) & (b != c) & (c != a)
    centred = vertices - vertices.mean(0)
    scale = np.abs(centred).max()
    if scale == 0:
        return np.zeros(len(triangles), bool)
    centred /= scale  # products of lengths neither underflow nor overflow
    corners = np.stack([a, b, c])
    sides = []
    for coordinate in np.ascontiguousarray(centred.T):
        p, q, r = coordinate[corners]
        sides.append((q - p, r - p))
    (ux, vx), (uy, vy), (uz, vz) = sides
    doubled = np.square(uy * vz - uz * vy) + np.square(uz * vx - ux * vz) + np.square(ux * vy - uy * vx)
    longest = np.maximum(ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz)
    return distinct & (doubled > (FLATTEST * longest) ** 2)


def _all_differ(keys: np.ndarray) -> bool:
    """Sorting alone is several times as fast as finding which are equal, and most often none are."""
    keys = np.sort(keys)
    return not (keys[1:] == keys[:-1]).any()


def _without_doubles(triangles: np.ndarray, vertex_count: int) -> np.ndarray:
    """One of each set of equally turned copies; back-to-back copies go where a whole shell was drawn twice.

    Two closed shells that share a wall also lie back to back there: those faces are kept, they part the shells.
    """
    a, b, c = np.ascontiguousarray(triangles.T)
    lowest, highest = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    key = _key(lowest, a + b + c - lowest - highest, highest, vertex_count)
    if _all_differ(key):
        return triangles
    turned = 2 * key + ((a < b) ^ (b < c) ^ (c < a))
    kept = np.unique(turned, return_index=True)[1]
    kept.sort()
    triangles, key = triangles[kept], turned[kept] // 2
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    pair_first = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(pair_first) == 0:
        return triangles
    paired = np.zeros(len(triangles), bool)
    paired[order[pair_first]] = paired[order[pair_first + 1]] = True
    shell = vertex_components(triangles, vertex_count)[triangles[:, 0]]
    share = np.bincount(shell[paired], minlength=shell.max() + 1) / np.bincount(shell)
    second = np.zeros(len(triangles), bool)
    second[np.maximum(order[pair_first], order[pair_first + 1])] = True
    return triangles[~(second & (share[shell] >= DOUBLE_SIDED))]


def _key(a: np.ndarray, b: np.ndarray, c: np.ndarray, count: int) -> np.ndarray:
    """One integer for each distinct triple of vertices."""
    if count < 1 << 20:
        return (a * count + b) * count + c
    _, pair = np.unique(a * count + b, return_inverse=True)
    return pair.reshape(-1) * count + c


def vertex_components(triangles: np.ndarray, vertex_count: int) -> np.ndarray:
    """(V,) int32 label of the piece of mesh each vertex belongs to."""
    rows = np.concatenate([triangles[:, 0], triangles[:, 1]])
    columns = np.concatenate([triangles[:, 1], triangles[:, 2]])
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), (vertex_count, vertex_count))
    return connected_components(graph.tocsr(), directed=False)[1]
