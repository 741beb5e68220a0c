"""Neighbours and mirror images of a solid's cells."""

from __future__ import annotations

import numpy as np

from ...anatomy import Solid


def neighbours6(solid: Solid, cells: np.ndarray) -> np.ndarray:
    """Cells on the six sides of `cells` (M,), (M, 6) in the order -x +x -y +y -z +z, -1 where there is none."""
    grid = solid.grid
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
    twin = solid.grid[tuple(places.T + 1)]
    return None if (twin < 0).any() else twin
