"""Rest axes as another program has them, for bones that keep their names, their places and their pose."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ...anatomy import Armature, Array
from ...axes import bone_axes
from ...errors import BadArmatureError
from .builtin import builtin
from .fit import fit_template

Axes = Literal["own", "mixamo", "unreal"]
AXES: tuple[Axes, ...] = ("own", "mixamo", "unreal")
TO_X = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])  # y along, bends about x -> x along, about z


def axes_like(program: Axes, armature: Armature) -> Array:
    """The x, y and z axes of bones as a program has them, (B, 3, 3) rows, in the armature's frame.

    Joints of a body get the axes of that program's own skeleton, turned along with the bone. What no body has, and all
    bones of what is no two-legged body, get them by rule: along the bone runs Mixamo's y, as ours does, and Unreal's x.
    """
    own = bone_axes(armature.heads, armature.tails, armature.rolls)
    if program == "own":
        return own
    made = np.einsum("ij,bjk->bik", TO_X, own) if program == "unreal" else own.copy()
    template = builtin(program)
    try:
        fitted = fit_template(template, armature, keep_pose=True)
    except BadArmatureError:
        return made
    theirs = bone_axes(fitted.armature.heads, fitted.armature.tails, fitted.armature.rolls)
    for bone, number in fitted.found.own.items():
        made[number] = theirs[bone]
    return made
