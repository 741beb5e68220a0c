"""Cells -> CurveSkeleton: cells are taken away from the outside as long as the topology stays what it is.

A cell may go when it is simple: what is left of the inside around it hangs together, and so does the outside that it
touches. Cells of one of eight interleaved lattices are never neighbours, so all simple ones of a lattice may go at
once. Those near the surface go first, so that what is left runs through the middle.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ...anatomy import CurveSkeleton

TWIG = 1.8  # radii; from the middle of a box to its corner it is the root of 3
SMOOTHED = 3  # rounds in which points go halfway to the middle of their two neighbours
BESIDE = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if (x, y, z) != (0, 0, 0)])
APART = np.abs(BESIDE[:, None] - BESIDE[None])
TOUCHING = (APART.max(2) == 1).astype(np.float32)  # cells around a cell that share a face, an edge or a corner
SHARING = (APART.sum(2) == 1).astype(np.float32)  # ... that share a face
FACES = np.abs(BESIDE).sum(1) == 1  # those that share a face with the cell in the middle
NO_CORNERS = np.abs(BESIDE).sum(1) <= 2
Radii = Callable[[np.ndarray], np.ndarray]
"""Distances (P,) to the surface at points (P, 3)."""


def cell_curves(cells: np.ndarray, origin: np.ndarray, spacing: float, radii: Radii) -> CurveSkeleton:
    """Centre lines of cells (X, Y, Z) bool, the first of which has its middle at `origin`, without short side branches.

    Hollows count as full: their shells would be left over otherwise.
    """
    thin = np.argwhere(thinned(np.asarray(ndimage.binary_fill_holes(cells), bool)))
    edges = linked(thin)
    points = origin + spacing * _smoothed(thin.astype(float), edges)
    kept = without_twigs(points, edges, radii(points) if len(points) else np.zeros(0))
    place = np.cumsum(kept) - 1
    edges = place[edges[kept[edges].all(1)]].astype(np.int32).reshape(-1, 2)
    points = points[kept]
    found = np.maximum(radii(points), spacing / 4) if len(points) else np.zeros(0)
    return CurveSkeleton(points, found, edges, _pieces(len(points), edges))


def thinned(cells: np.ndarray) -> np.ndarray:
    """What is left of cells (X, Y, Z) bool: lines, and shells around hollows."""
    left = np.pad(cells, 1)
    depth = np.ceil(np.asarray(ndimage.distance_transform_edt(left), float)).astype(int)
    for level in range(1, int(depth.max()) + 1):
        changed = True
        while changed:
            changed = False
            for lattice in np.ndindex(2, 2, 2):
                gone = _removable(left, depth, level, lattice)
                left[tuple(gone.T)] = False
                changed |= len(gone) > 0
    return left[1:-1, 1:-1, 1:-1]


def _removable(left: np.ndarray, depth: np.ndarray, level: int, lattice: tuple[int, ...]) -> np.ndarray:
    """Cells (N, 3) of a lattice that are no deeper than `level`, simple, and no tip of a line."""
    some = tuple(slice(start, None, 2) for start in lattice)
    cells = 2 * np.argwhere(left[some] & (depth[some] <= level)) + lattice
    around = left[tuple(np.moveaxis(cells[:, None] + BESIDE, 2, 0))]  # (N, 26)
    outer = ~around[:, FACES].all(1) & (around.sum(1) > 1)
    cells, around = cells[outer], around[outer]
    inside = _hangs_together(around, around, TOUCHING)
    outside = ~around & NO_CORNERS
    return cells[inside & _hangs_together(outside, outside & FACES, SHARING)]


def _hangs_together(cells: np.ndarray, wanted: np.ndarray, touching: np.ndarray) -> np.ndarray:
    """Whether each row's `wanted` cells (N, 26) are joined by ways through its `cells`, (N,) bool."""
    reached = np.zeros_like(cells)
    rows = np.flatnonzero(wanted.any(1))
    reached[rows, wanted[rows].argmax(1)] = True
    while True:
        grown = (reached | (reached.astype(np.float32) @ touching > 0)) & cells
        if (grown == reached).all():
            return (reached >= wanted).all(1) & wanted.any(1)
        reached = grown


def linked(cells: np.ndarray) -> np.ndarray:
    """Edges (E, 2) between cells (N, 3) that touch, lower number first, as few as have all loops of the cells.

    Where three cells touch each other, one of the three edges says nothing new. The triangles' matrix, reduced from the
    longest edge of each, names all edges that the shorter ones make up for.
    """
    if len(cells) < 2:
        return np.zeros((0, 2), np.int32)
    pairs = KDTree(cells).query_pairs(1.8, output_type="ndarray")
    length = np.abs(cells[pairs[:, 0]] - cells[pairs[:, 1]]).sum(1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0], length))]
    number = {(a, b): k for k, (a, b) in enumerate(pairs.tolist())}
    beside: list[set[int]] = [set() for _ in cells]
    for a, b in number:
        beside[a].add(b)
        beside[b].add(a)
    columns: dict[int, set[int]] = {}
    for (a, b), k in number.items():
        for c in beside[a] & beside[b]:
            if c > b:
                column = {k, number[a, c], number[b, c]}
                while column and max(column) in columns:
                    column ^= columns[max(column)]
                if column:
                    columns[max(column)] = column
    kept = pairs[[k for k in range(len(pairs)) if k not in columns]]
    return kept[np.lexsort((kept[:, 1], kept[:, 0]))].astype(np.int32).reshape(-1, 2)


def without_twigs(points: np.ndarray, edges: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Which points (P,) bool are left when side branches go that are hardly longer than the ball they begin in."""
    beside: list[list[int]] = [[] for _ in points]
    for a, b in edges.tolist():
        beside[a].append(b)
        beside[b].append(a)
    kept = np.ones(len(points), bool)
    for tip in [k for k, near in enumerate(beside) if len(near) == 1]:
        twig, before, here, length = [tip], -1, tip, 0.0
        while len(beside[here]) <= 2:
            onward = [k for k in beside[here] if k != before]
            if not onward:
                break
            before, here = here, onward[0]
            length += float(np.linalg.norm(points[here] - points[before]))
            twig.append(here)
        if len(beside[here]) > 2 and length < TWIG * radii[here]:
            kept[twig[:-1]] = False
    return kept


def _smoothed(points: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Points between two others, drawn to their middle; junctions and tips stay."""
    both = np.concatenate([edges, edges[:, ::-1]])
    degree = np.bincount(both[:, 0], minlength=len(points))
    between = degree == 2
    for _ in range(SMOOTHED):
        total = np.stack([np.bincount(both[:, 0], points[both[:, 1], k], len(points)) for k in range(3)], 1)
        points = np.where(between[:, None], points / 2 + total / 2 / np.maximum(degree, 1)[:, None], points)
    return points


def _pieces(count: int, edges: np.ndarray) -> np.ndarray:
    """Which connected piece each point lies in, the largest first, (P,) int32."""
    if count == 0:
        return np.zeros(0, np.int32)
    graph = coo_matrix((np.ones(len(edges), bool), (edges[:, 0], edges[:, 1])), shape=(count, count))
    label = connected_components(graph, directed=False)[1]
    order = np.argsort(-np.bincount(label), kind="stable")
    return np.argsort(order)[label].astype(np.int32)
