"""Adjust: correct the joints by hand before binding. Everything here works in edit mode on edit bones."""

# Blender's stubs know nothing of what is registered at run time and make nearly everything optional:
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportIncompatibleMethodOverride=false
# pyright: reportInvalidTypeForm=false, reportOptionalMemberAccess=false

from __future__ import annotations

from collections.abc import Callable

import bpy
from bpy.props import BoolProperty, IntProperty

from ...inference.errors import BonewrightError
from ..errors import SceneError
from ..scene.characters import active_armature, meshes_of
from .job import fail, has_armature


class BONEWRIGHT_OT_edit_joints(bpy.types.Operator):
    """Move joints by hand; where the armature is symmetric both sides move together"""

    bl_idname = "bonewright.edit_joints"
    bl_label = "Edit Joints"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.selecting import leave_modes, make_active

        armature = active_armature(context)
        assert armature is not None
        try:
            if armature.name not in context.view_layer.objects or armature.hide_get():
                raise SceneError(f"'{armature.name}' is hidden. Show it first.")
            if armature.library is not None or armature.data.library is not None:
                raise SceneError(f"'{armature.name}' is linked from another file. Make it local first.")
        except BonewrightError as error:
            return fail(self, error)
        leave_modes(context)
        make_active(context, armature)
        armature.data.use_mirror_x = _mirrors_in_x(armature)
        bpy.ops.object.mode_set(mode="EDIT")
        return {"FINISHED"}


class BONEWRIGHT_OT_finish_joints(bpy.types.Operator):
    """Leave edit mode; bind again to update the weights"""

    bl_idname = "bonewright.finish_joints"
    bl_label = "Done"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.mode == "EDIT_ARMATURE"

    def execute(self, context: bpy.types.Context) -> set[str]:
        bpy.ops.object.mode_set(mode="OBJECT")
        return {"FINISHED"}


class _BoneOperator:
    """Do something to each selected bone."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "EDIT_ARMATURE":
            cls.poll_message_set("Press Edit Joints first")
            return False
        if not context.selected_editable_bones:
            cls.poll_message_set("Select bones")
            return False
        return True

    def _for_each(
        self, context: bpy.types.Context, do: Callable[[bpy.types.EditBone], object], *, last_first: bool
    ) -> set[str]:
        from ..scene.joints import with_mirrored

        data = context.edit_object.data
        names = [bone.name for bone in with_mirrored(data, context.selected_editable_bones)]
        try:
            for name in reversed(names) if last_first else names:
                do(data.edit_bones[name])
        except BonewrightError as error:
            bpy.ops.ed.undo_push(message="Adjust")
            return fail(self, error)
        return {"FINISHED"}


class BONEWRIGHT_OT_merge_bones(_BoneOperator, bpy.types.Operator):
    """Merge each selected bone into its parent"""

    bl_idname = "bonewright.merge_bones"
    bl_label = "Merge into Parent"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.joints import merge_into_parent

        data = context.edit_object.data
        return self._for_each(context, lambda bone: merge_into_parent(data, bone), last_first=True)


class BONEWRIGHT_OT_split_bones(_BoneOperator, bpy.types.Operator):
    """Cut each selected bone into several of equal length"""

    bl_idname = "bonewright.split_bones"
    bl_label = "Split"

    count: IntProperty(name="Bones", description="How many bones each becomes", default=2, min=2, max=20)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.joints import split

        data = context.edit_object.data
        return self._for_each(context, lambda bone: split(data, bone, self.count), last_first=False)


class BONEWRIGHT_OT_remove_bones(_BoneOperator, bpy.types.Operator):
    """Remove each selected bone; its children follow its parent"""

    bl_idname = "bonewright.remove_bones"
    bl_label = "Remove"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.joints import remove

        data = context.edit_object.data
        return self._for_each(context, lambda bone: remove(data, bone), last_first=True)


class BONEWRIGHT_OT_mirror_bones(_BoneOperator, bpy.types.Operator):
    """Put the other sides of the selected bones where these are, mirrored, whichever way the character faces"""

    bl_idname = "bonewright.mirror_bones"
    bl_label = "Mirror to Other Side"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.joints import mirror_to_other_side

        if not mirror_to_other_side(context.edit_object.data, context.selected_editable_bones):
            return fail(self, SceneError("Select bones of one side, whose names end in .L or .R."))
        return {"FINISHED"}


class BONEWRIGHT_OT_lock_bones(_BoneOperator, bpy.types.Operator):
    """Keep the selected bones as they are when the armature is generated again around them"""

    bl_idname = "bonewright.lock_bones"
    bl_label = "Lock"

    locked: BoolProperty(name="Locked", description="Keep these bones", default=True)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.joints import lock

        return self._for_each(context, lambda bone: lock([bone], locked=self.locked), last_first=False)


class BONEWRIGHT_OT_centre_joints(bpy.types.Operator):
    """Move the selected joints to the middle of the volume around them"""

    bl_idname = "bonewright.centre_joints"
    bl_label = "Snap to Centre"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "EDIT_ARMATURE":
            cls.poll_message_set("Press Edit Joints first")
            return False
        if not meshes_of(context.edit_object):
            cls.poll_message_set("No mesh belongs to this armature. Bind one first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            moved, outside = _centre_all(context.edit_object)
        except BonewrightError as error:
            return fail(self, error)
        if outside:
            self.report({"WARNING"}, f"{outside} joints are outside the mesh, or in an open part, and stay")
        if not moved:
            return {"CANCELLED"}
        return {"FINISHED"}


def _centre_all(armature: bpy.types.Object) -> tuple[int, int]:
    """How many joints were moved, and how many have no middle to be moved to."""
    import numpy as np
    from mathutils import Vector

    from ...inference.geometry.curves.centre import centre_point
    from ..scene.joints import direction_at, move_joint, selected_joints
    from ..scene.meshes import matrix, read_mesh

    data = armature.data
    places = selected_joints(data)
    if not places:
        raise SceneError("No joint is selected. Select the ends of bones.")
    mesh = read_mesh(meshes_of(armature)).mesh
    world = matrix(armature.matrix_world)
    back = np.linalg.inv(world)
    moved = outside = 0
    for place in places:
        along = world[:3, :3] @ np.array(direction_at(data, place))
        centre = centre_point(mesh, world[:3, :3] @ np.array(place) + world[:3, 3], along)
        if centre is None:
            outside += 1
            continue
        move_joint(data, place, Vector((back[:3, :3] @ centre + back[:3, 3]).tolist()))
        moved += 1
    return moved, outside


def _mirrors_in_x(armature: bpy.types.Object) -> bool:
    """Blender mirrors in the armature's own X only."""
    stored = armature.data.get("bonewright_symmetry")
    if stored is None:
        return False
    x, _, _, offset = stored
    size = max((bone.length for bone in armature.data.bones), default=1.0)
    return abs(x) > 0.9999 and abs(offset) < 1e-3 * size


CLASSES = (
    BONEWRIGHT_OT_edit_joints,
    BONEWRIGHT_OT_finish_joints,
    BONEWRIGHT_OT_centre_joints,
    BONEWRIGHT_OT_merge_bones,
    BONEWRIGHT_OT_split_bones,
    BONEWRIGHT_OT_remove_bones,
    BONEWRIGHT_OT_mirror_bones,
    BONEWRIGHT_OT_lock_bones,
)
