"""Narrow gaps and hollows in a solid on a grid, closed: what a ball of some radius cannot enter from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

NEAR = 1.5  # grid points from the surface up to which its distance is known exactly


@dataclass(frozen=True)
class Gaps:
    """Which gaps are closed."""

    radius: float  # of the ball that is too large for them
    may_close: Callable[[np.ndarray], np.ndarray]  # points (N, 3) -> (N,) whether it may be inside


def close_gaps(field: np.ndarray, origin: np.ndarray, spacing: float, gaps: Gaps) -> np.ndarray:
    """A signed distance (X, Y, Z), negative inside, with the gaps filled; `origin` (3,) is the first grid point."""
    inside, reach = field < 0, gaps.radius / spacing
    room = int(np.ceil(reach)) + 1
    away = np.where(
        np.abs(field) < NEAR * spacing, field / spacing, np.asarray(ndimage.distance_transform_edt(~inside))
    )
    swollen = np.asarray(ndimage.distance_transform_edt(np.pad(away <= reach, room)))
    shrunk = (reach - swollen[(slice(room, -room),) * 3]) * spacing
    hollow = np.asarray(ndimage.binary_fill_holes(inside | (shrunk < 0))) & ~inside
    depth = np.where(shrunk < 0, shrunk, -spacing / 2)
    places = np.argwhere(hollow)
    places = places[gaps.may_close(origin + spacing * places)]
    closed, where = field.copy(), tuple(places.T)
    closed[where] = np.minimum(field[where], depth[where])
    return closed
