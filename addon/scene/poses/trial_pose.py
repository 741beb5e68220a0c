"""A pose that shows at a glance whether the bones bend the mesh where they should."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np
from mathutils import Matrix, Quaternion, Vector

from ....inference.anatomy import Pose
from ....inference.rigging.bones.trial import trial_turn
from ...typed import armature_data
from ..bones.sides import names_as_ours
from ..meshes import matrix


def set_trial_pose(armature: bpy.types.Object, pose: Pose) -> None:
    """Turn the pose bones of `armature`; undone by `clear_pose`."""
    if armature.pose is None:
        return
    into_own = np.linalg.inv(matrix(armature.matrix_world)[:3, :3])
    own = replace(pose, up=into_own @ pose.up, forward=into_own @ pose.forward, left=into_own @ pose.left)
    ours = names_as_ours(armature_data(armature))
    for bone in armature.pose.bones:
        if bone.parent is None:  # the root would turn the whole
            continue
        rest = matrix(bone.bone.matrix_local)[:3, :3]
        turn = rest.T @ trial_turn(ours[bone.name], rest[:, 1], own)
        angle = float(np.linalg.norm(turn))
        if angle > 0:
            bone.rotation_mode = "QUATERNION"
            bone.rotation_quaternion = Quaternion(Vector((turn / angle).tolist()), angle)
    bpy.context.view_layer.update()


def clear_pose(armature: bpy.types.Object) -> None:
    """Put every bone back to rest."""
    for bone in armature.pose.bones if armature.pose else ():
        bone.matrix_basis = Matrix()
    bpy.context.view_layer.update()
