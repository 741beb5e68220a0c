"""Pose as Rest: T, A, relaxed or the present pose becomes the rest pose of armature, meshes and shape keys."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty

from ...scene.characters import meshes_of
from ..base import ArmatureOperator
from ..polls import has_character

STANCES = (
    ("T", "T", "Arms straight out to the sides, palms down"),
    ("A", "A", "Arms halfway down"),
    ("RELAXED", "Relaxed", "Arms hanging, elbows a little bent"),
    ("POSED", "As Posed", "The pose that the armature has just now"),
)


class BONEWRIGHT_OT_pose_as_rest(ArmatureOperator, bpy.types.Operator):
    """Bring the character into this pose and make it the rest pose of armature, meshes and all shape keys"""

    bl_idname = "bonewright.pose_as_rest"
    bl_label = "Pose as Rest"

    stance: EnumProperty(name="Pose", description="Which pose becomes the rest pose", items=STANCES)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_character(cls, context)

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ....inference.rigging.rest.stances import at_rest
        from ...scene.poses.motion import end_motion, in_motion
        from ...scene.poses.rest_pose import change_rest, check_changeable, own_bones, posed_at_rest
        from ...scene.selecting import leave_modes

        meshes = meshes_of(armature)
        leave_modes(context)
        check_changeable(armature, meshes)
        if in_motion(armature):
            end_motion(context.scene, armature)
        if self.stance == "POSED":
            after, moves = posed_at_rest(armature)
        else:
            after, moves = at_rest(own_bones(armature), self.stance.lower())
        changed = change_rest(armature, meshes, after, moves)
        if changed.outdated:
            self.report({"WARNING"}, f"Bind these modifiers again, they remember the old shape: {changed.outdated[0]}")
        keys = f", {changed.keys} shape keys" if changed.keys else ""
        self.report({"INFO"}, f"New rest pose: {changed.meshes} meshes{keys}")


CLASSES = (BONEWRIGHT_OT_pose_as_rest,)
