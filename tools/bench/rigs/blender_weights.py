"""Blender's own automatic weights ("With Automatic Weights", bone heat), through the bpy wheel."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inference.anatomy import Armature, Mesh

if TYPE_CHECKING:
    import bpy


@dataclass(frozen=True)
class Automatic:
    """What Blender made, and how long the one operator took."""

    weights: np.ndarray  # (V, B) float32, all bones, zero where Blender gave none
    seconds: float


def automatic_weights(given: tuple[Mesh, Armature]) -> Automatic:
    """Parent the mesh to the armature with automatic weights; influences are neither limited nor normalised here."""
    import bpy

    mesh, armature = given
    bpy.ops.wm.read_factory_settings(use_empty=True)
    body = bpy.data.meshes.new("body")
    body.from_pydata(mesh.vertices.tolist(), [], mesh.triangles.tolist())
    model = bpy.data.objects.new("body", body)
    data = bpy.data.armatures.new("rig")
    rig = bpy.data.objects.new("rig", data)
    for item in (model, rig):
        bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    names = _draw(data.edit_bones, armature)
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone, deform in zip(names, armature.deform, strict=True):
        data.bones[bone].use_deform = bool(deform)
    model.select_set(state=True)
    rig.select_set(state=True)
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        bpy.ops.object.parent_set(type="ARMATURE_AUTO")
    seconds = time.perf_counter() - start
    column = {group.index: names.index(group.name) for group in model.vertex_groups if group.name in names}
    weights = np.zeros((len(mesh.vertices), len(names)), np.float32)
    for vertex in body.vertices:
        for entry in vertex.groups:
            weights[vertex.index, column[entry.group]] = entry.weight
    return Automatic(weights, seconds)


def _draw(edit_bones: bpy.types.ArmatureEditBones, armature: Armature) -> list[str]:
    """Bones in edit mode; their names in the armature's order."""
    drawn = []
    for bone, name in enumerate(armature.names):
        made = edit_bones.new(name)
        made.head, made.tail = armature.heads[bone], armature.tails[bone]
        if armature.parents[bone] >= 0:
            made.parent = drawn[armature.parents[bone]]
            made.use_connect = bool(armature.connected[bone])
        drawn.append(made)
    return [made.name for made in drawn]
