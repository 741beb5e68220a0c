"""One half of a mirror-symmetric solid, so that what is found on it is symmetric by construction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import Solid
from ..solid.cells import is_mirrored, mirror_cells

ACROSS = 0.6  # a ball whose centre is nearer to the plane than this times its radius is one with its mirror image


@dataclass(frozen=True)
class Folded:
    """Cells with x >= 0 and their links; the whole solid, unfolded, when it is not symmetric in x = 0.

    A cell on the plane is its own mirror image, or is linked to it.
    """

    whole: np.ndarray  # (N,) int, the cell of the solid
    mirror: np.ndarray  # (N,) int, its mirror image in the solid; the cell itself when nothing is folded
    place: np.ndarray  # (C,) int, for every cell of the solid its folded cell
    plane: np.ndarray  # (N,) bool, lies on the mirror plane
    foot: np.ndarray  # (N,) int, the plane's cell beside it where its ball reaches well across, or itself
    points: np.ndarray  # (N, 3), x = 0 on the plane
    depth: np.ndarray  # (N,)
    links: np.ndarray  # (K, 2) pairs of folded cells, each once
    symmetric: bool


def fold(solid: Solid) -> Folded:
    """Fold `solid` over the plane x = 0 when it is its own mirror image there, else take it as it is."""
    mirror = mirror_cells(solid) if is_mirrored(solid) else None
    if mirror is None:
        every = np.arange(len(solid.cells))
        plane = np.zeros(len(every), bool)
        return Folded(every, every, every, plane, every, solid.centres, solid.depth, solid.links, symmetric=False)
    centres = solid.centres
    right = centres[:, 0] > -0.25 * solid.spacing
    whole = np.flatnonzero(right)
    place = np.empty(len(centres), np.int64)
    place[mirror[whole]] = np.arange(len(whole))
    place[whole] = np.arange(len(whole))
    first, second = np.ascontiguousarray(solid.links.T)
    plane = mirror == np.arange(len(mirror))
    own = mirror[first] == second
    plane[first[own]] = plane[second[own]] = True
    points = centres[whole]
    points[plane[whole], 0] = 0.0
    from_right, to_right = right[first], right[second]
    direct = np.flatnonzero(from_right & to_right)
    direct = np.stack([place[first[direct]], place[second[direct]]], 1)
    across = np.flatnonzero((from_right != to_right) & ~own)
    across = np.stack([place[first[across]], place[second[across]]], 1)
    links = with_links(direct, across, points[:, 0] < 0.75 * solid.spacing)
    foot = plane_feet(solid.cells[whole], plane[whole], points[:, 0] < ACROSS * solid.depth[whole])
    return Folded(whole, mirror[whole], place, plane[whole], foot, points, solid.depth[whole], links, symmetric=True)


def plane_feet(cells: np.ndarray, plane: np.ndarray, near: np.ndarray) -> np.ndarray:
    """For cells that are `near` the plane the cell of the plane in the same row, where there is one, (N,) int."""
    row = cells[:, 1].astype(np.int64) * (cells[:, 2].max() + 1) + cells[:, 2]
    at = np.full(row.max() + 1, -1, np.int64)
    at[row[plane]] = np.flatnonzero(plane)
    own = np.arange(len(cells))
    return np.where(near & (at[row] >= 0), at[row], own)


def with_links(direct: np.ndarray, across: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The links of one half, (K, 2), with those that run across the plane folded into it, each pair once.

    `near` tells the cells beside the plane: only between those can both kinds join the same two cells.
    """
    count = np.int64(len(near))
    beside = direct[near[direct[:, 0]] & near[direct[:, 1]]]
    known = beside.min(1) * count + beside.max(1)
    found = np.setdiff1d(across.min(1) * count + across.max(1), known)
    return np.concatenate([direct, np.stack([found // count, found % count], 1)])
