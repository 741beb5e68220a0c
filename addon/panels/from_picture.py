"""From View or Image: what is seen, from where, and the picture."""

import bpy

from ..compat import put
from ..scene.characters import active_armature, is_bound, meshes_of, selected_meshes
from ..typed import layout_of, record_of, settings_of
from .base import InTab, split_column


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
        layout.operator("bonewright.from_view", icon="HIDE_OFF")
        layout.separator()
        column = layout.column()
        column.template_ID(options, "picture", open="image.open")
        row = column.row()
        row.active = options.picture is not None
        row.template_ID(options, "mask", open="image.open", text="Mask")
        row = layout.row()
        row.enabled = options.picture is not None
        put(row.operator("bonewright.from_image", icon="IMAGE_DATA"), filepath="")
        _draw_offer(layout, context)


def _draw_offer(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """An armature that was made from a picture of meshes can move them."""
    armature = active_armature(context)
    if armature is None or not record_of(armature).seen:
        return
    meshes = selected_meshes(context)
    if meshes and meshes == sorted(meshes_of(armature), key=lambda item: item.name) and not is_bound(armature, meshes):
        text = f"Bind {meshes[0].name}" if len(meshes) == 1 else f"Bind {len(meshes)} Meshes"
        layout.operator("bonewright.bind", text=text, icon="MOD_ARMATURE")


CLASSES = (BONEWRIGHT_PT_from_picture,)
