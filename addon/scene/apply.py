"""A finished rig into the scene, with everything the panels need to know about it later."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import bpy
import numpy as np

from ...inference.anatomy import Armature, Report, Rig, SkinWeights
from ..errors import SceneError
from ..networks import note_device
from ..typed import armature_data, record_of
from .adjust.bones import lock, locked_names
from .attach import apply_rig, attach, check_writable, own_their_meshes, remove_armatures
from .characters import armatures_of
from .freshness import State, note_state
from .meshes import Part, SceneMesh
from .poses.motion import end_motion, in_motion
from .selecting import leave_modes, make_active
from .weights import write_weights

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
    locked = {bone for item in old for bone in locked_names(item)}
    lock(armature_data(armature), locked & set(armature_data(armature).bones.keys()), locked=True)
    for item in old:
        if in_motion(item):
            end_motion(context.scene, item)  # or its action would outlive it
    remove_armatures(old)
    context.view_layer.update()
    armature.name = armature_data(armature).name = name  # free now where an old one had it
    record_of(armature).made = True
    remember(armature, source.parts)
    keep_report(armature, rig.report, source)
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


def limited(skin: SkinWeights, influences: int) -> SkinWeights:
    """The heaviest `influences` of each vertex, summing to 1 again."""
    weights = skin.weights[:, :influences]
    total = weights.sum(1, keepdims=True)
    return SkinWeights(skin.bones[:, :influences], weights / np.where(total > 0, total, 1))


def keep_report(armature: bpy.types.Object, report: Report, source: SceneMesh, state: State | None = None) -> None:
    """Remember the report with the armature, and what it is about: bones and meshes as they are, or were in `state`."""
    write_report(armature, report, source.parts)
    record_of(armature).keys = ", ".join(source.keys)
    note_state(armature, [bpy.data.objects[part.name] for part in source.parts], state)


def write_report(armature: bpy.types.Object, report: Report, parts: Sequence[Part]) -> None:
    """Remember the report with the armature."""
    record = record_of(armature)
    record.reported = True
    record.coverage, record.inside, record.stretch = report.coverage, report.inside, report.stretch
    record.forgotten, record.device = report.forgotten, report.device
    note_device(report.device)
    record.method = report.method or record.method
    record.verdict, record.certainty, record.reasons = report.verdict, report.certainty, "\n".join(report.reasons)
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


def apply_skin(
    context: bpy.types.Context,
    skin: SkinWeights,
    bones: Armature,
    source: SceneMesh,
    name: str,
    influences: int,
    smooth: int,
) -> None:
    """Write `skin` to the meshes and let the armature called `name` move them."""
    check_unchanged(context, source.parts)
    armature = bpy.data.objects.get(name)
    if armature is None or not isinstance(armature.data, bpy.types.Armature):
        raise SceneError(f"The armature '{name}' is gone. Select another one and bind again.")
    leave_modes(context)
    if missing := [bone for bone in bones.names if bone not in armature_data(armature).bones]:
        raise SceneError(f"The armature '{name}' was edited meanwhile: it has no bone '{missing[0]}'. Bind again.")
    objects = [bpy.data.objects[part.name] for part in source.parts]
    check_writable(objects)
    others = [other for other in armatures_of(objects) if other != armature]
    for other in others:
        if not record_of(other).made:
            raise SceneError(f"A mesh is already moved by the armature '{other.name}'. Remove that modifier first.")
    if smooth:
        from ...inference.rigging.skin.smooth import smooth_weights

        skin = smooth_weights(source.mesh, skin, len(bones.names), smooth, influences)
    own_their_meshes(objects)
    _let_go(objects, others, set(record_of(armature).bones.split("\n")) - set(bones.names))
    write_weights(bones, limited(skin, influences), source.parts)
    attach(objects, armature, others)
    remember(armature, source.parts)


def remember(armature: bpy.types.Object, parts: Sequence[Part]) -> None:
    """Note which meshes the armature is for, and which bones have groups there."""
    record = record_of(armature)
    record.bones = "\n".join(bone.name for bone in armature_data(armature).bones if bone.use_deform)
    known = {link.item for link in record.meshes}
    for part in parts:
        if bpy.data.objects[part.name] not in known:
            record.meshes.add().item = bpy.data.objects[part.name]


def _let_go(objects: Sequence[bpy.types.Object], armatures: Sequence[bpy.types.Object], gone: set[str]) -> None:
    """Free the meshes from `armatures` and from the groups of bones that are no more; locked groups stay."""
    for item in objects:
        for modifier in list(item.modifiers):
            if isinstance(modifier, bpy.types.ArmatureModifier) and modifier.object in armatures:
                item.modifiers.remove(modifier)
        old = gone.union(*(record_of(other).bones.split("\n") for other in armatures))
        for group in list(item.vertex_groups):
            if group.name in old and not group.lock_weight:
                item.vertex_groups.remove(group)
    for other in armatures:
        for place in reversed(range(len(record_of(other).meshes))):
            if record_of(other).meshes[place].item in objects:
                record_of(other).meshes.remove(place)
