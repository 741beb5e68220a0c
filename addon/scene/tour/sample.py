"""A fox to try everything on: `creature.npz` is made by `python -m tools.sample`."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from ..characters import armatures_of
from ..poses.motion import in_motion
from ..selecting import leave_modes
from .steps import Facts

_SHAPE = Path(__file__).with_name("creature.npz")
_REACHED = "bonewright_tour"  # on the sample: how far the tour is


def add_sample(context: bpy.types.Context) -> bpy.types.Object:
    """The fox, at the world's origin, selected and active."""
    leave_modes(context)
    with np.load(_SHAPE, allow_pickle=False) as shape:
        vertices, triangles = shape["vertices"], shape["triangles"]
    mesh = bpy.data.meshes.new("Fox")
    mesh.from_pydata(vertices.tolist(), [], triangles.tolist())
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    item = bpy.data.objects.new("Fox", mesh)
    item[_REACHED] = 0
    context.scene.collection.objects.link(item)
    for other in context.selected_objects:
        other.select_set(state=False)
    item.select_set(state=True)
    assert context.view_layer is not None
    context.view_layer.objects.active = item
    return item


def touring(scene: bpy.types.Scene) -> bpy.types.Object | None:
    """The sample that the tour goes on with."""
    return next((item for item in scene.objects if _REACHED in item), None)


def facts_of(sample: bpy.types.Object) -> Facts:
    """What has been done with it."""
    armature = next(iter(armatures_of([sample])), None)
    reached = int(sample[_REACHED])
    if armature is None:
        return Facts(reached=reached)
    tested = in_motion(armature)
    kept = armature.animation_data
    return Facts(
        rigged=True, tested=tested, moved=kept is not None and kept.action is not None and not tested, reached=reached
    )


def go_on(sample: bpy.types.Object, step: int) -> None:
    """The user has gone on to that step."""
    sample[_REACHED] = step


def passed(scene: bpy.types.Scene, step: int) -> None:
    """Something was done after which the tour goes on with that step, where one is under way."""
    sample = touring(scene)
    if sample is not None:
        sample[_REACHED] = max(step, int(sample[_REACHED]))


def end_tour(sample: bpy.types.Object) -> None:
    """The fox stays, as any other mesh."""
    del sample[_REACHED]
