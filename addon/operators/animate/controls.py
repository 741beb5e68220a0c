"""Add Controls, Back to Plain: a control rig takes over the meshes, and gives them back."""

from __future__ import annotations

import bpy

from ...scene.characters import active_armature, meshes_of
from ...scene.controls.pairs import controls_of, plain_of
from ..base import ArmatureOperator
from ..polls import has_character


class BONEWRIGHT_OT_add_controls(ArmatureOperator, bpy.types.Operator):
    """Have Rigify build controls with IK for this armature, and let them move the meshes with the same weights"""

    bl_idname = "bonewright.add_controls"
    bl_label = "Add Controls"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_character(cls, context):
            return False
        armature = active_armature(context)
        if armature is not None and (plain_of(armature) is not None or controls_of(armature) is not None):
            cls.poll_message_set("The character has controls already")
            return False
        return True

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...scene.controls.switch import add_controls

        meshes = len(meshes_of(armature))
        rig = add_controls(context, armature)
        self.report({"INFO"}, f"'{rig.name}' moves {meshes} meshes; '{armature.name}' waits, hidden")


class BONEWRIGHT_OT_remove_controls(ArmatureOperator, bpy.types.Operator):
    """Take the controls away: the plain armature is shown and moves the meshes again. Actions stay in the file"""

    bl_idname = "bonewright.remove_controls"
    bl_label = "Back to Plain Armature"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        armature = active_armature(context)
        if armature is None or (plain_of(armature) is None and controls_of(armature) is None):
            cls.poll_message_set("Select a character with controls")
            return False
        return True

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...scene.controls.switch import remove_controls

        remove_controls(context, plain_of(armature) or armature)


CLASSES = (BONEWRIGHT_OT_add_controls, BONEWRIGHT_OT_remove_controls)
