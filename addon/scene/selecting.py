"""Modes and selections: take the user to an object, to bones or to vertices."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ..compat import select_pose_bone
from ..errors import SceneError
from ..typed import armature_data, pose_of


def select_bones(context: bpy.types.Context, armature: bpy.types.Object, names: Sequence[str]) -> None:
    """Go to pose mode with these bones selected."""
    bones = armature_data(armature).bones
    known = [name for name in names if name in bones]
    if not known:
        raise SceneError(f"'{armature.name}' has no bone '{names[0]}' any more. Check again.")
    go_to(context, armature)
    bpy.ops.object.mode_set(mode="POSE")
    for bone in pose_of(armature).bones:
        select_pose_bone(bone, chosen=bone.name in known)
    bones.active = bones[known[0]]


def select_vertices(context: bpy.types.Context, name: str, vertices: Sequence[int]) -> None:
    """Go to edit mode of the mesh object called `name` with these vertices selected."""
    item = bpy.data.objects.get(name)
    if item is None or not isinstance(item.data, bpy.types.Mesh):
        raise SceneError(f"'{name}' is gone. Check again.")
    data = item.data
    if max(vertices) >= len(data.vertices):
        raise SceneError(f"'{name}' was edited meanwhile. Check again.")
    go_to(context, item)
    chosen = np.zeros(len(data.vertices), bool)
    chosen[list(vertices)] = True
    data.vertices.foreach_set("select", chosen)
    data.edges.foreach_set("select", np.zeros(len(data.edges), bool))
    data.polygons.foreach_set("select", np.zeros(len(data.polygons), bool))
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_mode(type="VERT")


def go_to(context: bpy.types.Context, item: bpy.types.Object) -> None:
    """Leave what the user was doing and select `item` alone."""
    if item.name not in context.view_layer.objects or item.hide_get():
        raise SceneError(f"'{item.name}' is hidden. Show it first.")
    leave_modes(context)
    make_active(context, item)


def leave_modes(context: bpy.types.Context) -> None:
    """Go to object mode, whatever the user was doing."""
    active = context.view_layer.objects.active
    if active is not None and active.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")


def make_active(context: bpy.types.Context, item: bpy.types.Object) -> None:
    """Select `item` and nothing else."""
    for other in context.view_layer.objects:
        other.select_set(state=False)
    item.select_set(state=True)
    context.view_layer.objects.active = item
