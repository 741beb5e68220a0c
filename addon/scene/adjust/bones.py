"""Changes to edit bones that a rigger makes by hand: merge, split, remove, mirror, lock."""

from __future__ import annotations

from collections.abc import Iterable

import bpy
from mathutils import Vector

from ....inference.anatomy import Armature
from ....inference.rigging.bones.names import next_free
from ...compat import paint
from ...errors import SceneError
from ...typed import armature_data
from ..armatures import read_armature
from ..bones.groups import LOCKED_PALETTE, palette_of
from ..bones.sides import across, mirror_plane, mirrors, names_as_ours

LOCKED = "bonewright_locked"
_SAME = 1e-5  # of the bone's length: ends this close are one joint


def locked_names(armature: bpy.types.Object) -> tuple[str, ...]:
    """The bones that stay when the rest is made anew."""
    return tuple(bone.name for bone in armature_data(armature).bones if LOCKED in bone)


def read_locked(armature: bpy.types.Object) -> tuple[Armature | None, tuple[str, ...]]:
    """The armature as it is, and its locked bones; no armature when none is locked."""
    if armature.mode == "EDIT":
        armature.update_from_editmode()
    names = locked_names(armature)
    return (read_armature(armature), names) if names else (None, ())


def lock(data: bpy.types.Armature, names: Iterable[str], *, locked: bool) -> None:
    """Lock or unlock bones against being made anew; locked ones are dark."""
    bones = data.edit_bones if data.is_editmode else data.bones
    ours = names_as_ours(data)
    for name in names:
        bone = bones[name]
        if locked:
            bone[LOCKED] = True
        elif LOCKED in bone:
            del bone[LOCKED]
        paint(bone, LOCKED_PALETTE if locked else palette_of(ours[name]))


def with_mirrored(armature: bpy.types.Object, bones: Iterable[bpy.types.EditBone]) -> list[bpy.types.EditBone]:
    """`bones` and, where both sides are edited as one, their other sides; parents first."""
    data, chosen = armature_data(armature), {bone.name for bone in bones}
    if mirrors(armature):
        chosen |= {other for name, other in across(data).items() if name in chosen}
    return [bone for bone in data.edit_bones if bone.name in chosen]


def merge_into_parent(data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
    """Let the parent take the place of `bone` too; children go on from there."""
    parent = bone.parent
    if parent is None:
        raise SceneError(f"'{bone.name}' has no parent to merge with. Pick another bone.")
    if _same(bone.head, parent.tail, bone):
        straying = [child for child in parent.children if child != bone and child.use_connect]
        for child in straying:
            child.use_connect = False
        parent.tail = bone.tail
        parent.tail_radius = bone.tail_radius
    _hand_on(bone, parent, keep_connected=_same(parent.tail, bone.tail, bone))
    data.edit_bones.remove(bone)


def remove(data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
    """Take `bone` away; its children stay where they are and follow its parent."""
    if bone.parent is None and len(bone.children) != 1:
        raise SceneError(f"Without '{bone.name}' the armature would fall apart. Merge its children first.")
    _hand_on(bone, bone.parent, keep_connected=False)
    data.edit_bones.remove(bone)


def split(data: bpy.types.Armature, bone: bpy.types.EditBone, count: int) -> list[bpy.types.EditBone]:
    """Cut `bone` into `count` of equal length; the first keeps the name, the others are numbered before the side."""
    ends = [bone.head.lerp(bone.tail, step / count) for step in range(count + 1)]
    radii = [bone.head_radius + (bone.tail_radius - bone.head_radius) * step / count for step in range(count + 1)]
    children = list(bone.children)
    connected = [child.use_connect for child in children]
    for child in children:
        child.use_connect = False
    roll, z_axis, last = bone.roll, bone.z_axis.copy(), bone
    bone.tail, bone.tail_radius = ends[1], radii[1]
    made = [bone]
    for step in range(1, count):
        piece = data.edit_bones.new(next_free(bone.name, data.edit_bones))
        piece.head, piece.tail, piece.roll = ends[step], ends[step + 1], roll
        piece.align_roll(z_axis)
        piece.parent, piece.use_connect, piece.use_deform = last, True, bone.use_deform
        piece.head_radius, piece.tail_radius = radii[step], radii[step + 1]
        piece.envelope_distance = bone.envelope_distance
        if piece.color is not None and bone.color is not None:
            piece.color.palette = bone.color.palette
        for collection in bone.collections:
            collection.assign(piece)
        made.append(piece)
        last = piece
    for child, was in zip(children, connected, strict=True):
        child.parent, child.use_connect = last, was
    return made


def mirror_to_other_side(data: bpy.types.Armature, bones: Iterable[bpy.types.EditBone]) -> int:
    """Give the other sides of `bones` the mirrored place, whatever the mirror plane is; how many there were."""
    plane = mirror_plane(data)
    if plane is None:
        return 0
    normal, middle = Vector(plane.normal.tolist()), plane.offset

    def reflect(place: Vector, offset: float) -> Vector:
        return place - 2.0 * (place.dot(normal) - offset) * normal

    pairs = across(data)
    chosen = [bone for bone in bones if bone.name in pairs]
    names = {bone.name for bone in chosen}
    count = 0
    for bone in chosen:
        other = data.edit_bones[pairs[bone.name]]
        if other.name in names:  # with both sides selected there is nothing to tell which one is right
            continue
        other.head, other.tail = reflect(bone.head, middle), reflect(bone.tail, middle)
        other.align_roll(reflect(bone.z_axis, 0.0))
        if other.use_connect and other.parent is not None:
            other.parent.tail = other.head
        for child in list(other.children):
            if child.use_connect:
                child.head = other.tail
        count += 1
    return count


def _hand_on(bone: bpy.types.EditBone, parent: bpy.types.EditBone | None, *, keep_connected: bool) -> None:
    for child in list(bone.children):
        was = child.use_connect
        child.use_connect = False
        child.parent = parent
        child.use_connect = was and keep_connected and parent is not None


def _same(one: Vector, two: Vector, bone: bpy.types.EditBone) -> bool:
    return (one - two).length <= max(_SAME * bone.length, 1e-7)
