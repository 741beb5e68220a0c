"""Triangle soup -> Solid."""

from __future__ import annotations

import igl
import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from ..anatomy import Mesh, Solid

CELL_BUDGET = 500_000


def make_solid(mesh: Mesh) -> Solid:
    """The volume `mesh` stands for."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    extent = high - low
    spacing = max(extent.max() / 140, (np.prod(np.maximum(extent, extent.max() / 140)) / CELL_BUDGET) ** (1 / 3))
    shape = np.ceil(extent / spacing).astype(int) + 3
    origin = (low + high) / 2 - spacing * (shape - 1) / 2
    grid = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1).reshape(-1, 3)
    winding = igl.fast_winding_number(mesh.vertices, mesh.triangles.astype(np.int64), origin + spacing * grid)
    inside = (np.abs(winding) > 0.5).reshape(shape)
    samples = mesh.vertices[mesh.triangles].mean(1)
    samples = np.concatenate([samples, mesh.vertices[np.unique(mesh.triangles)]])
    places = np.round((samples - origin) / spacing).astype(int)
    near = ndimage.binary_dilation(inside, np.ones((3, 3, 3)))
    missing = places[~near[tuple(places.T)]]
    thin = np.zeros_like(inside)
    thin[tuple(missing.T)] = True
    index = np.full(shape, -1)
    cells = np.argwhere(inside | thin)
    index[tuple(cells.T)] = np.arange(len(cells))
    depth = np.sqrt(np.asarray(igl.point_mesh_squared_distance(
        origin + spacing * cells, mesh.vertices, mesh.triangles.astype(np.int64))[0]))
    links = []
    for step in np.argwhere(np.ones((3, 3, 3)))[14:] - 1:
        there = index[tuple(np.minimum(cells + step, shape - 1).T)]
        links.append(np.stack([np.arange(len(cells)), there], 1)[there >= 0])
    link_array = np.concatenate(links).astype(np.int32)
    n = len(cells)
    graph = sparse.coo_matrix((np.ones(len(link_array)), link_array.T), (n, n))
    label = csgraph.connected_components(graph, directed=False)[1]
    rank = np.argsort(np.argsort(-np.bincount(label), kind="stable"))
    return Solid(origin, spacing, cells.astype(np.int32), np.maximum(depth, spacing / 4),
                 thin[tuple(cells.T)], link_array, rank[label].astype(np.int32))
