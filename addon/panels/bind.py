"""Bind and Test: skin weights, and whether they hold."""

import bpy

from ..scene.characters import active_armature
from ..typed import layout_of, settings_of
from .base import InTab, look
from .report_box import draw_report


class BONEWRIGHT_PT_bind(InTab, bpy.types.Panel):
    bl_label = "Bind"
    bl_idname = "BONEWRIGHT_PT_bind"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.operator("bonewright.bind", icon="MOD_ARMATURE")
        for name in ("influences", "weights", "smooth"):
            layout.prop(settings_of(context.scene), name)


class BONEWRIGHT_PT_test(InTab, bpy.types.Panel):
    bl_label = "Test"
    bl_idname = "BONEWRIGHT_PT_test"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        column = layout.column(align=True)
        column.operator("bonewright.test_motion", icon="PLAY")
        column.operator("bonewright.end_motion", icon="LOOP_BACK")
        layout.operator("bonewright.check", icon="CHECKMARK")
        armature = active_armature(context)
        if armature is not None and "bonewright_before_motion" in armature:
            from ..scene.poses.motion import current_move

            layout.label(text=current_move(context.scene, armature), icon="ARMATURE_DATA")
        rig = look(context).rig
        if armature is not None and rig is not None and rig.reported:
            draw_report(layout, context, armature, rig.changed)


CLASSES = (
    BONEWRIGHT_PT_bind,
    BONEWRIGHT_PT_test,
)
