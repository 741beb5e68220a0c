"""Test Range of Motion, and Restore: every joint is moved as far as such joints go."""

from __future__ import annotations

import bpy

from ..scene.characters import active_armature
from ..scene.tour.steps import ANIMATE
from ..typed import Returned
from .base import ArmatureOperator


class BONEWRIGHT_OT_test_motion(ArmatureOperator, bpy.types.Operator):
    """Move every joint through its range, one after another, as an action that Restore takes away again"""

    bl_idname = "bonewright.test_motion"
    bl_label = "Test Range of Motion"

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..scene.poses.motion import start_motion
        from ..scene.selecting import leave_modes

        leave_modes(context)
        start_motion(context.scene, armature)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        done = self.execute(context)
        if "FINISHED" in done and context.screen is not None and not context.screen.is_animation_playing:
            bpy.ops.screen.animation_play()
        return done


class BONEWRIGHT_OT_end_motion(ArmatureOperator, bpy.types.Operator):
    """Take the test away: pose, action and frame are as they were before it"""

    bl_idname = "bonewright.end_motion"
    bl_label = "Restore"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..scene.poses.motion import in_motion

        armature = active_armature(context)
        if armature is None or not in_motion(armature):
            cls.poll_message_set("There is no test to take away")
            return False
        return True

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..scene.poses.motion import end_motion
        from ..scene.tour.sample import passed

        if context.screen is not None and context.screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
        end_motion(context.scene, armature)
        passed(context.scene, ANIMATE)


CLASSES = (BONEWRIGHT_OT_test_motion, BONEWRIGHT_OT_end_motion)
