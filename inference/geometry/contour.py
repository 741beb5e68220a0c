"""Grid -> Mesh: the closed surface where a field is zero, by marching cubes."""

from __future__ import annotations

from dataclasses import replace

import igl
import numpy as np
from scipy import ndimage

from ..anatomy import Grid, Mesh

CUBE = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)])
CRUMB = 0.01  # of the inside: smaller pieces are what a field has left in empty space
LEAST = 1e-6  # of the spacing: the surface stays that far from the grid's places, or triangles would have no area


def contour(grid: Grid) -> Mesh:
    """The surface, watertight and oriented outwards; it has no triangles where nothing is inside.

    What is not known is inside where most of what is known around it is, and outside elsewhere: so it adds no shells of
    its own within the shape, and closes the surface where it comes to the end of what is known.
    """
    values, origin = np.asarray(closed(grid).values), np.asarray(grid.origin, np.float64)
    if _reaches_the_border(values):
        values, origin = np.pad(values, 1, constant_values=-grid.spacing), origin - grid.spacing
    return _marched(values, origin, grid.spacing)


def thickened(chances: np.ndarray, blur: float) -> np.ndarray:
    """Chances of cells (X, Y, Z) with each cell as likely as its likeliest neighbour, blurred by so many cells."""
    return ndimage.gaussian_filter(ndimage.maximum_filter(chances, 3), blur)


def closed(grid: Grid) -> Grid:
    """The same field with a value for every place."""
    if grid.known is None or grid.known.all():
        return replace(grid, known=None)
    values = np.where(grid.known, grid.values, -grid.spacing)
    gap = _labelled(~grid.known)
    balance = np.zeros(int(gap.max()) + 1, np.int64)  # known places next to each gap: those inside less those outside
    for axis in range(3):
        lower, upper = (_cut(axis, slice(None, -1)), _cut(axis, slice(1, None)))
        for here, there in ((lower, upper), (upper, lower)):
            beside = (gap[here] > 0) & grid.known[there]
            np.add.at(balance, gap[here][beside], np.where(values[there][beside] > 0, 1, -1))
    values[(balance > 0)[gap] & ~grid.known] = grid.spacing
    return Grid(grid.origin, grid.spacing, values)


def without_crumbs(grid: Grid, most: int | None = None) -> Grid:
    """The field without pieces that are less than CRUMB of the inside; with `most`, the largest so many at most."""
    grid = closed(grid)
    piece = _labelled(grid.values > 0)
    cells = np.bincount(piece.ravel())
    cells[0] = 0
    kept = cells >= CRUMB * cells.sum()
    if most is not None and kept.sum() > most:
        kept[np.argsort(-cells, kind="stable")[most:]] = False
    kept[0] = True
    return replace(grid, values=np.where(kept[piece], grid.values, -np.abs(grid.values)))


def count_pieces(grid: Grid) -> int:
    """How many pieces the inside has, crumbs left out."""
    return int(_labelled(without_crumbs(grid).values > 0).max())


def _marched(values: np.ndarray, origin: np.ndarray, spacing: float) -> Mesh:
    """Marching cubes over the cubes that the surface crosses."""
    inside = values > 0
    sides: tuple[int, ...] = values.shape
    mixed = np.zeros(tuple(n - 1 for n in sides), np.int8)
    for x, y, z in CUBE:
        mixed += inside[x : x + mixed.shape[0], y : y + mixed.shape[1], z : z + mixed.shape[2]]
    cubes = np.argwhere((mixed > 0) & (mixed < 8))
    if len(cubes) == 0:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    strides = np.array([sides[1] * sides[2], sides[2], 1])
    corners = (cubes @ strides)[:, None] + CUBE @ strides  # (N, 8)
    used, index = np.unique(corners, return_inverse=True)
    field = -values.reshape(-1)[used].astype(np.float64)
    least = LEAST * spacing
    field = np.where(np.abs(field) < least, np.where(inside.reshape(-1)[used], -least, least), field)
    points = origin + spacing * np.stack(np.unravel_index(used, values.shape), 1)
    vertices, triangles, _ = igl.marching_cubes(field, points, index.reshape(-1, 8).astype(np.int64), 0.0)
    return Mesh(np.asarray(vertices, np.float64), np.asarray(triangles, np.int32))


def _labelled(cells: np.ndarray) -> np.ndarray:
    """Which piece each cell is of, from 1 on; 0 where there is none."""
    label = np.empty(cells.shape, np.int32)
    ndimage.label(cells, output=label)
    return label


def _reaches_the_border(values: np.ndarray) -> bool:
    """Something of the outermost layer is inside."""
    return any((values[_cut(axis, end)] > 0).any() for axis in range(3) for end in (0, -1))


def _cut(axis: int, part: int | slice) -> tuple[int | slice, ...]:
    """A part of the grid along one axis."""
    return tuple(part if each == axis else slice(None) for each in range(3))
