"""The list of further pictures of one object, in the panel."""

import bpy
from bpy.props import IntProperty

from ...typed import settings_of
from ..base import SceneOperator


class BONEWRIGHT_OT_add_picture(SceneOperator, bpy.types.Operator):
    """Show another picture of the same object, from elsewhere"""

    bl_idname = "bonewright.add_picture"
    bl_label = "Add Picture"

    def act(self, context: bpy.types.Context) -> None:
        settings_of(context.scene).seen.more.add()


class BONEWRIGHT_OT_remove_picture(SceneOperator, bpy.types.Operator):
    """Take this picture off the list"""

    bl_idname = "bonewright.remove_picture"
    bl_label = "Remove Picture"

    number: IntProperty(name="Number", description="Which of the further pictures, from 0", min=0)

    def act(self, context: bpy.types.Context) -> None:
        more = settings_of(context.scene).seen.more
        if self.number < len(more):
            more.remove(self.number)


CLASSES = (BONEWRIGHT_OT_add_picture, BONEWRIGHT_OT_remove_picture)
