"""Copies of a character as another program wants it: rest axes, a root on the ground, centimetres. Gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ....inference.rigging.skeletons.axes import Axes, axes_like
from ...compat import put
from ...typed import armature_data, copy_of, pose_of
from ..armatures import editing, read_armature
from ..meshes import matrix, mesh_of
from ..objects import remove_with_data

ROOT = "root"
ON_GROUND = 1e-3  # of the armature's size: a root that is nearer to the origin than this is on the ground already
ROOT_LENGTH = 0.1  # of the armature's size


@dataclass(frozen=True)
class Manner:
    """How a character is written."""

    axes: Axes = "own"
    root: bool = False
    scale: float = 1.0  # 100 for centimetres


AS_IT_IS = Manner()


@contextmanager
def converted(
    context: bpy.types.Context,
    armature: bpy.types.Object,
    meshes: Sequence[bpy.types.Object],
    manner: Manner,
    *,
    animations: bool,
) -> Iterator[tuple[bpy.types.Object, list[bpy.types.Object]]]:
    """The character as `manner` has it, for as long as the context lasts, under the names of the originals."""
    if manner == AS_IT_IS:
        yield armature, list(meshes)
        return
    frame = context.scene.frame_current
    originals: list[bpy.types.ID] = [armature, armature_data(armature), *meshes, *(mesh_of(item) for item in meshes)]
    clips = _clips(armature) if animations else []
    names = [(block, block.name) for block in [*originals, *clips]]
    made: list[bpy.types.Object] = []
    actions: list[bpy.types.Action] = []
    try:
        for block, name in names:
            block.name = f"{name} (original)"
        rig = _copy(armature, dict(names), made)
        for item in meshes:
            copy = _copy(item, dict(names), made)
            copy.parent = rig if item.parent == armature else item.parent
            copy.matrix_parent_inverse = item.matrix_parent_inverse.copy()
            for modifier in copy.modifiers:
                if isinstance(modifier, bpy.types.ArmatureModifier) and modifier.object == armature:
                    modifier.object = rig
        if rig.animation_data is not None:
            rig.animation_data_clear()
        context.view_layer.update()
        _set_rest(rig, armature, manner)
        for clip in clips:
            actions.append(_baked(context, armature, rig, clip, dict(names)[clip], manner.scale))
        for action in actions:
            track = _animation(rig).nla_tracks.new()
            track.name = action.name
            track.strips.new(action.name, int(action.frame_range[0]), action)
        if manner.scale != 1.0:
            for item in made:
                _scale(item, manner.scale)
        context.scene.frame_set(frame)
        context.view_layer.update()
        yield rig, made[1:]
    finally:
        for item in made:
            remove_with_data(item)
        for action in actions:
            bpy.data.actions.remove(action)
        for block, name in names:
            block.name = name
        context.scene.frame_set(frame)
        context.view_layer.update()


def _copy(item: bpy.types.Object, names: dict[bpy.types.ID, str], made: list[bpy.types.Object]) -> bpy.types.Object:
    copy = copy_of(item)
    made.append(copy)
    assert item.data is not None
    copy.data = copy_of(item.data)
    copy.name, copy.data.name = names[item], names[item.data]
    for collection in item.users_collection:
        collection.objects.link(copy)
    return copy


def _set_rest(rig: bpy.types.Object, armature: bpy.types.Object, manner: Manner) -> None:
    """The copy's bones with other axes, and below a root on the ground."""
    bones = read_armature(armature, np.eye(4))
    axes = axes_like(manner.axes, bones)
    size = max(float(np.ptp(bones.heads, axis=0).max()), 1e-6)
    with editing(rig):
        edited = armature_data(rig).edit_bones
        if manner.axes != "own":
            for bone in edited:
                put(bone, use_connect=False)
            for place, name in enumerate(bones.names):
                bone = edited[name]
                bone.tail = bone.head + Vector(axes[place, 1]) * float(bones.lengths[place])
                bone.align_roll(Vector(axes[place, 2]))
        roots = [bone for bone in edited if bone.parent is None]
        if manner.root and not (len(roots) == 1 and roots[0].head.length < ON_GROUND * size):
            name = ROOT if ROOT not in edited else f"{ROOT}.ground"
            ground = edited.new(name)
            ground.head, ground.tail = Vector(), _up(armature) * ROOT_LENGTH * size
            if manner.axes == "unreal":  # its root has the world's axes
                ground.tail, ground.roll = _back(armature) * ROOT_LENGTH * size, 0.0
                ground.align_roll(_up(armature))
            for bone in roots:
                bone.parent = ground


