"""Left and right of an armature: which bone is across from which, and Blender's own X-mirror while Python writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ....inference.rigging.bones.conventions import own_names
from ....inference.rigging.bones.names import other_side


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


def names_as_ours(data: bpy.types.Armature) -> dict[str, str]:
    """The bones' names -> what we would call them."""
    bones = data.edit_bones if data.is_editmode else data.bones
    place = {bone.name: number for number, bone in enumerate(bones)}
    parents = np.array([place[bone.parent.name] if bone.parent else -1 for bone in bones], np.int32)
    return own_names(tuple(place), parents)
