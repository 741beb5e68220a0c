"""Mark as Asset: the character in the asset browser, with a picture of it."""

from __future__ import annotations

import bpy

from ...languages import tr
from ...scene.characters import meshes_of
from ..base import ArmatureOperator
from ..polls import has_character


class BONEWRIGHT_OT_mark_asset(ArmatureOperator, bpy.types.Operator):
    """Show armature and meshes as one asset in the asset browser, with a picture; once more renews it"""

    bl_idname = "bonewright.mark_asset"
    bl_label = "Mark Character as Asset"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_character(cls, context)

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...scene.export.asset import mark_character

        marked = mark_character(armature, meshes_of(armature))
        self.report({"INFO"}, tr("'{}' is an asset of this file. Save the file into an asset library", marked.name))


CLASSES = (BONEWRIGHT_OT_mark_asset,)
