"""A finished rig into the scene, with everything the panels need to know about it later."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import bpy
import numpy as np

from ..inference.anatomy import Report, Rig, SkinWeights
from .errors import SceneError
from .scene.attach import apply_rig, remove_armatures
from .scene.meshes import Part, SceneMesh

_MOST_MARKED = 5000  # vertices kept with a warning: enough to see where it is


def apply_outcome(
    context: bpy.types.Context, rig: Rig, source: SceneMesh, name: str, influences: int, replaced: Sequence[str]
) -> bpy.types.Object:
    """Make the armature, bind the meshes with at most `influences` (0: do not bind), and select it."""
    check_unchanged(context, source.parts)
    leave_modes(context)
    first = bpy.data.objects[source.parts[0].name]
    old = [bpy.data.objects[item] for item in replaced if item in bpy.data.objects]
    collection = first.users_collection[0] if first.users_collection else None
    skin = limited(rig.skin, influences) if rig.skin is not None and influences > 0 else None
    armature = apply_rig(dataclasses.replace(rig, skin=skin), source, name, collection, old)
    remove_armatures(old)
    context.view_layer.update()
    armature.name = armature.data.name = name  # free now where an old one had it
    armature.bonewright.made = True
    for part in source.parts:
        armature.bonewright.meshes.add().item = bpy.data.objects[part.name]
    write_report(armature, rig.report, source.parts)
    make_active(context, armature)
    return armature


def check_unchanged(context: bpy.types.Context, parts: Sequence[Part]) -> None:
    """The meshes are still there, in sight and as they were read."""
    for part in parts:
        item = bpy.data.objects.get(part.name)
        if item is None or not isinstance(item.data, bpy.types.Mesh):
            raise SceneError(f"'{part.name}' is gone. Select the meshes and start again.")
        if item.name not in context.view_layer.objects:
            raise SceneError(f"'{part.name}' is not in this scene. Go back to its scene and start again.")
        if item.mode == "EDIT":
            item.update_from_editmode()
        if len(item.data.vertices) != part.stop - part.start:
            raise SceneError(f"'{part.name}' was edited meanwhile. Start again.")


def leave_modes(context: bpy.types.Context) -> None:
    """Go to object mode, whatever the user was doing."""
    active = context.view_layer.objects.active
    if active is not None and active.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")


def make_active(context: bpy.types.Context, item: bpy.types.Object) -> None:
    """Select `item` and nothing else."""
    for other in context.view_layer.objects:
        other.select_set(False)
    item.select_set(True)
    context.view_layer.objects.active = item


def limited(skin: SkinWeights, influences: int) -> SkinWeights:
    """The heaviest `influences` of each vertex, summing to 1 again."""
    weights = skin.weights[:, :influences]
    total = weights.sum(1, keepdims=True)
    return SkinWeights(skin.bones[:, :influences], weights / np.where(total > 0, total, 1))


def write_report(armature: bpy.types.Object, report: Report, parts: Sequence[Part]) -> None:
    """Remember the report with the armature."""
    record = armature.bonewright
    record.reported = True
    record.coverage, record.inside, record.stretch = report.coverage, report.inside, report.stretch
    record.warnings.clear()
    for warning in report.warnings:
        entry = record.warnings.add()
        entry.message = warning.message
        entry.bones = "\n".join(warning.bones)
        entry.vertices = "\n".join(_lines(np.asarray(warning.vertices), parts))


def _lines(vertices: np.ndarray, parts: Sequence[Part]) -> list[str]:
    """Vertices of the joined mesh -> object name and the numbers within it."""
    lines = []
    for part in parts:
        own = vertices[(vertices >= part.start) & (vertices < part.stop)][:_MOST_MARKED] - part.start
        if len(own):
            lines.append(part.name + "\t" + " ".join(map(str, own.tolist())))
    return lines
