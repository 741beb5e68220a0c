"""Skeleton points -> skeletal volumes: cells that hold points, dilated, with closed hollows filled.

The cube has side 1 around the origin; a point p lies in cell floor(p R + R / 2), which is p R + (R + 1) / 2 rounded for
those who count cells from 1.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from training.datasets.store.records import Volume

FINE = 256  # from this resolution on lines and sheets are made five cells thick, three below it


def skeletal_volume(points: np.ndarray, resolution: int) -> Volume:
    """The volume around the points (N, 3) of a skeleton inside the cube [-0.5, 0.5]^3."""
    cells = np.zeros((resolution,) * 3, bool)
    cells[tuple(cells_of(points, resolution).T)] = True
    return Volume.of(filled(dilated(cells, 5 if resolution >= FINE else 3)))


def cells_of(points: np.ndarray, resolution: int) -> np.ndarray:
    """The cell of each point, (N, 3) int; those on the cube's upper faces or outside count for the outermost cells."""
    return np.clip(np.floor(points * resolution + resolution / 2), 0, resolution - 1).astype(np.int64)


def dilated(cells: np.ndarray, width: int) -> np.ndarray:
    """Every full cell becomes a cube of `width` cells: what max-pooling with stride 1 does."""
    for axis in range(3):
        cells = ndimage.maximum_filter1d(cells.view(np.uint8), width, axis=axis, mode="constant").view(bool)
    return cells


def filled(cells: np.ndarray) -> np.ndarray:
    """Hollows that no way along the cells' sides leads into become full."""
    full = np.argwhere(cells.any((1, 2))), np.argwhere(cells.any((0, 2))), np.argwhere(cells.any((0, 1)))
    if len(full[0]) == 0:
        return cells
    box = tuple(slice(int(part[0, 0]), int(part[-1, 0]) + 1) for part in full)
    around = np.pad(cells[box], 1)
    label = np.empty(around.shape, np.int32)
    ndimage.label(~around, output=label)
    result = cells.copy()
    result[box] = (label != label[0, 0, 0])[1:-1, 1:-1, 1:-1]
    return result


def points_for(resolution: int) -> int:
    """How many skeleton points leave no gap in the sheets of a volume: four for each cell of one side of the cube."""
    return max(5_000, 4 * resolution**2)
