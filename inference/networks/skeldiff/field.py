"""The signed distances that a latent stands for, on a grid: asked only near the skeleton, closed everywhere else.

What is asked: of every second place of the grid, the share that is nearest to the skeleton points' balls; then all
places around those where the surface may be; then, as long as the inside reaches places that nobody asked about, these.
So the surface never ends where the asking did, and what is enclosed is inside: it has no inner shells.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from ...anatomy import SkeletalLatent
from ...progress import SILENT, Progress
from .inputs import BAND

LOW, SIZE = -1.1, 2.2  # the cube of the grid; shapes reach from -1 to 1
SHARE = 0.3  # of the places, the nearest to the skeleton
SEEDS = 16  # nearest skeleton points among which a place's ball is looked for
ROUNDS = 64  # of following the inside, at most
SURE = 1.1  # distances are told a little wrong
Distances = Callable[[np.ndarray], np.ndarray]
"""Signed distances (P,), positive inside, at points (P, 3)."""


def grid_axis(resolution: int) -> np.ndarray:
    """Where the places of the grid lie along each axis, (R,): the middles of the cube's cells."""
    return LOW + SIZE / resolution * (np.arange(resolution) + 0.5)


def grid_field(
    distances: Distances,
    latent: SkeletalLatent,
    resolution: int,
    share: float = SHARE,
    progress: Progress = SILENT,
) -> tuple[np.ndarray, np.ndarray]:
    """Values (R, R, R) float32, positive inside, and which of them were asked for (R, R, R) bool.

    The outermost layer is outside, so the surface is closed.
    """
    values = np.full((resolution,) * 3, -BAND, np.float32)
    known = np.zeros(values.shape, bool)
    axis = grid_axis(resolution)

    def ask(where: np.ndarray) -> None:
        """Fill in the places (M, 3) of the grid."""
        values[tuple(where.T)] = distances(axis[where].astype(np.float32))
        known[tuple(where.T)] = True

    # No place of a coarse cell is farther from a corner than its diagonal, and distances change no faster.
    reach = SURE * SIZE / resolution * np.sqrt(3)
    stride = 2 if reach < BAND / SURE else 1
    progress.step(0.0, "Asks around the skeleton")
    coarse = _nearest(latent, axis[::stride], share) * stride
    ask(coarse)
    if stride > 1:
        progress.step(0.3, "Asks near the surface")
        near = coarse[np.abs(values[tuple(coarse.T)]) < reach]
        wanted = np.zeros_like(known)
        wanted[tuple(near.T)] = True
        wanted = _widened(wanted)
        # Between coarse places that are deep inside, everything is.
        deep = coarse[values[tuple(coarse.T)] >= reach]
        inside = np.zeros_like(known)
        inside[tuple(deep.T)] = True
        inside = _widened(inside) & ~wanted & ~known
        values[inside] = BAND
        ask(np.argwhere(wanted & ~known))
        known |= inside
    for turn in range(ROUNDS):
        progress.step(0.8 + 0.2 * turn / ROUNDS, "Follows the surface")
        open_ends = _widened(known & (values > 0)) & ~known & ~enclosed(values)
        if not open_ends.any():
            break
        ask(np.argwhere(open_ends))
    for side in (0, -1):
        for turned in (values, values.transpose(1, 0, 2), values.transpose(2, 0, 1)):
            turned[side] = np.minimum(turned[side], -1e-3)
    hollow = enclosed(values) & (values <= 0)
    values[hollow] = BAND
    return values, known


def enclosed(values: np.ndarray) -> np.ndarray:
    """What no way through the outside leads to, the inside among it, (R, R, R) bool."""
    label = np.empty(tuple(side + 2 for side in values.shape), np.int32)
    ndimage.label(np.pad(values <= 0, 1, constant_values=True), output=label)
    return (label != label[0, 0, 0])[1:-1, 1:-1, 1:-1]


def _widened(cells: np.ndarray) -> np.ndarray:
    """With all places next to them, also across edges and corners."""
    for axis in range(3):
        cells = ndimage.maximum_filter1d(cells.view(np.uint8), 3, axis=axis, mode="constant").view(bool)
    return cells


def _nearest(latent: SkeletalLatent, axis: np.ndarray, share: float) -> np.ndarray:
    """Places (M, 3) of the lattice over `axis` that are nearest to the skeleton, less its radius: `share` of all."""
    lattice = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    near = min(SEEDS, len(latent.points))
    away, which = KDTree(latent.points).query(lattice, near)
    away, which = away.reshape(len(lattice), near), which.reshape(len(lattice), near)
    outside = (away - latent.radii[which]).min(1)
    count = max(int(np.ceil(share * len(lattice))), 1)
    chosen = np.argpartition(outside, count - 1)[:count] if count < len(lattice) else np.arange(len(lattice))
    return np.stack(np.unravel_index(np.sort(chosen), (len(axis),) * 3), 1)
