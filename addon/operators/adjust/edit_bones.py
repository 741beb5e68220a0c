"""Split, Merge, Remove, Mirror, Lock: changes to the bones selected in edit mode."""

from __future__ import annotations

from abc import abstractmethod

import bpy
from bpy.props import BoolProperty, IntProperty

from ....inference.errors import BonewrightError
from ...errors import SceneError
from ...scene.characters import edited_armature
from ...typed import armature_data
from ..base import SceneOperator
from ..polls import edits_joints


class _BonesOperator(SceneOperator):
    """Works on the selected bones, with Blender's own X-mirror out of the way."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not edits_joints(cls, context):
            return False
        if not context.selected_editable_bones:
            cls.poll_message_set("Select bones")
            return False
        return True

    def act(self, context: bpy.types.Context) -> None:
        from ...scene.adjust.bones import with_mirrored
        from ...scene.bones.sides import mirror_off

        armature = edited_armature(context)
        data = armature_data(armature)
        # with X-mirror on, Blender counts the other sides among the selected ones
        chosen = [bone for bone in context.selected_editable_bones if bone.select]
        both = with_mirrored(armature, chosen)
        with mirror_off(data):
            self.edit(data, chosen, both)

    @abstractmethod
    def edit(self, data: bpy.types.Armature, chosen: list[bpy.types.EditBone], both: list[bpy.types.EditBone]) -> None:
        """Do it to the `chosen` bones, or to `both` sides: those and, where X-mirror is on, the ones across.

        Raises a named error where it cannot be done.
        """


class _EachBoneOperator(_BonesOperator):
    """Does the same to each selected bone, and to its other side where X-mirror is on."""

    children_first = False

    @abstractmethod
    def change(self, data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
        """Do it to `bone`. Raises a named error where it cannot be done."""

    def edit(self, data: bpy.types.Armature, chosen: list[bpy.types.EditBone], both: list[bpy.types.EditBone]) -> None:
        names = [bone.name for bone in both]
        try:
            for name in reversed(names) if self.children_first else names:
                self.change(data, data.edit_bones[name])
        except BonewrightError:
            bpy.ops.ed.undo_push(message="Adjust")  # bones before this one are changed
            raise


class BONEWRIGHT_OT_merge_bones(_EachBoneOperator, bpy.types.Operator):
    """Merge each selected bone into its parent"""

    bl_idname = "bonewright.merge_bones"
    bl_label = "Merge into Parent"

    children_first = True

    def change(self, data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
        from ...scene.adjust.bones import merge_into_parent

        merge_into_parent(data, bone)


class BONEWRIGHT_OT_split_bones(_EachBoneOperator, bpy.types.Operator):
    """Cut each selected bone into several of equal length"""

    bl_idname = "bonewright.split_bones"
    bl_label = "Split"

    count: IntProperty(name="Bones", description="How many bones each becomes", default=2, min=2, max=20)

    def change(self, data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
        from ...scene.adjust.bones import split

        split(data, bone, self.count)


class BONEWRIGHT_OT_remove_bones(_EachBoneOperator, bpy.types.Operator):
    """Remove each selected bone; its children follow its parent"""

    bl_idname = "bonewright.remove_bones"
    bl_label = "Remove"

    children_first = True

    def change(self, data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
        from ...scene.adjust.bones import remove

        remove(data, bone)


class BONEWRIGHT_OT_mirror_bones(_BonesOperator, bpy.types.Operator):
    """Put the other sides of the selected bones where these are, mirrored, whichever way the character faces"""

    bl_idname = "bonewright.mirror_bones"
    bl_label = "Mirror to Other Side"

    def edit(self, data: bpy.types.Armature, chosen: list[bpy.types.EditBone], both: list[bpy.types.EditBone]) -> None:
        from ...scene.adjust.bones import mirror_to_other_side

        if not mirror_to_other_side(data, chosen):
            raise SceneError("Select bones of one side, whose names end in .L or .R.")


class BONEWRIGHT_OT_lock_bones(_EachBoneOperator, bpy.types.Operator):
    """Keep the selected bones as they are when the armature is generated again around them"""

    bl_idname = "bonewright.lock_bones"
    bl_label = "Lock"

    locked: BoolProperty(name="Locked", description="Keep these bones", default=True)

    def change(self, data: bpy.types.Armature, bone: bpy.types.EditBone) -> None:
        from ...scene.adjust.bones import lock

        lock(data, [bone.name], locked=self.locked)


CLASSES = (
    BONEWRIGHT_OT_merge_bones,
    BONEWRIGHT_OT_split_bones,
    BONEWRIGHT_OT_remove_bones,
    BONEWRIGHT_OT_mirror_bones,
    BONEWRIGHT_OT_lock_bones,
)
