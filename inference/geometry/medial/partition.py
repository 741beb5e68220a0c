"""The solid cut into one region around each sphere, and where those regions touch.

The solid is read as closed cubes glued along grid corners; where a surface runs between two cells, the corners they
share are doubled, so what lies on both sides of it stays apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from ...anatomy import Solid

CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])  # (8, 3)
CUBE_EDGES = np.array(  # (12, 2) corners
    [
        (a, b)
        for a, b in combinations(range(8), 2)
        if (CORNERS[b] >= CORNERS[a]).all() and (CORNERS[b] - CORNERS[a]).sum() == 1
    ]
)
CUBE_FACES = np.array([np.flatnonzero(CORNERS[:, axis] == side) for axis in range(3) for side in (0, 1)])  # (6, 4)
_DIRECTIONS = {12: (CORNERS[CUBE_EDGES[:, 1]] - CORNERS[CUBE_EDGES[:, 0]]) @ [0, 1, 2], 6: np.arange(6) // 2}


@dataclass(frozen=True)
class Corners:
    """The corners of the cells as points of one glued body."""

    points: np.ndarray  # (C, 8) int, equal where two cells are joined there
    whole: int  # points from this number on stand for a grid corner that a surface doubles


@dataclass(frozen=True)
class Contacts:
    """Where regions touch: patches of common border between two, and points common to three."""

    pairs: np.ndarray  # (P, 2) int, the two regions of a patch, lower first
    sizes: np.ndarray  # (P,) int, grid corners in the patch
    places: np.ndarray  # (P,) int, a cell beside the patch, the deepest
    triples: np.ndarray  # (T, 3) int, patches that meet at one point, each between two of the same three regions


def partition(graph: csr_matrix, seeds: np.ndarray, head_start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The seed each cell is nearest to along the links, (C,) int (-1: none), and how far, (C,).

    `head_start` (S,) shortens the way from a seed, usually by its sphere's radius. Regions are connected by links.
    """
    cells, count = len(graph.indptr) - 1, len(seeds)
    delay = head_start.max() - head_start + 1e-9
    joined = csr_matrix(
        (
            np.concatenate([graph.data, delay]),
            np.concatenate([graph.indices, seeds]),
            np.concatenate([graph.indptr, graph.indptr[-1] + np.arange(1, count + 1)]),
        ),
        (cells + count, cells + count),
    )
    distance, _, source = dijkstra(
        joined, indices=np.arange(cells, cells + count), return_predecessors=True, min_only=True
    )
    return np.where(source[:cells] < 0, -1, source[:cells] - cells), distance[:cells]


def glued_corners(solid: Solid) -> Corners:
    """Number the corners of all cells."""
    shape = solid.cells.max(0).astype(np.int64) + 2
    weights = np.array([shape[1] * shape[2], shape[2], 1])
    place = (solid.cells @ weights)[:, None] + CORNERS @ weights  # (C, 8)
    used = np.zeros(int(shape.prod()), bool)
    used[place] = True
    rank = np.cumsum(used) - 1
    points, whole = rank[place], int(rank[-1]) + 1
    cut = _cut_corners(solid, points)
    return Corners(points if len(cut) == 0 else _doubled(solid, points, cut, whole), whole)


def _link_codes(solid: Solid) -> np.ndarray:
    """Whether each cell is linked to its neighbour in direction 9 dx + 3 dy + dz = 1..13, (C, 14) bool."""
    linked = np.zeros((len(solid.cells), 14), bool)
    steps = solid.cells[solid.links[:, 1]] - solid.cells[solid.links[:, 0]]
    linked[solid.links[:, 0], steps @ np.array([9, 3, 1])] = True
    return linked


def _cut_corners(solid: Solid, corners: np.ndarray) -> np.ndarray:
    """Corners (as numbered) shared by two neighbouring cells that are not linked."""
    linked, found = _link_codes(solid), []
    for step in np.argwhere(np.ones((3, 3, 3)))[14:] - 1:
        there = solid.grid[tuple((solid.cells + 1 + step).T)]
        cut = np.flatnonzero((there >= 0) & ~linked[:, step @ np.array([9, 3, 1])])
        shared = ((step == 0) | ((step + 1) // 2 == CORNERS)).all(1)
        found.append(corners[cut][:, shared].ravel())
    return np.unique(np.concatenate(found))


def _doubled(solid: Solid, corners: np.ndarray, cut: np.ndarray, free: int) -> np.ndarray:
    """Give the cells at each cut corner one number per group of linked cells, from `free` upwards."""
    slot_of = np.full(free, -1)
    slot_of[cut] = np.arange(len(cut))
    cell, k = np.nonzero(slot_of[corners] >= 0)
    place = 7 - k  # where the cell lies as seen from the corner, in the order of CORNERS
    around = np.full((len(cut), 8), -1)
    around[slot_of[corners[cell, k]], place] = cell
    linked, joins = _link_codes(solid), []
    for a, b in combinations(range(8), 2):
        code = (CORNERS[b] - CORNERS[a]) @ np.array([9, 3, 1])
        both = np.flatnonzero((around[:, a] >= 0) & (around[:, b] >= 0))
        both = both[linked[around[both, a], code]]
        joins.append(np.stack([both * 8 + a, both * 8 + b], 1))
    pairs = np.concatenate(joins)
    graph = coo_matrix((np.ones(len(pairs), np.int8), pairs.T), (len(cut) * 8, len(cut) * 8))
    group = connected_components(graph, directed=False)[1]
    corners = corners.copy()
    corners[cell, k] = free + group[slot_of[corners[cell, k]] * 8 + place]
    return corners


def euler_number(corners: Corners) -> int:
    """Euler characteristic of the whole solid."""
    points, whole = corners.points, corners.whole
    total = len(np.unique(points[points >= whole])) + int(np.count_nonzero(np.bincount(points[points < whole])))
    for parts, sign in ((CUBE_EDGES, -1), (CUBE_FACES, 1)):
        ends = points[:, parts]  # (C, 12 or 6, 2 or 4)
        plain = (ends < whole).all(2)  # such a part is known by its first corner and its direction
        direction = _DIRECTIONS[len(parts)]
        seen = np.zeros((int(direction.max()) + 1, whole), bool)
        for k in range(len(parts)):
            seen[direction[k], ends[plain[:, k], k, 0]] = True
        total += sign * (int(np.count_nonzero(seen)) + len(np.unique(_digest(ends[~plain]))))
    return total - len(points)


def euler_numbers(corners: Corners, label: np.ndarray, count: int) -> np.ndarray:
    """Euler characteristic of each region of a labelling (C,), (count,)."""
    total = -np.bincount(label, minlength=count)
    for parts, sign in ((np.arange(8)[:, None], 1), (CUBE_EDGES, -1), (CUBE_FACES, 1)):
        ends = corners.points[:, parts]
        owner = np.repeat(label, len(parts))
        _, first = np.unique(_digest(np.column_stack([owner, ends.reshape(len(owner), -1)])), return_index=True)
        total += sign * np.bincount(owner[first], minlength=count)
    return total


def _digest(rows: np.ndarray) -> np.ndarray:
    """One number per row (N, <= 5), in practice different for different rows."""
    odd = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F])
    return (rows.astype(np.uint64) * odd[: rows.shape[1]].astype(np.uint64)).sum(1)


