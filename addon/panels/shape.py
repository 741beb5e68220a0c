"""The panel Shape: shapes that networks draw, with their rigs."""

import bpy

from ..compat import put
from ..networks import missing_networks
from ..typed import layout_of, settings_of
from .base import InTab, draw_get_weights, draw_progress, split_column
from .report_box import draw_text


class BONEWRIGHT_PT_shape(InTab, bpy.types.Panel):
    bl_label = "Shape"
    bl_idname = "BONEWRIGHT_PT_shape"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        if missing := missing_networks():
            _draw_missing(layout, context, missing)
            return
        options = settings_of(context.scene).shape
        column = split_column(layout)
        for name in ("category", "seed", "count", "guidance", "resolution"):
            column.prop(options, name)
        if not draw_progress(layout):
            layout.operator("bonewright.generate_shape", icon="MESH_MONKEY")
        layout.label(text="From selected meshes:")
        column = split_column(layout)
        column.prop(options, "strength", slider=True)
        column = layout.column(align=True)
        column.operator("bonewright.vary_shape", icon="MOD_NOISE")
        column.operator("bonewright.blend_shapes", icon="MOD_SIMPLEDEFORM")
        column.operator("bonewright.complete_shape", icon="MOD_REMESH")
        layout.label(text="Reshape by skeleton:")
        column = layout.column(align=True)
        column.operator("bonewright.show_skeleton", icon="OUTLINER_OB_POINTCLOUD")
        _draw_skeletons(column, context.scene)
        column.operator("bonewright.decode_skeleton", icon="FILE_REFRESH")


def _draw_skeletons(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """A row for each that is shown, to remove it."""
    for item in [item for item in scene.objects if item.get("bonewright_look") == "skeleton"]:
        row = layout.row(align=True)
        row.label(text=item.name)
        put(row.operator("bonewright.remove_skeleton", text="", icon="X", emboss=False), name=item.name)


def _draw_missing(layout: bpy.types.UILayout, context: bpy.types.Context, missing: tuple[str, ...]) -> None:
    """What is missing, and how to get it."""
    text = f"The networks that draw shapes are not here: {', '.join(missing)}."
    draw_text(layout, context, text, "ERROR")
    draw_get_weights(layout, context)


CLASSES = (BONEWRIGHT_PT_shape,)
