"""The first tour: what to do next with the sample, told from what the scene holds."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = (
    "Press Generate Armature above. The bar shows how far it is, and the fox itself stays as it is.",
    "Above stands how good the armature is. In Adjust press Edit Joints, drag one of the dots, and press Done.",
    "In Test press Test Range of Motion: every joint bends in turn. Restore ends it.",
    "In Animate press Add Motion and play: the fox walks.",
    "In Names and Export choose your engine's names and write a file. Ctrl Z takes all steps back, one by one.",
)
GENERATE, CORRECT, TEST, ANIMATE, EXPORT = range(len(STEPS))


@dataclass(frozen=True)
class Facts:
    """What has been done with the sample so far."""

    rigged: bool = False
    tested: bool = False  # the range of motion is on it just now
    moved: bool = False  # it has a motion
    reached: int = GENERATE  # as far as the user has gone on by hand


def step_of(facts: Facts) -> int:
    """The number of the step to show: who has done something is not asked to do it again."""
    if not facts.rigged:
        return GENERATE
    done = (facts.moved, EXPORT), (facts.tested, TEST)
    return max([facts.reached, CORRECT, *(step for has, step in done if has)])
