"""Looking up cells of a Solid by their place in the grid."""

from __future__ import annotations

import numpy as np

from ...anatomy import Solid


def cell_grid(solid: Solid) -> np.ndarray:
    """Index of the cell at each grid position plus one, -1 where there is none; one empty layer all around."""
    grid = np.full(tuple(solid.cells.max(0) + 3), -1, np.int32)
    grid[tuple(solid.cells.T + 1)] = np.arange(len(solid.cells), dtype=np.int32)
    return grid


def cells_at(solid: Solid, points: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """The cell that holds each point (N, 3), -1 for a point in no cell; `grid` is `cell_grid(solid)`."""
    places = np.round((points - solid.origin) / solid.spacing).astype(np.int64) + 1
    return grid[tuple(np.clip(places, 0, np.array(grid.shape) - 1).T)]


def neighbours6(solid: Solid, cells: np.ndarray) -> np.ndarray:
    """Cells on the six sides of `cells` (M,), (M, 6) in the order -x +x -y +y -z +z, -1 where there is none."""
    grid = cell_grid(solid)
    places = solid.cells[cells] + 1
    sides = []
    for axis in range(3):
        for step in (-1, 1):
            moved = places.copy()
            moved[:, axis] += step
            sides.append(grid[tuple(moved.T)])
    return np.stack(sides, 1)


def is_mirrored(solid: Solid) -> bool:
    """Whether the solid is its own mirror image in the plane x = 0."""
    low, high = int(solid.cells[:, 0].min()), int(solid.cells[:, 0].max())
    if abs(2 * solid.origin[0] + solid.spacing * (low + high)) > 1e-3 * solid.spacing:
        return False
    twin = mirror_cells(solid)
    return twin is not None and bool(np.allclose(solid.depth, solid.depth[twin], atol=0.1 * solid.spacing))


def mirror_cells(solid: Solid) -> np.ndarray | None:
    """The cell at the place of each cell's image when x is reversed, (C,); None when some cell has no image."""
    places = solid.cells.copy()
    places[:, 0] = places[:, 0].min() + places[:, 0].max() - places[:, 0]
    twin = cell_grid(solid)[tuple(places.T + 1)]
    return None if (twin < 0).any() else twin
