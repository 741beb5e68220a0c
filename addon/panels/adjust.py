"""Adjust: correct joints and bones by hand."""

import bpy

from ..compat import put
from ..scene.characters import active_armature
from ..typed import armature_data, layout_of, record_of, settings_of
from .base import InTab, split_column


class BONEWRIGHT_PT_adjust(InTab, bpy.types.Panel):
    bl_label = "Adjust"
    bl_idname = "BONEWRIGHT_PT_adjust"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        if context.mode != "EDIT_ARMATURE":
            layout.operator("bonewright.edit_joints", icon="EDITMODE_HLT")
            _draw_swinging(layout, context)
            return
        layout.operator("bonewright.finish_joints", icon="CHECKMARK")
        from ..scene.bones.sides import mirrors_in_x

        settings, armature = settings_of(context.scene), context.edit_object
        column = layout.column()
        if armature is not None and mirrors_in_x(armature_data(armature)):
            column.prop(armature_data(armature), "use_mirror_x", text="Mirror Left and Right")
        elif armature is not None:
            column.prop(record_of(armature), "mirror")
        column.prop(settings, "markers")
        below = column.column()
        below.active = settings.markers
        below.prop(settings, "snap")
        below.prop(settings, "straight")
        column = split_column(layout)
        column.prop(settings, "follow")
        column = layout.column(align=True)
        column.operator("bonewright.centre_joints", icon="PIVOT_BOUNDBOX")
        column.operator("bonewright.mirror_bones", icon="MOD_MIRROR")
        column.operator("bonewright.split_bones", icon="MOD_EDGESPLIT")
        column.operator("bonewright.merge_bones", icon="AUTOMERGE_ON")
        column.operator("bonewright.remove_bones", icon="X")
        row = column.row(align=True)
        put(row.operator("bonewright.lock_bones", text="Lock", icon="LOCKED"), locked=True)
        put(row.operator("bonewright.lock_bones", text="Unlock", icon="UNLOCKED"), locked=False)


def _draw_swinging(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """The button that adds what swings, or the one that removes it and how each chain swings."""
    armature = active_armature(context)
    springs = record_of(armature).springs if armature is not None else ()
    if not len(springs):
        layout.operator("bonewright.add_swinging", icon="MOD_SOFT")
        return
    layout.operator("bonewright.remove_swinging", icon="LOOP_BACK")
    column = split_column(layout)
    for spring in springs:
        row = column.row(align=True, heading=spring.name)
        row.prop(spring, "stiffness", text="")
        row.prop(spring, "drag", text="")


CLASSES = (BONEWRIGHT_PT_adjust,)
