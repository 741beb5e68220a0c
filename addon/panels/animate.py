"""Animate: controls, and motion for them. It is there where a rigged character is at hand."""

import bpy

from ..scene.characters import active_armature, meshes_of
from ..scene.controls.pairs import plain_of
from ..typed import layout_of
from .base import InTab


class BONEWRIGHT_PT_animate(InTab, bpy.types.Panel):
    bl_label = "Animate"
    bl_idname = "BONEWRIGHT_PT_animate"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        armature = active_armature(context)
        return armature is not None and context.mode in ("OBJECT", "POSE") and bool(meshes_of(armature))

    def draw(self, context: bpy.types.Context) -> None:
        layout, armature = layout_of(self), active_armature(context)
        if armature is not None and plain_of(armature) is not None:
            layout.operator("bonewright.remove_controls", icon="LOOP_BACK")
        else:
            layout.operator("bonewright.add_controls", icon="CON_ARMATURE")
        column = layout.column(align=True)
        column.operator_menu_enum("bonewright.add_motion", "cycle", icon="ANIM")
        column.operator("bonewright.load_motion", icon="IMPORT")


CLASSES = (BONEWRIGHT_PT_animate,)
