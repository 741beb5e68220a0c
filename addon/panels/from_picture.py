"""From View or Image: what is seen, from where, and the picture."""

from collections.abc import Sequence

import bpy

from ..compat import put
from ..languages import tr
from ..networks import missing_surfaces
from ..scene.characters import active_armature, is_bound, meshes_of, selected_meshes
from ..typed import layout_of, record_of, settings_of
from .base import InTab, split_column
from .report_box import draw_text

GET = "Put them into your folder for networks, or install a weights file that has them. Spheres need none of them"


class BONEWRIGHT_PT_from_picture(InTab, bpy.types.Panel):
    bl_label = "From View or Image"
    bl_idname = "BONEWRIGHT_PT_from_picture"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        options = settings_of(context.scene)
        column = split_column(layout)
        column.prop(options, "subject")
        column.prop(options, "source")
        column.prop(options.seen, "surface")
        row = column.row()
        row.active = options.seen.surface != "spheres"
        row.prop(options.seen, "detail")
        if missing := missing_surfaces(options.seen.surface):
            text = f"The networks that draw {options.seen.surface} surfaces are not here: {', '.join(missing)}."
            draw_text(layout, context, text, "ERROR")
            draw_text(layout, context, GET, "INFO")
            layout.operator("bonewright.open_weights", icon="FILE_FOLDER")
        layout.operator("bonewright.from_view", icon="HIDE_OFF")
        layout.separator()
        column = layout.column()
        column.template_ID(options, "picture", open="image.open")
        row = column.row()
        row.active = options.picture is not None
        row.template_ID(options, "mask", open="image.open", text="Mask")
        _draw_more(layout, options.seen.more)
        row = layout.row()
        row.enabled = options.picture is not None
        put(row.operator("bonewright.from_image", icon="IMAGE_DATA"), filepath="")
        _draw_offer(layout, context)


def _draw_more(layout: bpy.types.UILayout, more: Sequence[bpy.types.PropertyGroup]) -> None:
    """Further pictures of the object: a row each, with one to blend with."""
    for number, item in enumerate(more):
        row = layout.row(align=True)
        row.template_ID(item, "picture", open="image.open")
        put(row.operator("bonewright.remove_picture", text="", icon="X"), number=number)
    row = layout.row(align=True)
    row.operator("bonewright.add_picture", icon="ADD")
    if more:
        row.operator("bonewright.blend_images", icon="MOD_SIMPLEDEFORM")


def _draw_offer(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """An armature that was made from a picture of meshes can move them."""
    armature = active_armature(context)
    if armature is None or not record_of(armature).seen:
        return
    meshes = selected_meshes(context)
    if meshes and meshes == sorted(meshes_of(armature), key=lambda item: item.name) and not is_bound(armature, meshes):
        text = tr("Bind {}", meshes[0].name) if len(meshes) == 1 else tr("Bind {} Meshes", len(meshes))
        layout.operator("bonewright.bind", text=text, icon="MOD_ARMATURE")


CLASSES = (BONEWRIGHT_PT_from_picture,)
