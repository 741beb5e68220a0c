"""What somebody who has seen many bodies says of the surface of one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Perceived:
    """What is said of M surface points and of the whole, in the frame and the size of the points that were given."""

    points: np.ndarray  # (M, 3)
    part: np.ndarray  # (M, len(PARTS)) chances
    side: np.ndarray  # (M, 3) chances of SIDES
    pair: np.ndarray  # (M, PAIRS) chances
    along: np.ndarray  # (M,) 0..1 along its chain
    votes: np.ndarray  # (M, 3, 3) the joint that moves the point, the next one outward, its parent
    error: np.ndarray  # (M, 3) how far off each is likely to be
    plan: np.ndarray  # (len(PLANS),) chances
    joints: float  # how many a rigger would make
    joints_error: float  # of its logarithm
    counts: np.ndarray  # (len(PARTS),) how many of each part

    def turned(self, axes: np.ndarray) -> Perceived:
        """The same in a frame with these axes as rows (3, 3)."""
        return replace(self, points=self.points @ axes.T, votes=self.votes @ axes.T)
