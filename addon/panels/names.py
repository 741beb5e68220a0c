"""Names and Export: for other programs and engines."""

import bpy

from ..compat import put
from ..languages import tr
from ..operators.export import FORMATS
from ..typed import layout_of
from .base import InTab


class BONEWRIGHT_PT_names(InTab, bpy.types.Panel):
    bl_label = "Names and Export"
    bl_idname = "BONEWRIGHT_PT_names"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.operator_menu_enum("bonewright.rename_bones", "convention", text="Rename Bones", icon="SORTALPHA")
        layout.operator("bonewright.make_metarig", icon="OUTLINER_OB_ARMATURE")
        row = layout.row(align=True)
        for name, label, _ in FORMATS:
            put(row.operator("bonewright.export", text=tr("Export {}", label), icon="EXPORT"), format=name)
        layout.operator("bonewright.mark_asset", icon="ASSET_MANAGER")


CLASSES = (BONEWRIGHT_PT_names,)
