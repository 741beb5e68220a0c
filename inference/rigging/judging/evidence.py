"""What networks say of a shape: the judge holds a rig against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...kinds import Kind
from ..bodies.perceived import Perceived

ALONG = np.cos(np.deg2rad(50.0))  # directions this near count as the same


@dataclass(frozen=True)
class Impression:
    """Chances 0..1, calibrated. Whatever else a network can tell of a shape is to become a field here."""

    kinds: Mapping[Kind, float]
    ups: np.ndarray  # (N, 3) unit, in the frame of the rig: ways to stand ...
    forwards: np.ndarray  # (N, 3) ... and to look
    chances: np.ndarray  # (N,) of each, sum 1
    seen: Perceived | None = None  # what points of the surface say, in the frame of the rig

    def turned(self, axes: np.ndarray) -> Impression:
        """The same in a frame with these axes as rows (3, 3)."""
        seen = None if self.seen is None else self.seen.turned(axes)
        return replace(self, ups=self.ups @ axes.T, forwards=self.forwards @ axes.T, seen=seen)

    def front_chance(self, up: np.ndarray, forward: np.ndarray) -> float:
        """That it looks to `forward`, if `up` is up."""
        standing = self.ups @ up > ALONG
        looking = standing & (self.forwards @ forward > ALONG)
        return float(self.chances[looking].sum() / max(float(self.chances[standing].sum()), 1e-6))

    def up_chance(self, up: np.ndarray) -> float:
        """That it stands on `up`."""
        return float(self.chances[self.ups @ up > ALONG].sum())
