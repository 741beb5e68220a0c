"""Edit Joints, Done, Snap to Centre: put the joints right by hand before binding."""

from __future__ import annotations

import bpy

from ...errors import SceneError
from ...scene.characters import active_armature, check_local, edited_armature, is_bound, meshes_of
from ...scene.verdict import announcement, changed_since
from ...typed import Returned, armature_data, record_of, settings_of
from ..base import ArmatureOperator, SceneOperator, go_on_with
from ..polls import edits_joints


class BONEWRIGHT_OT_edit_joints(ArmatureOperator, bpy.types.Operator):
    """Move joints by hand; where the armature is symmetric both sides move together"""

    bl_idname = "bonewright.edit_joints"
    bl_label = "Edit Joints"

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...scene.adjust import live
        from ...scene.bones.sides import is_symmetric, mirrors_in_x
        from ...scene.selecting import go_to

        check_local(armature)
        stale = changed_since(armature) == "bones"
        go_to(context, armature)
        data, record = armature_data(armature), record_of(armature)
        data.use_mirror_x = mirrors_in_x(data)
        record.mirror = data.use_mirror_x or is_symmetric(data)
        record.adjusted = True
        if settings_of(context.scene).follow == "LIVE":
            live.begin(armature, stale=stale)
        else:
            live.end()
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
        from ...scene.adjust import live

        bpy.ops.object.mode_set(mode="OBJECT")
        armature = active_armature(context)
        if armature is None:
            return {"FINISHED"}
        record_of(armature).adjusted = False
        if not changed_since(armature):
            live.end()
            return {"FINISHED"}
        self.report({"INFO"}, announcement(armature))
        follow = settings_of(context.scene).follow
        if follow != "NEVER" and is_bound(armature, meshes_of(armature)):
            if follow == "LIVE" and live.follows(armature):
                go_on_with("follow_joints" if live.is_behind(armature) else "check")
            else:
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
        moved, outside = _centre_all(edited_armature(context))
        if not moved:
            raise SceneError("The selected joints are outside the mesh, or in an open part. Move them inside first.")
        if outside:
            self.report({"WARNING"}, f"{outside} joints are outside the mesh, or in an open part, and stay")


def _centre_all(armature: bpy.types.Object) -> tuple[int, int]:
    """How many joints were moved, and how many have no middle to be moved to."""
    import numpy as np

    from ....inference.geometry.curves.centre import centre_point
    from ...scene.adjust.joints import direction_at, move_joint, other_joint, read_graph, selected_joints
    from ...scene.meshes import matrix, read_mesh

    data = armature_data(armature)
    graph = read_graph(data)
    joints = selected_joints(data, graph)
    if not joints:
        raise SceneError("No joint is selected. Select the ends of bones.")
    mesh = read_mesh(meshes_of(armature)).mesh
    world = matrix(armature.matrix_world)
    back = np.linalg.inv(world)
    moved = outside = 0
    done: set[int | None] = set()
    for joint in joints:
        if joint in done:  # its other side was moved, and it along
            continue
        here, along = graph.places[joint], world[:3, :3] @ direction_at(graph, joint)
        centre = centre_point(mesh, world[:3, :3] @ here + world[:3, 3], along)
        if centre is None:
            outside += 1
            continue
        move_joint(armature, graph, joint, back[:3, :3] @ centre + back[:3, 3])
        done |= {joint, other_joint(armature, graph, joint)}
        graph = read_graph(data)
        moved += 1
    return moved, outside


CLASSES = (BONEWRIGHT_OT_edit_joints, BONEWRIGHT_OT_finish_joints, BONEWRIGHT_OT_centre_joints)
