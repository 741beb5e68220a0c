"""What the networks of SkeletonNet see beside pictures: points as cells, volumes around places, places in pictures.

Frame of the shape: box centred at the origin, longest side 1 at most, so that it lies in the cube from -0.5 to 0.5;
+Z is up, and it faces -Y. A volume (R, R, R) fills that cube: cell (i, j, k) has its middle at (i + 0.5) / R - 0.5.

A camera is a matrix (3, 4) from (x, y, z, 1) to (u w, v w, w): u runs from -1 at a crop's left edge to 1 at its right
one, v from its upper edge down, and w is the depth.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SHARPNESS = 2.0  # M of Eq. 6, distances measured in cells: 0.61 half a cell away, 0.14 a whole one
AROUND = 1  # cells next to a point's own that it reaches
LATTICE = 4  # cells on each side of the sub-volumes around a place
SCALES = 3  # of them, each twice as wide as the one before
BESIDE = (np.arange(LATTICE) - LATTICE // 2).astype(np.int64)  # of a sub-volume: cells from the nearest cell corner


def cell_of(points: np.ndarray, resolution: int) -> np.ndarray:
    """Points (..., 3) in units of cells: the middle of cell (0, 0, 0) is at 0."""
    return (points + 0.5) * resolution - 0.5


def offsets() -> np.ndarray:
    """From a point's own cell to those it reaches, (27, 3)."""
    steps = np.arange(-AROUND, AROUND + 1)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)


def voxels_of(points: np.ndarray, resolution: int) -> np.ndarray:
    """Points (N, P, 3) as volumes (N, 1, R, R, R) float32: what Point2Voxel makes of them, without gradients."""
    at = cell_of(points.astype(np.float32), resolution)
    cells = np.round(at).astype(np.int64)[:, :, None] + offsets()  # (N, P, 27, 3)
    away = ((cells - at[:, :, None]) ** 2).sum(3)
    inside = ((cells >= 0) & (cells < resolution)).all(3)
    volumes = np.full((len(points), resolution**3), np.inf, np.float32)
    flat = (cells[..., 0] * resolution + cells[..., 1]) * resolution + cells[..., 2]
    for volume, where, square, kept in zip(volumes, flat, away, inside, strict=True):
        np.minimum.at(volume, where[kept], square[kept])
    return np.exp(-SHARPNESS * volumes).reshape(-1, 1, resolution, resolution, resolution)


def dilated(points: np.ndarray, resolution: int) -> np.ndarray:
    """The cells that hold points (P, 3) and those next to them, (R, R, R) bool: what needs no network."""
    cells = np.zeros((resolution,) * 3, bool)
    held = np.clip(np.floor((points + 0.5) * resolution), 0, resolution - 1).astype(np.int64)
    cells[tuple(held.T)] = True
    return ndimage.maximum_filter(cells, 3, mode="constant")


def pyramid(volume: np.ndarray) -> list[np.ndarray]:
    """A volume (R, R, R) and its means over 2^3 and 4^3 cells, each with a margin of empty cells, float32."""
    found = [volume.astype(np.float32)]
    for _ in range(SCALES - 1):
        half = found[-1]
        found.append(half.reshape(half.shape[0] // 2, 2, half.shape[1] // 2, 2, half.shape[2] // 2, 2).mean((1, 3, 5)))
    return [np.pad(each, LATTICE) for each in found]


def subvolumes(levels: list[np.ndarray], points: np.ndarray) -> np.ndarray:
    """What a pyramid has around places (Q, 3), sub-volumes of 4^3 cells at each of its scales, (Q, 192) float32."""
    found = []
    for level in levels:
        resolution = len(level) - 2 * LATTICE
        corner = np.round((points + 0.5) * resolution).astype(np.int64).clip(-2, resolution + 2)
        x, y, z = (corner[:, axis, None] + BESIDE + LATTICE for axis in range(3))
        found.append(level[x[:, :, None, None], y[:, None, :, None], z[:, None, None, :]].reshape(len(points), -1))
    return np.concatenate(found, 1)


def places_in_picture(camera: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where points (Q, 3) are seen in the crop of a camera (3, 4), (Q, 2) float32 from -1 to 1, right and down."""
    seen = points @ camera[:, :3].T + camera[:, 3]
    return (seen[:, :2] / np.maximum(seen[:, 2:], 1e-3)).astype(np.float32)
