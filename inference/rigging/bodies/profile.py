"""A limb seen from its tip: what a walk through the solid meets, slice by slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph, csr_matrix

from ...anatomy import Solid


@dataclass(frozen=True)
class Profile:
    """Slices of equal geodesic distance from a start cell. N slices, each `step` thick."""

    step: float
    area: np.ndarray  # (N,) volume of the slice over its thickness
    centre: np.ndarray  # (N, 3) mean of the slice's cells
    radius: np.ndarray  # (N,) deepest depth in the slice

    def at(self, distance: float) -> np.ndarray:
        """The middle of the limb at a distance from its tip, (3,)."""
        place = np.clip(distance / self.step - 0.5, 0, len(self.area) - 1)
        below = int(np.floor(place))
        above = min(below + 1, len(self.area) - 1)
        return self.centre[below] + (place - below) * (self.centre[above] - self.centre[below])

    def radius_at(self, distance: float) -> float:
        """The shape around the middle of the limb at a distance from its tip."""
        return float(self.radius[int(np.clip(distance / self.step, 0, len(self.area) - 1))])


def distances(graph: csr_matrix, start: int | np.ndarray, limit: float = np.inf) -> np.ndarray:
    """Geodesic distance of every cell from the nearest start cell, (C,); inf where it cannot be reached."""
    starts = np.atleast_1d(start)
    return csgraph.dijkstra(graph, directed=False, indices=starts, limit=limit, min_only=True)


def profile(solid: Solid, distance: np.ndarray, step: float, chosen: np.ndarray | None = None) -> Profile:
    """Slices of the cells by their distance (C,), of the chosen cells only."""
    reached = np.isfinite(distance) if chosen is None else np.isfinite(distance) & chosen
    band = (distance[reached] / step).astype(int)
    count = np.bincount(band)
    last = int(np.argmax(count == 0)) if (count == 0).any() else len(count)
    centres = solid.centres[reached]
    total = np.maximum(count, 1)
    centre = np.stack([np.bincount(band, centres[:, k]) / total for k in range(3)], axis=1)
    radius = np.zeros(len(count))
    np.maximum.at(radius, band, solid.depth[reached])
    area = count * solid.spacing**3 / step
    return Profile(step, area[:last], centre[:last], radius[:last])
