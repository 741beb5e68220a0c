"""A pose that shows at a glance whether the bones bend the mesh where they should."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix, Quaternion, Vector

from ....inference.anatomy import Pose
from ....inference.rigging.bones.names import side_of
from ...typed import armature_data
from ..bones.groups import group_of
from ..bones.sides import names_as_ours
from ..meshes import matrix

# Words a bone's name starts with -> (direction its tip turns to, the same on the right side, degrees).
# Left and right take opposite steps, as in walking, so that a limb moved by its neighbour's weights shows.
_MOVES: tuple[tuple[tuple[str, ...], str, str, float], ...] = (
    (("upper_arm", "arm"), "down", "up", 30.0),
    (("forearm",), "forward", "forward", 35.0),
    (("wing",), "up", "up", 12.0),
    (("thigh", "upper_leg.front"), "forward", "back", 22.0),
    (("upper_leg", "leg"), "back", "forward", 18.0),
    (("lower_leg.hind",), "forward", "forward", 18.0),  # an animal's knee bends the other way round
    (("shin", "lower_leg"), "back", "back", 22.0),
    (("finger", "thumb", "f_", "palm", "shoulder", "hand", "foot", "toe", "claw", "paw"), "", "", 0.0),
    (("neck", "head", "jaw", "ear", "eye", "horn", "antenna"), "left", "right", 8.0),
    (("spine", "chest"), "left", "left", 3.0),
    (("root", "hips", "pelvis", "body", "hip"), "", "", 0.0),
)
_OTHER = ("up", "up", 12.0)  # chains without a better name curl
_TAIL = ("left", "left", 14.0)


def set_trial_pose(armature: bpy.types.Object, pose: Pose) -> None:
    """Turn the pose bones of `armature`; undone by `clear_pose`."""
    if armature.pose is None:
        return
    into_own = np.linalg.inv(matrix(armature.matrix_world)[:3, :3])
    up, forward, left = (into_own @ way for way in (pose.up, pose.forward, pose.left))
    directions = {"up": up, "forward": forward, "left": left, "down": -up, "back": -forward, "right": -left}
    ours = names_as_ours(armature_data(armature))
    for bone in armature.pose.bones:
        target, degrees = _move(ours[bone.name])
        if target and bone.parent is not None:  # the root would turn the whole
            bone.rotation_mode = "QUATERNION"
            bone.rotation_quaternion = _turn(matrix(bone.bone.matrix_local), directions[target], degrees)
    bpy.context.view_layer.update()


def clear_pose(armature: bpy.types.Object) -> None:
    """Put every bone back to rest."""
    for bone in armature.pose.bones if armature.pose else ():
        bone.matrix_basis = Matrix()
    bpy.context.view_layer.update()


def _move(name: str) -> tuple[str, float]:
    """(direction, degrees) for the bone called `name`; no direction for bones that stay."""
    left, right, degrees = _TAIL if group_of(name).startswith("Tail") else _OTHER
    for words, on_left, on_right, angle in _MOVES:
        if name.lower().startswith(words):
            left, right, degrees = on_left, on_right, angle
            break
    return (right if side_of(name) == "R" else left), degrees


def _turn(rest: np.ndarray, target: np.ndarray, degrees: float) -> Quaternion:
    """Rotation in the bone's own frame that turns its tip towards `target`; less where it points there already."""
    along = rest[:3, 1]
    axis = np.cross(along, target)
    share = float(np.linalg.norm(axis))
    if share < 0.05:
        return Quaternion()
    local = rest[:3, :3].T @ (axis / share)
    return Quaternion(Vector(local.tolist()), np.radians(degrees) * min(1.0, 2.0 * share))
