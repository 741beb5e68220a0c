"""Left and right of an armature: which bone is across from which, and Blender's own X-mirror while Python writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ....inference.anatomy import Symmetry
from ....inference.rigging.bones.conventions import own_names
from ....inference.rigging.bones.names import other_side, sign_of_side
from ...typed import armature_data, record_of

PLANE = "bonewright_symmetry"  # of the armature: normal and offset of the plane that its sides mirror each other in
EVEN = 0.01  # of the armature's size: a joint this close to the mirror image of the one across is symmetric
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


def mirrors(armature: bpy.types.Object) -> bool:
    """Both sides are edited as one: by Blender's X-mirror or, where the sides mirror each other elsewhere, by ours."""
    data = armature_data(armature)
    return data.use_mirror_x or (record_of(armature).mirror and not mirrors_in_x(data))


def mirrors_in_x(data: bpy.types.Armature) -> bool:
    """The sides mirror each other in the armature's own X, the only way that Blender knows."""
    plane = mirror_plane(data) if PLANE in data or is_symmetric(data) else None
    if plane is None:
        return False
    size = max((bone.length for bone in data.bones), default=1.0)
    return bool(abs(plane.normal[0]) > 0.9999) and abs(plane.offset) < 1e-3 * size


def plane_in_use(armature: bpy.types.Object) -> Symmetry | None:
    """The plane in which joints are moved on the other side too; None where they are not."""
    if not mirrors(armature):
        return None
    data = armature_data(armature)
    return Symmetry(np.array([1.0, 0.0, 0.0]), 0.0) if data.use_mirror_x else mirror_plane(data)


def is_symmetric(data: bpy.types.Armature) -> bool:
    """Nearly all joints of the left have those of the right where a mirror would put them."""
    plane = mirror_plane(data)
    left, right = _both_sides(data)
    if plane is None or len(left) == 0:
        return False
    size = float(np.ptp(np.concatenate([left, right]), axis=0).max())
    gaps = np.linalg.norm(plane.mirror(left) - right, axis=1)
    return bool((gaps < EVEN * size).mean() > 0.9)


def across(data: bpy.types.Armature) -> dict[str, str]:
    """Each bone's namesake on the other side, whoever named them; bones of the middle and lonely ones are left out."""
    return across_of(names_as_ours(data))


def across_of(own: dict[str, str]) -> dict[str, str]:
    """The same, where it is known what we would call each bone."""
    known = {ours: name for name, ours in own.items()}
    pairs = {name: known.get(other_side(ours)) or bpy.utils.flip_name(name) for name, ours in own.items()}
    return {name: other for name, other in pairs.items() if other != name and other in own}


def mirror_plane(data: bpy.types.Armature) -> Symmetry | None:
    """The plane that the sides mirror each other in, in the armature's own coordinates; None where none is known.

    It was written with the bones. Where these were turned since, which Apply Rotation does without a word to us, the
    plane halfway between the sides takes its place.
    """
    stored = data.get(PLANE)
    stored = None if isinstance(stored, str) else stored  # what FBX makes of it
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
