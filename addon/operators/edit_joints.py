"""Edit Joints, Done, Snap to Centre: put the joints right by hand before binding."""

from __future__ import annotations

import bpy

from ..errors import SceneError
from ..scene.characters import active_armature, check_local, edited_armature, is_bound, meshes_of
from ..scene.verdict import announcement, changed_since
from ..typed import Returned, armature_data, settings_of
from .base import ArmatureOperator, SceneOperator, go_on_with
from .polls import edits_joints


class BONEWRIGHT_OT_edit_joints(ArmatureOperator, bpy.types.Operator):
    """Move joints by hand; where the armature is symmetric both sides move together"""

    bl_idname = "bonewright.edit_joints"
    bl_label = "Edit Joints"

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..scene.selecting import go_to

        check_local(armature)
        go_to(context, armature)
        armature_data(armature).use_mirror_x = _mirrors_in_x(armature_data(armature))
        bpy.ops.object.mode_set(mode="EDIT")


class BONEWRIGHT_OT_finish_joints(bpy.types.Operator):
    """Leave edit mode; weights belong to the bones as they were until they are bound again"""

    bl_idname = "bonewright.finish_joints"
    bl_label = "Done"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.mode == "EDIT_ARMATURE"

    def execute(self, context: bpy.types.Context) -> Returned:
        bpy.ops.object.mode_set(mode="OBJECT")
        armature = active_armature(context)
        if armature is None or not changed_since(armature):
            return {"FINISHED"}
        self.report({"INFO"}, announcement(armature))
        if settings_of(context.scene).rebind and is_bound(armature, meshes_of(armature)):
            go_on_with("bind")
        return {"FINISHED"}


class BONEWRIGHT_OT_centre_joints(SceneOperator, bpy.types.Operator):
    """Move the selected joints to the middle of the volume around them"""

    bl_idname = "bonewright.centre_joints"
    bl_label = "Snap to Centre"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not edits_joints(cls, context):
            return False
        if not meshes_of(edited_armature(context)):
            cls.poll_message_set("No mesh belongs to this armature. Bind one first")
            return False
        return True

    def act(self, context: bpy.types.Context) -> None:
        from ..scene.bones.sides import mirror_off

        armature = edited_armature(context)
        mirrored = armature_data(armature).use_mirror_x
        with mirror_off(armature_data(armature)):
            moved, outside = _centre_all(armature, mirrored=mirrored)
        if not moved:
            raise SceneError("The selected joints are outside the mesh, or in an open part. Move them inside first.")
        if outside:
            self.report({"WARNING"}, f"{outside} joints are outside the mesh, or in an open part, and stay")


def _centre_all(armature: bpy.types.Object, *, mirrored: bool) -> tuple[int, int]:
    """How many joints were moved, and how many have no middle to be moved to."""
    import numpy as np
    from mathutils import Vector

    from ...inference.geometry.curves.centre import centre_point
    from ..scene.joints import direction_at, move_joint, selected_joints
    from ..scene.meshes import matrix, read_mesh

    data = armature_data(armature)
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
        move_joint(data, place, Vector((back[:3, :3] @ centre + back[:3, 3]).tolist()), mirrored=mirrored)
        moved += 1
    return moved, outside


def _mirrors_in_x(data: bpy.types.Armature) -> bool:
    """Blender mirrors in the armature's own X only."""
    from ..scene.bones.sides import PLANE, mirror_plane

    plane = mirror_plane(data) if PLANE in data else None
    if plane is None:
        return False
    size = max((bone.length for bone in data.bones), default=1.0)
    return bool(abs(plane.normal[0]) > 0.9999) and abs(plane.offset) < 1e-3 * size


CLASSES = (BONEWRIGHT_OT_edit_joints, BONEWRIGHT_OT_finish_joints, BONEWRIGHT_OT_centre_joints)
