"""Preview: spheres, centre lines and colours to look at."""

import bpy

from ..compat import put
from ..scene.previews.marks import preview_objects
from ..typed import layout_of
from .base import InTab


class BONEWRIGHT_PT_preview(InTab, bpy.types.Panel):
    bl_label = "Preview"
    bl_idname = "BONEWRIGHT_PT_preview"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        column = layout.column(align=True)
        column.operator("bonewright.spheres", icon="SPHERE")
        _draw_previews(column, context.scene, "spheres")
        column = layout.column(align=True)
        column.operator("bonewright.curves", icon="CURVE_DATA")
        _draw_previews(column, context.scene, "curves")
        for kind in ("volume", "surface"):
            _draw_previews(layout.column(align=True), context.scene, kind)
        layout.label(text="Bone colours:")
        row = layout.row(align=True)
        put(row.operator("bonewright.bone_colours", text="Confidence"), colours="CONFIDENCE")
        put(row.operator("bonewright.bone_colours", text="Limbs"), colours="LIMBS")


def _draw_previews(layout: bpy.types.UILayout, scene: bpy.types.Scene, kind: str) -> None:
    """What there is to look at: a row each, to hide it or to remove it."""
    for item in preview_objects(scene, kind):
        row = layout.row(align=True)
        row.label(text=item.name)
        row.prop(item, "hide_viewport", text="", emboss=False)
        put(row.operator("bonewright.remove_preview", text="", icon="X", emboss=False), name=item.name)


CLASSES = (BONEWRIGHT_PT_preview,)
