"""Weights that spread over a surface like heat from the nearest bones."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import splu

from ...anatomy import Mesh
from ...geometry.mesh.surface import triangle_normals

FLATTEST_COTANGENT = 30.0  # needles would otherwise tie their corners together and spoil the solve
REACH = (1e-4, 10.0)  # distances that count: bones that lie nowhere near the shape would pull with no force at all
CONDUCTION = 0.25  # how far weights spread against the distance to the bone; less is nearer to artists, but tears more


def cotangents(mesh: Mesh) -> csr_matrix:
    """Laplacian of the surface (V, V), positive semi-definite."""
    count = len(mesh.vertices)
    corners = mesh.vertices[mesh.triangles]  # (F, 3, 3)
    rows, columns, weights = [], [], []
    for k in range(3):
        i, j = mesh.triangles[:, (k + 1) % 3], mesh.triangles[:, (k + 2) % 3]
        p, q = corners[:, (k + 1) % 3] - corners[:, k], corners[:, (k + 2) % 3] - corners[:, k]
        doubled = np.linalg.norm(np.cross(p, q), axis=1)
        cotangent = np.einsum("nk,nk->n", p, q) / np.maximum(doubled, 1e-30)
        weights.append(0.5 * np.clip(cotangent, -FLATTEST_COTANGENT, FLATTEST_COTANGENT))
        rows.append(i)
        columns.append(j)
    row, column, weight = np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)
    sides = coo_matrix((weight, (row, column)), (count, count)).tocsr()
    sides = sides + sides.T
    sides.data = np.maximum(sides.data, 0)
    return (diags(np.asarray(sides.sum(1)).ravel()) - sides).tocsr()


def vertex_areas(mesh: Mesh) -> np.ndarray:
    """A third of the area of the triangles around each vertex, (V,)."""
    third = np.linalg.norm(triangle_normals(mesh), axis=1) / 6
    return np.bincount(mesh.triangles.ravel(), np.repeat(third, 3), len(mesh.vertices))


def spread(
    laplacian: csr_matrix, areas: np.ndarray, sources: csr_matrix, distance: np.ndarray, width: float
) -> np.ndarray:
    """Weights (V, B) that follow `sources` (V, B) and blend over about `distance` (V,) times `width`.

    The surface is known by its `laplacian` (V, V) and the `areas` (V,) around its vertices.
    """
    pull = np.maximum(areas, 1e-12) / (CONDUCTION * width**2 * np.clip(distance, *REACH) ** 2)
    system = (laplacian + diags(pull)).tocsc()
    solver = splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    # One column at a time: the factors stay in the cache, which is more than twice as fast as all columns together.
    columns = np.asfortranarray(sources.toarray())
    weights = np.stack([solver.solve(pull * column) for column in columns.T], axis=1)
    weights = np.maximum(weights, 0)
    return weights / np.maximum(weights.sum(1, keepdims=True), 1e-30)
