"""Rename Bones: as other programs name them."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty

from ..scene.characters import check_local
from .base import ArmatureOperator

CONVENTIONS = (
    ("bonewright", "Bonewright", "hips, spine, upper_arm.L: Blender's own style"),
    ("rigify", "Rigify", "spine, spine.001, upper_arm.L: Rigify's human"),
    ("mixamo", "Mixamo", "mixamorig:Hips, mixamorig:LeftArm"),
    ("unreal", "Unreal", "pelvis, spine_01, upperarm_l"),
    ("humanoid", "Unity / VRM", "Hips, Spine, LeftUpperArm"),
)


class BONEWRIGHT_OT_rename_bones(ArmatureOperator, bpy.types.Operator):
    """Rename the bones as another program names them; weights and animation follow"""

    bl_idname = "bonewright.rename_bones"
    bl_label = "Rename Bones"

    convention: EnumProperty(name="Names", description="Whose names to use", items=CONVENTIONS)

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...inference.rigging.bones.conventions import translate
        from ..scene.armatures import read_armature
        from ..scene.bones.renaming import rename_bones
        from ..scene.selecting import leave_modes

        leave_modes(context)
        check_local(armature)
        bones = read_armature(armature)
        changes = translate(bones.names, bones.parents, self.convention)
        rename_bones(armature, changes)
        self.report({"INFO"}, f"{len(changes)} bones renamed")


CLASSES = (BONEWRIGHT_OT_rename_bones,)
