"""One half of a mirror-symmetric solid, so that what is found on it is symmetric by construction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy import Solid

ALIKE = 0.1  # how well the depths of mirrored cells have to agree, in cells

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
    foot: np.ndarray  # (N,) int, the cell on the plane next to it where its inscribed ball reaches well across, or itself
    points: np.ndarray  # (N, 3), x = 0 on the plane
    depth: np.ndarray  # (N,)
    links: np.ndarray  # (K, 2) pairs of folded cells; a pair may be repeated
    symmetric: bool


def fold(solid: Solid) -> Folded:
    """Fold `solid` over the plane x = 0 when it is its own mirror image there, else take it as it is."""
    mirror = mirror_cells(solid)
    if mirror is None:
        every = np.arange(len(solid.cells))
        plane = np.zeros(len(every), bool)
        return Folded(every, every, every, plane, every, solid.centres, solid.depth, solid.links, False)
    centres = solid.centres
    whole = np.flatnonzero(centres[:, 0] > -0.25 * solid.spacing)
    place = np.empty(len(centres), np.int64)
    place[mirror[whole]] = np.arange(len(whole))
    place[whole] = np.arange(len(whole))
    first, second = solid.links.T
    plane = mirror == np.arange(len(mirror))
    crossing = mirror[first] == second
    plane[first[crossing]] = True
    plane[second[crossing]] = True
    right = centres[:, 0] > -0.25 * solid.spacing
    kept = (right[first] | right[second]) & ~crossing
    links = place[solid.links[kept]]
    points = centres[whole]
    points[plane[whole], 0] = 0.0
    foot = plane_feet(solid.cells[whole], plane[whole], points[:, 0] < ACROSS * solid.depth[whole])
    return Folded(whole, mirror[whole], place, plane[whole], foot, points, solid.depth[whole], links, True)


def plane_feet(cells: np.ndarray, plane: np.ndarray, near: np.ndarray) -> np.ndarray:
    """For cells that are `near` the plane the cell of the plane in the same row, where there is one, (N,) int."""
    row = cells[:, 1].astype(np.int64) * (cells[:, 2].max() + 1) + cells[:, 2]
    at = np.full(row.max() + 1, -1, np.int64)
    at[row[plane]] = np.flatnonzero(plane)
    own = np.arange(len(cells))
    return np.where(near & (at[row] >= 0), at[row], own)


def mirror_cells(solid: Solid) -> np.ndarray | None:
    """For every cell the index of its mirror image in x = 0, (C,); None unless the solid is its own mirror image."""
    turned = -2.0 * solid.origin[0] / solid.spacing
    if abs(turned - round(turned)) > 1e-6:
        return None
    reach = solid.cells.max(0).astype(np.int64) + 1
    x = round(turned) - solid.cells[:, 0].astype(np.int64)
    if x.min() < 0 or x.max() >= reach[0]:
        return None
    index = np.full(reach, -1, np.int64)
    index[tuple(solid.cells.T)] = np.arange(len(solid.cells))
    mirror = index[x, solid.cells[:, 1], solid.cells[:, 2]]
    if mirror.min() < 0 or np.abs(solid.depth - solid.depth[mirror]).max() > ALIKE * solid.spacing:
        return None
    count = len(mirror)
    degree = np.bincount(solid.links.ravel(), minlength=count)
    return mirror if np.array_equal(degree, degree[mirror]) else None
