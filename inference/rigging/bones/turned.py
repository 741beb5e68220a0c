"""A rig that looks the other way: the same joints, with sides and hinges that follow. Nothing is computed anew."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from ...anatomy import Armature, Pose, Report, Rig, Symmetry
from ...errors import BadRequestError
from ...frames import Frame
from .hinges import with_natural_rolls
from .names import other_side
from .rolls import bone_rolls

BEFORE_OR_BEHIND = (".front", ".hind", ".mid.")  # parts of names that say which of several it is
AT_AN_END = ("tail", "snout", "antenna", "fin.", "pelvis.")  # beginnings of names of what only one end has
OTHER = {"left": "right", "right": "left", ".L'": ".R'", ".R'": ".L'"}
SIDES = re.compile("|".join(map(re.escape, OTHER)))


def turned_round(rig: Rig) -> Rig:
    """`rig`, looking where its back was: left and right change places, and joints bend the natural way from there.

    Raises where bones are named from front to back, which takes more than new sides.
    """
    lengthwise = [
        name
        for name in rig.armature.names
        if name.startswith(AT_AN_END) or any(word in name for word in BEFORE_OR_BEHIND)
    ]
    if lengthwise:
        raise BadRequestError(
            f"'{lengthwise[0]}' is named by where the front is, and so are others. Choose Front and generate again."
        )
    pose = Pose(rig.pose.up, -rig.pose.forward, -rig.pose.left, rig.pose.certainty)
    return replace(rig, armature=_turned(rig.armature, pose), pose=pose, report=_renamed(rig.report))


def _renamed(report: Report) -> Report:
    """The same report, with the other side wherever it speaks of one."""
    warnings = tuple(
        replace(warning, message=_of_other_side(warning.message), bones=tuple(map(other_side, warning.bones)))
        for warning in report.warnings
    )
    return replace(report, warnings=warnings, reasons=tuple(map(_of_other_side, report.reasons)))


def _of_other_side(text: str) -> str:
    """Names of bones and words for sides, changed: "left hand", "'hand.L' lies outside"."""
    return SIDES.sub(lambda found: OTHER[found.group()], text)


def _turned(armature: Armature, pose: Pose) -> Armature:
    """With the sides and rolls of a body that stands and looks as `pose` says."""
    plane = armature.symmetry
    sided = replace(
        armature,
        names=tuple(other_side(name) for name in armature.names),
        symmetry=None if plane is None else Symmetry(-plane.normal, -plane.offset),
    )
    frame = Frame(np.stack([pose.left, -pose.forward, pose.up]), 1.0, np.zeros(3))
    own = frame.into(sided)
    return frame.out(with_natural_rolls(replace(own, rolls=bone_rolls(own.heads, own.tails, own.parents))))
