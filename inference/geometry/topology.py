"""How many pieces, loops and hollows a solid has.

Cells are the corners of a complex, and every set of cells that are linked pair by pair is one of its simplices. Without
blocked links that complex has the topology of the cells' union as closed cubes.
"""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from scipy import ndimage

from ..anatomy import Solid

CORNERS = tuple(product((0, 1), repeat=3))  # a block of eight cells; all cells of a simplex lie in one
SIDES = tuple(combinations(range(8), 2))


def betti_numbers(solid: Solid) -> tuple[int, int, int]:
    """Pieces, independent loops and closed hollows."""
    pieces = int(solid.component.max()) + 1 if len(solid.cells) else 0
    hollows = _hollows(solid)
    return pieces, pieces + hollows - euler_characteristic(solid), hollows


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
    """Regions of the background that cells enclose without a missing link in their walls."""
    shape = tuple(int(n) + 3 for n in solid.cells.max(0))
    filled = np.zeros(shape, bool)
    filled[tuple((solid.cells + 1).T)] = True
    label, count = ndimage.label(~filled)
    if count <= 1:
        return 0
    return count - 1 - len(_open_hollows(solid, label, count))


def _open_hollows(solid: Solid, label: np.ndarray, count: int) -> set[int]:
    """Enclosed regions beside which two neighbouring cells are not linked."""
    index = np.full(label.shape, -1, np.int64)
    index[tuple((solid.cells + 1).T)] = np.arange(len(solid.cells))
    linked = np.unique(solid.links[:, 0].astype(np.int64) * len(solid.cells) + solid.links[:, 1])
    opened = set()
    for hollow, box in enumerate(ndimage.find_objects(label), start=1):
        if hollow == label[0, 0, 0] or hollow > count:
            continue
        wide = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in box)
        wall = ndimage.binary_dilation(label[wide] == hollow, np.ones((3, 3, 3))) & (index[wide] >= 0)
        cells = index[wide][wall]
        position = solid.cells[cells]
        near = np.full(tuple(position.max(0) - position.min(0) + 3), -1, np.int64)
        local = position - position.min(0) + 1
        near[tuple(local.T)] = cells
        for step in product((-1, 0, 1), repeat=3):
            if step > (0, 0, 0):
                there = near[tuple((local + step).T)]
                pairs = (cells * len(solid.cells) + there)[there >= 0]
                if (linked[np.searchsorted(linked, pairs).clip(max=len(linked) - 1)] != pairs).any():
                    opened.add(hollow)
    return opened