def contacts(solid: Solid, body: Corners, label: np.ndarray) -> Contacts:
    """The patches and triple points of a labelling (C,) of the cells."""
    corners = body.points
    any_label = np.empty(int(corners.max()) + 1, label.dtype)
    any_label[corners] = label[:, None]
    mixed = np.zeros(len(any_label), bool)
    mixed[corners[any_label[corners] != label[:, None]]] = True
    cell, k = np.nonzero(mixed[corners])
    at, region, first = _groups(corners[cell, k], label[cell])
    nodes = _tuples(at, region, 2)  # (N, 3): a corner and the two regions that meet there
    regions = np.int64(label.max()) + 1
    keys = _key(nodes, regions)  # ascending is not guaranteed
    order = np.argsort(keys)
    keys = keys[order]
    nodes = nodes[order]
    patch = _joined_along_edges(corners, label, mixed, keys, regions)
    numbers = np.bincount(patch)
    _, one = np.unique(patch, return_index=True)
    beside = cell[first][np.searchsorted(_key2(at, region), _key2(nodes[:, 0], nodes[:, 1]))]
    deepest = np.lexsort((solid.depth[beside], patch))
    last = np.cumsum(numbers) - 1
    triples = _tuples(at, region, 3)
    sides = [patch[np.searchsorted(keys, _key(triples[:, [0, a, b]], regions))] for a, b in ((1, 2), (2, 3), (1, 3))]
    return Contacts(nodes[one, 1:], numbers, beside[deepest[last]], np.unique(np.stack(sides, 1), axis=0))


def _key(nodes: np.ndarray, regions: np.int64) -> np.ndarray:
    return (nodes[:, 0] * regions + nodes[:, 1]) * regions + nodes[:, 2]


def _key2(place: np.ndarray, region: np.ndarray) -> np.ndarray:
    return place.astype(np.int64) << 20 | region


def _groups(place: np.ndarray, region: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct pairs of place and region, sorted, and where each is first met."""
    keys, first = np.unique(_key2(place, region), return_index=True)
    return keys >> 20, keys & ((1 << 20) - 1), first


def _tuples(place: np.ndarray, region: np.ndarray, size: int) -> np.ndarray:
    """Every `size` regions that share a place, (N, 1 + size): the place, then the regions ascending."""
    found, count = [], len(place)
    for lags in combinations(range(1, 8), size - 1):
        start = np.arange(max(0, count - lags[-1]))
        start = start[place[start] == place[start + lags[-1]]]
        found.append(np.stack([place[start], region[start], *(region[start + lag] for lag in lags)], 1))
    return np.concatenate(found).astype(np.int64)


def _joined_along_edges(
    corners: np.ndarray, label: np.ndarray, mixed: np.ndarray, keys: np.ndarray, regions: np.int64
) -> np.ndarray:
    """The patch of each node (corner, region, region): nodes hang together along grid edges both regions touch."""
    start, end = corners[:, CUBE_EDGES[:, 0]], corners[:, CUBE_EDGES[:, 1]]
    cell, e = np.nonzero(mixed[start] & mixed[end])
    size = np.int64(len(mixed))
    edge_keys, edge = np.unique(start[cell, e] * size + end[cell, e], return_inverse=True)
    at, region, _ = _groups(edge, label[cell])
    common = _tuples(at, region, 2)
    ends = [
        np.searchsorted(keys, _key(np.column_stack([where[common[:, 0]], common[:, 1:]]), regions))
        for where in (edge_keys // size, edge_keys % size)
    ]
    graph = coo_matrix((np.ones(len(common), np.int8), (ends[0], ends[1])), (len(keys), len(keys)))
    return connected_components(graph, directed=False)[1]
