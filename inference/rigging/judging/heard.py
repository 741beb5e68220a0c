"""Whether a rig agrees with what points of the surface say of themselves: on whose side they are.

Where their joint is and what they are a part of was tried too: of artists whom the network has not learned from, right
rigs were then flagged as often as wrong ones, so the judge does not hear it.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from .notes import Features
from .placed import PlacedRig

HEARD = "sides denied"
SIDED = 0.6  # chance from which a point has a side
ENOUGH = 0.03  # share of the points that tells something


def about_heard(rig: PlacedRig, found: Features) -> None:
    """Note how many points that say left have a right joint nearest to where they say theirs is, or the reverse."""
    seen = None if rig.evidence is None else rig.evidence.seen
    if seen is None:
        return
    said = np.where(seen.side[:, 1] > SIDED, 1, np.where(seen.side[:, 2] > SIDED, -1, 0))
    nearest = np.asarray(KDTree(rig.armature.heads[rig.judged]).query(seen.votes[:, 0])[1])
    sides = rig.parts.sides[rig.judged[nearest]]
    both = (said != 0) & (sides != 0)
    if both.mean() >= ENOUGH:
        found.add(HEARD, float((said[both] != sides[both]).mean()), "sides")
