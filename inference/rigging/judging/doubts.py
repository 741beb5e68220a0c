"""Where a network is not sure of what the rig says about the shape: a word to the user, whatever the verdict."""

from __future__ import annotations

from ...anatomy import Finding
from ...kinds import KINDS
from .evidence import Impression
from .placed import UP, PlacedRig

SURE = 0.7  # chance of its front from which nothing needs to be said
ALIVE = 0.5  # chance of being something with a front


def front_doubts(rig: PlacedRig, *, known: bool, chance: float | None = None) -> list[Finding]:
    """A warning where left and right may be the wrong way round; none where the user has said where the front is.

    `chance` is that of the front where it was weighed; else the evidence at hand tells.
    """
    if rig.forward is None or (rig.evidence is not None and _alive(rig.evidence) < ALIVE):
        return []
    if chance is None:
        if known or rig.evidence is None:
            return []
        chance = rig.evidence.front_chance(UP, rig.forward)
    if chance >= SURE:
        return []
    return [
        Finding(
            f"It is not sure that it looks this way ({chance:.0%}), so left and right may be swapped. If they are, "
            "choose its Front and generate again."
        )
    ]


def _alive(evidence: Impression) -> float:
    return sum(chance for kind, chance in evidence.kinds.items() if KINDS[kind].family != "thing")
