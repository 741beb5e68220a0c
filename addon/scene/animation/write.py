"""Clip -> an action on a plain armature, or on the controls that stand for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import bpy
import numpy as np

from ....inference.anatomy import Armature, Clip
from ....inference.animation.channels import BoneKeys, channel
from ....inference.animation.controls import LIMBS, ControlPlan, control_name, handles_of, with_controls
from ...compat import assign_action, curve_maker, put
from ...errors import SceneError
from ...typed import armature_data, pose_of
from ..armatures import read_armature
from ..controls.metarig import plan_of
from ..controls.pairs import controls_of
from ..meshes import matrix

MakeCurve = Callable[[str, int, str], bpy.types.FCurve]

FIRST = 1  # the frame that a clip begins in
_FOLLOWS = ("neck_follow", "head_follow")  # Rigify's: whether neck and head turn with the body


def rate_of(scene: bpy.types.Scene) -> float:
    """Frames a second."""
    return scene.render.fps / scene.render.fps_base


def target_of(armature: bpy.types.Object) -> Armature:
    """What a clip has to be made for: the plain armature's bones, where its controls have their joints."""
    bones = read_armature(armature, np.eye(4))
    return with_controls(bones, plan_of(armature)) if controls_of(armature) is not None else bones


def write_clip(scene: bpy.types.Scene, armature: bpy.types.Object, clip: Clip, *, loops: bool) -> bpy.types.Action:
    """The action, in use on the armature or its controls; the preview range goes over it."""
    rig = controls_of(armature)
    item, name = rig or armature, f"{armature.name} {clip.name}"
    action = bpy.data.actions.new(name)
    assign_action(item, action)
    for bone in pose_of(item).bones:
        bone.matrix_basis.identity()
    make = curve_maker(action, item)
    if rig is not None:
        plan = plan_of(armature)
        _switch_to_fk(rig, plan, make)
        channels = _of_controls(rig, plan, clip)
    else:
        channels = _of_bones(armature, clip)
    for keys in channels:
        pose_of(item).bones[keys.name].rotation_mode = "QUATERNION"
        path = f'pose.bones["{bpy.utils.escape_identifier(keys.name)}"]'
        _fill(make, f"{path}.rotation_quaternion", keys.quaternions, keys.name)
        if keys.places is not None:
            _fill(make, f"{path}.location", keys.places, keys.name)
    for frame, mark in clip.marks:
        action.pose_markers.new(mark).frame = FIRST + frame
    last = FIRST + len(clip.turns) - 1
    put(action, use_frame_range=True, frame_start=FIRST, frame_end=last, use_cyclic=loops)
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = FIRST, last
    scene.frame_set(FIRST)
    return action


def _of_bones(armature: bpy.types.Object, clip: Clip) -> Iterable[BoneKeys]:
    bones = armature_data(armature).bones
    for place, name in enumerate(clip.armature.names):
        yield channel(clip, name, matrix(bones[name].matrix_local), place, int(clip.armature.parents[place]))


def _of_controls(rig: bpy.types.Object, plan: ControlPlan, clip: Clip) -> Iterable[BoneKeys]:
    bones = armature_data(rig).bones
    for handle in handles_of(plan):
        name = next((name for name in handle.names if name in bones), None)
        if name is None:
            raise SceneError(
                f"The controls have no '{handle.names[0]}' any more. Press Back to Plain, then Add Controls."
            )
        yield channel(clip, name, matrix(bones[name].matrix_local), handle.bone, handle.parent)


def _switch_to_fk(rig: bpy.types.Object, plan: ControlPlan, make: MakeCurve) -> None:
    """Limbs follow their FK controls, neck and head the body, while this action plays."""
    bones = pose_of(rig).bones
    switches = [(control_name(control.name, "_parent"), "IK_FK") for control in plan.bones if control.made_as in LIMBS]
    switches += [(bone.name, name) for bone in bones for name in _FOLLOWS if name in bone]
    for holder, name in switches:
        if holder in bones and name in bones[holder]:
            bones[holder][name] = 1.0
            path = f'pose.bones["{bpy.utils.escape_identifier(holder)}"]["{name}"]'
            _fill(make, path, np.ones((1, 1)), holder)


def _fill(make: MakeCurve, path: str, values: np.ndarray, group: str) -> None:
    """One curve for each column of `values` (T, N), a key in each frame, straight between them."""
    frames = FIRST + np.arange(len(values), dtype=np.float32)
    for index in range(values.shape[1]):
        curve = make(path, index, group)
        points = curve.keyframe_points
        points.add(len(values))
        points.foreach_set("co", np.stack([frames, values[:, index].astype(np.float32)], 1).ravel())
        points.foreach_set("interpolation", np.full(len(values), 1, np.int32))
        curve.update()
