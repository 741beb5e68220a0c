"""Left and right of an armature: which bone is across from which, and Blender's own X-mirror while Python writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ....inference.anatomy import Symmetry
from ....inference.rigging.bones.conventions import own_names
from ....inference.rigging.bones.names import other_side, sign_of_side

PLANE = "bonewright_symmetry"  # of the armature: normal and offset of the plane that its sides mirror each other in
STILL_MIRRORED = 0.1  # of the armature's size: farther from their mirrored places, sides were turned since


@contextmanager
def mirror_off(data: bpy.types.Armature) -> Iterator[None]:
    """Write edit bones one by one: with X-mirror on, Blender moves the other side along with whatever Python sets.

    What is to happen on both sides is then done by us, once on each.
    """
    mirrors = data.use_mirror_x
    data.use_mirror_x = False
    try:
        yield
    finally:
        data.use_mirror_x = mirrors


def across(data: bpy.types.Armature) -> dict[str, str]:
    """Each bone's namesake on the other side, whoever named them; bones of the middle and lonely ones are left out."""
    own = names_as_ours(data)
    known = {ours: name for name, ours in own.items()}
    pairs = {name: known.get(other_side(ours)) or bpy.utils.flip_name(name) for name, ours in own.items()}
    return {name: other for name, other in pairs.items() if other != name and other in own}


def mirror_plane(data: bpy.types.Armature) -> Symmetry | None:
    """The plane that the sides mirror each other in, in the armature's own coordinates; None where none is known.

    It was written with the bones. Where these were turned since, which Apply Rotation does without a word to us, the
    plane halfway between the sides takes its place.
    """
    stored = data.get(PLANE)
    known = Symmetry(np.array(stored[:3], np.float64), float(stored[3])) if stored is not None else None
    left, right = _both_sides(data)
    if len(left) == 0:
        return known
    if known is not None:
        size = float(np.ptp(np.concatenate([left, right]), axis=0).max())
        gaps = np.linalg.norm(known.mirror(left) - right, axis=1)
        if np.median(gaps) < STILL_MIRRORED * size:
            return known
    apart = left - right
    ways = apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-12)
    normal = np.median(ways, axis=0)  # a joint that was moved by hand does not turn it
    normal /= max(float(np.linalg.norm(normal)), 1e-12)
    return Symmetry(normal, float(np.median((left + right) / 2 @ normal)))


def _both_sides(data: bpy.types.Armature) -> tuple[np.ndarray, np.ndarray]:
    """Where joints of the left are and those across from them, each (N, 3)."""
    ours = names_as_ours(data)
    pairs = [(name, other) for name, other in across(data).items() if sign_of_side(ours[name]) > 0]
    if data.is_editmode:
        joints = {bone.name: [bone.head, bone.tail] for bone in data.edit_bones}
    else:
        joints = {bone.name: [bone.head_local, bone.tail_local] for bone in data.bones}
    left = [place for name, _ in pairs for place in joints[name]]
    right = [place for _, other in pairs for place in joints[other]]
    return np.array(left, np.float64).reshape(-1, 3), np.array(right, np.float64).reshape(-1, 3)


def names_as_ours(data: bpy.types.Armature) -> dict[str, str]:
    """The bones' names -> what we would call them."""
    bones = data.edit_bones if data.is_editmode else data.bones
    place = {bone.name: number for number, bone in enumerate(bones)}
    parents = np.array([place[bone.parent.name] if bone.parent else -1 for bone in bones], np.int32)
    return own_names(tuple(place), parents)
