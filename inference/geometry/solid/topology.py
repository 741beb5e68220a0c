"""How many pieces, loops and hollows a solid has.

Cells are the corners of a complex, and every set of cells that are linked pair by pair is one of its simplices. Without
blocked links that complex has the topology of the cells' union as closed cubes.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import cast

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ...anatomy import Solid

CORNERS = tuple(product((0, 1), repeat=3))  # a block of eight cells; all cells of a simplex lie in one
SIDES = tuple(combinations(range(8), 2))


def betti_numbers(solid: Solid) -> tuple[int, int, int]:
    """Pieces, independent loops and closed hollows."""
    pieces = int(solid.component.max()) + 1 if len(solid.cells) else 0
    if pieces == 0:
        return 0, 0, 0
    euler = euler_characteristic(solid)
    hollows = max(_hollows(solid), euler - pieces)  # folds of thin cells may close pockets smaller than a cell
    return pieces, pieces + hollows - euler, hollows


def euler_characteristic(solid: Solid) -> int:
    """Pieces - loops + hollows, counted over the simplices of all blocks of 2 x 2 x 2 cells."""
    sides, cells = _blocks(solid)
    patterns, counts = np.unique(sides, return_counts=True)
    total = len(cells)
    for size in range(2, 9):
        for simplex in combinations(range(8), size):
            if all(any(CORNERS[k][axis] == 0 for k in simplex) for axis in (0, 1, 2)):
                need = sum(1 << SIDES.index(side) for side in combinations(simplex, 2))
                found = int(counts[(patterns & need) == need].sum())
                total += found if size % 2 else -found
    return total


def _blocks(solid: Solid) -> tuple[np.ndarray, np.ndarray]:
    """For every block that holds a link, 28 bits saying which of its sides are links; and the cells' flat places."""
    shape = solid.cells.max(0).astype(np.int64) + 3
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    place = (solid.cells + 1) @ strides  # (C,)
    step = (solid.cells[solid.links[:, 1]] - solid.cells[solid.links[:, 0]]).astype(np.int64)
    corner = np.minimum(place[solid.links[:, 0]], place[solid.links[:, 0]] + np.minimum(step, 0) @ strides)
    bits = np.zeros(int(shape.prod()), np.int32)
    direction = (step + 1) @ np.array([9, 3, 1])
    for number, (one, other) in enumerate(SIDES):
        start, end = np.array(CORNERS[one]), np.array(CORNERS[other])
        if ((end - start + 1) @ np.array([9, 3, 1])) < 13:
            continue
        chosen = corner[direction == (end - start + 1) @ np.array([9, 3, 1])]
        lowest = np.minimum(start, end)
        bits[chosen - lowest @ strides] |= np.int32(1 << number)
    used = bits[bits != 0]
    return used, place


def _hollows(solid: Solid) -> int:
    """Closed regions of the background: regions that only a gap between unlinked cells joins are one."""
    shape = tuple(int(n) + 3 for n in solid.cells.max(0))
    strides = (shape[1] * shape[2], shape[2], 1)
    place = (solid.cells.astype(np.int64) + 1) @ np.array(strides)  # (C,) in increasing order
    filled = np.zeros(shape, bool)
    filled.reshape(-1)[place] = True
    label, count = cast(tuple[np.ndarray, int], ndimage.label(~filled))
    background, filled = label.reshape(-1), filled.reshape(-1)
    linked = [_linked_ahead(solid, place, filled.size, axis) for axis in range(3)]
    gaps = [place[filled[place + strides[axis]] & ~linked[axis][place]] for axis in range(3)]
    if not any(len(gap) for gap in gaps):
        return count - 1
    node = [np.zeros(filled.size, np.int32) for _ in range(3)]
    total = count + 1
    for axis in range(3):
        node[axis][gaps[axis]] = np.arange(total, total + len(gaps[axis]))
        total += len(gaps[axis])
    one, other = [], []
    for axis, side, way in product(range(3), range(3), (1, -1)):
        if axis == side:
            continue
        start, ahead, beside = gaps[axis], strides[axis], way * strides[side]
        low = 0 if way > 0 else -strides[side]  # where the square's edges along `side` start
        for there in (
            background[start + beside],
            background[start + beside + ahead],
            node[axis][start + beside],
            node[side][start + low],
            node[side][start + low + ahead],
        ):
            one.append(node[axis][start][there > 0])
            other.append(there[there > 0])
    rows, columns = np.concatenate(one), np.concatenate(other)
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), (total, total))
    return int(connected_components(graph.tocsr(), directed=False)[0]) - 2  # node 0 and the outside do not count


def _linked_ahead(solid: Solid, place: np.ndarray, size: int, axis: int) -> np.ndarray:
    """(cells of the grid,) bool: the cell is linked to the next one along the axis."""
    step = solid.cells[solid.links[:, 1]] - solid.cells[solid.links[:, 0]]
    straight = (step[:, axis] == 1) & (np.abs(step).sum(1) == 1)
    ahead = np.zeros(size, bool)
    ahead[place[solid.links[straight, 0]]] = True
    return ahead
