"""A light stand-in for a dense surface: clusters of neighbouring vertices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from ...anatomy import Mesh
from ...geometry.mesh.clean import vertex_components

MOST_VERTICES = 24_000  # up to here a surface is its own proxy
SPARE = 7 / 6  # boxes of the grid for each vertex that is wanted, for many hold none
CHUNK = 40_000  # vertices handled at a time on the way back, to need little memory


@dataclass(frozen=True)
class Proxy:
    """A coarse surface whose vertices are the means of clusters; clusters never bridge a gap of the surface."""

    mesh: Mesh
    piece: np.ndarray  # (P,) int32, connected piece of each proxy vertex
    cluster: np.ndarray  # (V,) int32, proxy vertex of each vertex
    reach: float  # radius over which proxy vertices are blended on the way back, 0 when the proxy is the surface


def make_proxy(mesh: Mesh, most: int = MOST_VERTICES) -> Proxy:
    """The surface itself when it has at most `most` vertices. Every vertex of `mesh` must belong to a triangle."""
    count = len(mesh.vertices)
    if count <= most:
        return Proxy(mesh, vertex_components(mesh.triangles, count), np.arange(count, dtype=np.int32), 0.0)
    corners = mesh.vertices[mesh.triangles]
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    size = max(float(np.sqrt(2 * area / (SPARE * most))), 1e-6)
    cluster = _clusters(mesh, size)
    clusters = int(cluster.max()) + 1
    population = np.bincount(cluster, minlength=clusters)
    centres = np.stack([np.bincount(cluster, mesh.vertices[:, k], clusters) for k in range(3)], 1)
    faces = cluster[mesh.triangles]
    a, b, c = faces.T
    faces = np.unique(np.sort(faces[(a != b) & (b != c) & (c != a)], axis=1), axis=0)
    coarse = Mesh(centres / population[:, None], faces.astype(np.int32))
    piece = np.zeros(clusters, np.int32)
    piece[cluster] = vertex_components(mesh.triangles, count)
    return Proxy(coarse, piece, cluster.astype(np.int32), 2 * size)


def _clusters(mesh: Mesh, size: float) -> np.ndarray:
    """Vertices in one box of a grid that are linked inside it, (V,); the grid is symmetric about the origin."""
    place = (np.sign(mesh.vertices) * np.ceil(np.abs(mesh.vertices) / size)).astype(np.int64)
    place -= place.min(0)
    span = place.max(0) + 1
    box = (place[:, 0] * span[1] + place[:, 1]) * span[2] + place[:, 2]
    first = mesh.triangles[:, [0, 1]].ravel()
    second = mesh.triangles[:, [1, 2]].ravel()
    inner = box[first] == box[second]
    links = coo_matrix((np.ones(inner.sum(), np.int8), (first[inner], second[inner])), (len(box), len(box)))
    return connected_components(links.tocsr(), directed=False)[1]


def on_surface(proxy: Proxy, vertices: np.ndarray, values: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Values (P, B) at the proxy's vertices carried to the vertices (V, 3) of the surface, a chunk at a time."""
    count = len(vertices)
    if proxy.reach == 0.0:
        yield slice(0, count), values
        return
    around = _neighbours(proxy.mesh)
    for start in range(0, count, CHUNK):
        part = slice(start, min(start + CHUNK, count))
        yield part, _blend(proxy, around, vertices[part], part) @ values


def _neighbours(mesh: Mesh) -> csr_matrix:
    count = len(mesh.vertices)
    a, b, c = mesh.triangles.T
    own = np.arange(count)
    rows, columns = np.concatenate([a, b, c, b, c, a, own]), np.concatenate([b, c, a, a, b, c, own])
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (count, count))


def _blend(proxy: Proxy, around: csr_matrix, points: np.ndarray, part: slice) -> csr_matrix:
    """Shares of the proxy vertices around each point, (N, P); nearer ones count more."""
    blend = around[proxy.cluster[part]].tocsr()
    row = np.repeat(np.arange(len(points)), np.diff(blend.indptr))
    squared = np.square(points[row] - proxy.mesh.vertices[blend.indices]).sum(1)
    share = np.square(np.maximum(1 - squared / proxy.reach**2, 1e-6))
    blend.data = (share / np.bincount(row, share, len(points))[row]).astype(np.float32)
    return blend
