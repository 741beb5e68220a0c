"""Generate Armature: the button, the verdict, other ways to try, and the options of the rig."""

import bpy

from ..languages import tr
from ..operators.try_as import draw_tries
from ..presets import BONEWRIGHT_PT_presets
from ..scene.characters import active_armature, selected_meshes
from ..typed import armature_data, layout_of, settings_of
from .base import InTab, draw_progress, look, split_column
from .report_box import draw_announcement, draw_failure
from .tour import draw_tour


class BONEWRIGHT_PT_generate(InTab, bpy.types.Panel):
    bl_label = "Generate Armature"
    bl_idname = "BONEWRIGHT_PT_generate"

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        BONEWRIGHT_PT_presets.draw_panel_header(layout_of(self))

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        state = look(context)
        if not draw_progress(layout):
            row = layout.row()
            row.scale_y = 1.6
            row.operator("bonewright.generate", icon="OUTLINER_OB_ARMATURE")
        draw_tour(layout, context)
        armature = active_armature(context)
        if state.shown == "failed" and state.failure is not None:
            draw_failure(layout, context, state.failure)
        if armature is not None and state.rig is not None and state.rig.reported:
            draw_announcement(layout, context, armature, state.rig.changed)
        if selected_meshes(context):
            draw_tries(self, context)
        locked = sum("bonewright_locked" in bone for bone in armature_data(armature).bones) if armature else 0
        if locked:
            layout.label(text=tr("{} locked bones will stay", locked), icon="LOCKED")
        options = settings_of(context.scene)
        column = split_column(layout)
        for name in ("kind", "front", "method", "density", "symmetry", "bind"):
            column.prop(options, name)
        row = column.row()
        row.active = options.bind
        row.prop(options, "influences")
        row = column.row()
        row.active = options.bind
        row.prop(options, "weights")
        column.prop(options, "seed")


class BONEWRIGHT_PT_bones(InTab, bpy.types.Panel):
    bl_label = "Advanced"
    bl_idname = "BONEWRIGHT_PT_bones"
    bl_parent_id = "BONEWRIGHT_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        column = split_column(layout_of(self))
        for name in ("fingers", "spine", "neck", "toes", "eyes", "jaw", "twist", "swing"):
            column.prop(settings_of(context.scene), name)


CLASSES = (
    BONEWRIGHT_PT_generate,
    BONEWRIGHT_PT_bones,
)
