"""A range of motion: an action that bends one joint after another, as far as such a joint goes, and back to rest."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

import bpy
from mathutils import Matrix, Quaternion, Vector

from ....inference.rigging.bones.names import plain_name, side_of
from ...compat import active_slot, put, restore_slot
from ...errors import SceneError
from ...typed import armature_data, pose_of
from ..bones.sides import names_as_ours
from .trial_pose import clear_pose

STEP = 8  # frames from one extreme to the next
_NOTE = "bonewright_before_motion"

# Words a name starts with -> turns: axis of the bone and both extremes in degrees. Joints bend to positive X.
_TURNS: tuple[tuple[tuple[str, ...], tuple[tuple[str, float, float], ...]], ...] = (
    (("root", "hips"), ()),
    (("forearm", "shin", "lower_leg"), (("X", 0, 100),)),
    (("f_", "thumb", "finger", "toe", "claw"), (("X", -10, 60),)),
    (("upper_arm", "wing"), (("X", -40, 60), ("Z", -50, 40))),
    (("thigh", "upper_leg"), (("X", -60, 40), ("Z", -20, 25))),
    (("hand", "foot", "paw"), (("X", -40, 40), ("Z", -20, 20))),
    (("neck", "head"), (("X", -25, 30), ("Y", -40, 40))),
    (("spine", "chest", "trunk"), (("X", -15, 20), ("Z", -12, 12))),
    (("shoulder", "pelvis"), (("X", -10, 10),)),
    (("jaw",), (("X", -20, 10),)),
)
_OTHER = (("X", -25, 25), ("Z", -25, 25))
_HELPER = (("Y", -45, 45),)  # twist bones turn about themselves and no other way
_AXES = {"X": Vector((1, 0, 0)), "Y": Vector((0, 1, 0)), "Z": Vector((0, 0, 1))}
_HOW = {"X": "bends", "Y": "twists", "Z": "swings"}


@dataclass(frozen=True)
class Move:
    """Bones that turn together."""

    label: str  # such as "upper arm swings"
    bones: tuple[tuple[str, int], ...]  # name, and -1 on the right, 1 elsewhere
    axis: str
    extremes: tuple[float, float]  # degrees


def plan_moves(names: Mapping[str, str]) -> list[Move]:
    """What bends after what: both sides of a limb at once, and the links of a chain at once.

    `names` are the bones' own -> what we would call them.
    """
    groups: dict[str, list[str]] = {}
    for name, ours in names.items():
        groups.setdefault(plain_name(ours), []).append(name)
    moves = []
    for stem, bones in groups.items():
        turns = next((turns for words, turns in _TURNS if stem.lower().startswith(words)), _OTHER)
        turns = _HELPER if ".twist" in stem else turns
        sides = [side_of(names[bone]) for bone in bones]
        links = max(len(bones) / max(len(set(sides)), 1), 1)
        share = min(1.0, 2.0 / links)  # a long chain curls as far as a short one
        sided = tuple((bone, -1 if side == "R" else 1) for bone, side in zip(bones, sides, strict=True))
        label = stem.replace("f_", "").replace("_", " ")
        moves += [Move(f"{label} {_HOW[axis]}", sided, axis, (low * share, high * share)) for axis, low, high in turns]
    return moves


def start_motion(scene: bpy.types.Scene, armature: bpy.types.Object) -> bpy.types.Action:
    """Give `armature` the action and play it in the preview range; `end_motion` brings back what was before."""
    if _NOTE in armature:
        end_motion(scene, armature)
    data = armature_data(armature)
    moves = plan_moves({name: ours for name, ours in names_as_ours(data).items() if data.bones[name].use_deform})
    if not moves:
        raise SceneError(f"'{armature.name}' has no bone that deforms a mesh.")
    armature[_NOTE] = json.dumps(_note(scene, armature))
    clear_pose(armature)
    action = bpy.data.actions.new(f"{armature.name} Range of Motion")
    put(armature.animation_data_create(), action=action)
    for place, move in enumerate(moves):
        _key(armature, move, 1 + 3 * STEP * place)
        action.pose_markers.new(move.label).frame = 1 + 3 * STEP * place
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 1, 1 + 3 * STEP * len(moves)
    scene.frame_set(1)
    return action


def in_motion(armature: bpy.types.Object) -> bool:
    """`start_motion` is in force."""
    return _NOTE in armature


def current_move(scene: bpy.types.Scene, armature: bpy.types.Object) -> str:
    """What is being moved in the frame that is shown: "upper arm swings"; nothing outside of a test."""
    action = armature.animation_data.action if armature.animation_data is not None else None
    if action is None or not in_motion(armature):
        return ""
    begun = [marker for marker in action.pose_markers if marker.frame <= scene.frame_current]
    return max(begun, key=lambda marker: marker.frame).name if begun else ""


def end_motion(scene: bpy.types.Scene, armature: bpy.types.Object) -> None:
    """Remove the action; pose, action and frames are as they were before `start_motion`."""
    note = json.loads(armature[_NOTE])
    del armature[_NOTE]
    data = armature.animation_data
    action = data.action if data is not None else None
    if data is not None:
        data.action = bpy.data.actions.get(note["action"])
        restore_slot(data, note["slot"])
    if action is not None and action.name == note["made"] and action.users == 0:
        bpy.data.actions.remove(action)
    if data is not None and not note["animated"] and data.action is None and not data.drivers and not data.nla_tracks:
        armature.animation_data_clear()
    clear_pose(armature)
    for name, values in note["pose"].items():
        if name in pose_of(armature).bones:
            pose_of(armature).bones[name].matrix_basis = Matrix([values[row : row + 4] for row in range(0, 16, 4)])
    scene.use_preview_range = note["preview"]
    scene.frame_preview_start, scene.frame_preview_end = note["range"]
    scene.frame_set(note["frame"])


def _note(scene: bpy.types.Scene, armature: bpy.types.Object) -> dict[str, object]:
    data = armature.animation_data
    posed = {bone.name: bone.matrix_basis for bone in pose_of(armature).bones if bone.matrix_basis != Matrix()}
    return {
        "action": data.action.name if data is not None and data.action is not None else "",
        "slot": active_slot(data) if data is not None else "",
        "animated": data is not None,
        "made": f"{armature.name} Range of Motion",
        "pose": {name: [value for row in matrix for value in row] for name, matrix in posed.items()},
        "preview": scene.use_preview_range,
        "range": [scene.frame_preview_start, scene.frame_preview_end],
        "frame": scene.frame_current,
    }


def _key(armature: bpy.types.Object, move: Move, start: int) -> None:
    for name, side in move.bones:
        bone = pose_of(armature).bones[name]
        sign = 1 if move.axis == "X" else side  # Z and Y point the other way on the other side
        for step, degrees in enumerate((0.0, *move.extremes, 0.0)):
            _turn(bone, Quaternion(_AXES[move.axis], math.radians(sign * degrees)))
            bone.keyframe_insert(_path(bone), frame=start + step * STEP)


def _turn(bone: bpy.types.PoseBone, turn: Quaternion) -> None:
    """In whatever way the bone keeps its rotation."""
    if bone.rotation_mode == "QUATERNION":
        bone.rotation_quaternion = turn
    elif bone.rotation_mode == "AXIS_ANGLE":
        axis, angle = turn.to_axis_angle()
        put(bone, rotation_axis_angle=(angle, *axis))
    else:
        bone.rotation_euler = turn.to_euler(bone.rotation_mode)


def _path(bone: bpy.types.PoseBone) -> str:
    return {"QUATERNION": "rotation_quaternion", "AXIS_ANGLE": "rotation_axis_angle"}.get(
        bone.rotation_mode, "rotation_euler"
    )
