"""What is inside: quick questions to a solid."""

from __future__ import annotations

import numpy as np

from ...anatomy import Solid

SAMPLES = 24  # places looked at along a bone
WELL_INSIDE = 0.95  # share of a bone inside the shape from which it counts as inside


class Interior:
    """A solid as a lookup: which points lie in it, how deep, and where the nearest point inside is."""

    def __init__(self, solid: Solid) -> None:
        self.solid = solid
        self.floor = float(solid.origin[2] + solid.spacing * (solid.cells[:, 2].min() - 0.5))
        self.ceiling = float(solid.origin[2] + solid.spacing * (solid.cells[:, 2].max() + 0.5))

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Whether points (N, 3) lie in the solid, (N,)."""
        return self.solid.cells_at(points) >= 0

    def depth(self, points: np.ndarray) -> np.ndarray:
        """Distance from the nearest cells of points (N, 3) to the surface, (N,)."""
        return self.solid.depth[self.solid.nearest_cells(points)]

    def pulled_in(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3), those outside moved to the nearest cell; points in the plane x = 0 stay in it."""
        outside = ~self.inside(points)
        if not outside.any():
            return points
        moved = points.copy()
        found = self.solid.centres[self.solid.tree.query(points[outside])[1]]
        moved[outside] = np.where(points[outside][:, :1] == 0.0, found * [0.0, 1.0, 1.0], found)
        return moved

    def share_inside(
        self, heads: np.ndarray, tails: np.ndarray, slack: float = 0.0, samples: int = SAMPLES
    ) -> np.ndarray:
        """The share of each bone's length that lies in the solid, or within `slack` cells of it, (B,)."""
        at = (np.arange(samples) + 0.5) / samples
        places = (heads[:, None] + at[None, :, None] * (tails - heads)[:, None]).reshape(-1, 3)
        inside = self.inside(places)
        if slack > 0.0:
            for step in np.concatenate([np.eye(3), -np.eye(3)]):
                inside |= self.inside(places + slack * self.solid.spacing * step)
        return inside.reshape(len(heads), samples).mean(1)

    def column(self) -> np.ndarray:
        """The bottom and the top of the upright line through the deepest place in the middle, (2, 3)."""
        solid = self.solid
        central = np.abs(solid.cells[:, 0] * solid.spacing + solid.origin[0]) < 0.75 * solid.spacing
        deepest = int(np.argmax(np.where(central, solid.depth, 0.0) if central.any() else solid.depth))
        same = (solid.cells[:, :2] == solid.cells[deepest, :2]).all(1)
        z = np.sort(solid.cells[same, 2])
        here = int(np.searchsorted(z, solid.cells[deepest, 2]))
        gaps = np.flatnonzero(np.diff(z) > 1)
        low = gaps[gaps < here].max(initial=-1) + 1
        high = gaps[gaps >= here].min(initial=len(z) - 1)
        ends = np.repeat(solid.centres[deepest][None], 2, axis=0)
        ends[:, 2] = solid.origin[2] + solid.spacing * z[[low, high]]
        return ends
