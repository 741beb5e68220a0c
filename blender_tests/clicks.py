"""What a user does before the click that a test is about."""

from __future__ import annotations

import bpy
import numpy as np


def generate(**options: object) -> bpy.types.Object:
    for name, value in options.items():
        setattr(bpy.context.scene.bonewright, name, value)
    assert bpy.ops.bonewright.generate() == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def select(*items: bpy.types.Object) -> None:
    for other in bpy.context.view_layer.objects:
        other.select_set(other in items)
    bpy.context.view_layer.objects.active = items[0]


def points_of(item: bpy.types.Object) -> np.ndarray:
    """What the modifiers make of the vertices, in world coordinates."""
    bpy.context.view_layer.update()
    seen = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([seen.matrix_world @ vertex.co for vertex in seen.data.vertices])


def weights_of(item: bpy.types.Object) -> list[float]:
    return [sum(member.weight for member in vertex.groups) for vertex in item.data.vertices]


def select_bones(armature: bpy.types.Object, *names: str) -> None:
    for bone in armature.data.edit_bones:
        bone.select = bone.select_head = bone.select_tail = bone.name in names