def _up(armature: bpy.types.Object) -> Vector:
    """The world's up in the armature's own coordinates."""
    return (armature.matrix_world.to_3x3().inverted_safe() @ Vector((0, 0, 1))).normalized()


def _back(armature: bpy.types.Object) -> Vector:
    """The armature's own y, as it lies on the ground."""
    up, back = _up(armature), Vector((0, 1, 0))
    if abs(back.dot(up)) > 0.9:
        back = Vector((0, 0, -1)) if up.y > 0 else Vector((0, 0, 1))
    return (back - up * back.dot(up)).normalized()


def _clips(armature: bpy.types.Object) -> list[bpy.types.Action]:
    """The actions that the armature plays: the one at hand, and those of its tracks."""
    data = armature.animation_data
    if data is None:
        return []
    strips = [strip.action for track in data.nla_tracks for strip in track.strips]
    return [action for action in dict.fromkeys([data.action, *strips]) if action is not None]


def _baked(
    context: bpy.types.Context,
    armature: bpy.types.Object,
    rig: bpy.types.Object,
    clip: bpy.types.Action,
    name: str,
    scale: float,
) -> bpy.types.Action:
    """The clip as the copy's bones play it: the same motion, told against their own axes; a key in every frame."""
    data = armature.animation_data
    assert data is not None
    before, muted = data.action, [(track, track.mute) for track in data.nla_tracks]
    for track, _ in muted:
        track.mute = True
    data.action = clip
    own = _animation(rig)
    own.action = bpy.data.actions.new(name)
    try:
        start, end = (round(frame) for frame in clip.frame_range)
        for frame in range(start, end + 1):
            context.scene.frame_set(frame)
            _pose_like(rig, armature, scale)
            for bone in pose_of(rig).bones:
                for channel in ("location", "rotation_quaternion", "scale"):
                    bone.keyframe_insert(channel, frame=frame)
    finally:
        data.action = before
        for track, mute in muted:
            track.mute = mute
    action = own.action
    own.action = None
    for bone in pose_of(rig).bones:
        bone.matrix_basis = Matrix()
    assert action is not None
    return action


def _animation(item: bpy.types.Object) -> bpy.types.AnimData:
    data = item.animation_data_create()
    assert data is not None
    return data


def _pose_like(rig: bpy.types.Object, armature: bpy.types.Object, scale: float) -> None:
    """The copy's bones move what hangs on them as the original's do."""
    posed, rest = {}, {}
    originals = pose_of(armature).bones
    for bone in pose_of(rig).bones:  # parents come first
        own = matrix(bone.bone.matrix_local)
        source = originals.get(bone.name)
        move = np.eye(4)
        if source is not None:
            move = matrix(source.matrix) @ np.linalg.inv(matrix(source.bone.matrix_local))
        posed[bone.name], rest[bone.name] = move @ own, own
        above = np.eye(4), np.eye(4)
        if bone.parent is not None:
            above = posed[bone.parent.name], rest[bone.parent.name]
        local = np.linalg.inv(np.linalg.inv(above[1]) @ own) @ np.linalg.inv(above[0]) @ posed[bone.name]
        bone.rotation_mode = "QUATERNION"
        place, turn, size = Matrix(local.tolist()).decompose()
        bone.location, bone.rotation_quaternion, bone.scale = place * scale, turn, size


def _scale(item: bpy.types.Object, scale: float) -> None:
    """An object in another unit: data, place and the lengths of its modifiers; its own scale stays 1."""
    larger = Matrix.Scale(scale, 4)
    if isinstance(item.data, bpy.types.Mesh):
        item.data.transform(larger, shape_keys=True)
    elif isinstance(item.data, bpy.types.Armature):
        item.data.transform(larger)
    item.location = item.location * scale
    item.matrix_parent_inverse.translation *= scale
    for modifier in item.modifiers:
        for entry in modifier.bl_rna.properties:
            key = entry.identifier
            if entry.subtype == "DISTANCE" and not entry.is_readonly and isinstance(getattr(modifier, key), float):
                put(modifier, **{key: getattr(modifier, key) * scale})
