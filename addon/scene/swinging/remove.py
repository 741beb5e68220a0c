"""Chains taken out of an armature again: bones, threads and tracks go, the weights of the vertices come back."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from ...typed import armature_data, numbers, record_of
from ..armatures import editing
from ..characters import meshes_of
from ..meshes import mesh_of
from ..selecting import leave_modes
from .add import BEFORE
from .play import remove_play


def remove_swinging(context: bpy.types.Context, armature: bpy.types.Object) -> None:
    """The armature and the weights as they were before something was made to swing."""
    leave_modes(context)
    record = record_of(armature)
    added = [name for name in record.swing_bones.split("\n") if name in armature_data(armature).bones]
    carriers = _carriers(armature, added)
    remove_play(armature)
    for item in meshes_of(armature):
        if BEFORE in item and int(item[BEFORE]["vertices"]) == len(mesh_of(item).vertices):
            _restore(item, added)
        else:
            _hand_over(item, carriers)
        if BEFORE in item:
            del item[BEFORE]
        for name in added:
            group = item.vertex_groups.get(name)
            if group is not None:
                item.vertex_groups.remove(group)
    if added:
        with editing(armature):
            bones = armature_data(armature).edit_bones
            for name in reversed(added):
                bones.remove(bones[name])
    record.springs.clear()
    record.swing_bones = ""
    record.bones = "\n".join(name for name in record.bones.split("\n") if name not in added)
    context.view_layer.update()


def _restore(item: bpy.types.Object, added: Sequence[str]) -> None:
    """The weights that the moved vertices had. Groups of other bones, and all other vertices, are left alone."""
    kept = item[BEFORE]
    names = str(kept["names"]).split("\n")
    moved = [int(row) for row in numbers(kept["moved"])]
    wanted: dict[int, list[tuple[int, float]]] = {}
    for row, bone, weight in zip(numbers(kept["row"]), numbers(kept["bone"]), numbers(kept["weight"]), strict=True):
        wanted.setdefault(int(bone), []).append((int(row), float(weight)))
    for number, name in enumerate(names):
        group = item.vertex_groups.get(name)
        if group is None and number in wanted and name not in added:
            group = item.vertex_groups.new(name=name)
        if group is None or name in added or group.lock_weight:
            continue
        if moved:
            group.remove(moved)
        for row, weight in wanted.get(number, ()):
            group.add((row,), weight, "REPLACE")


def _hand_over(item: bpy.types.Object, carriers: dict[str, str]) -> None:
    """What chains move goes to the bones that carry them: the mesh has other vertices by now."""
    for name, carrier in carriers.items():
        group = item.vertex_groups.get(name)
        if group is None:
            continue
        found = [
            (vertex.index, member.weight)
            for vertex in mesh_of(item).vertices
            for member in vertex.groups
            if member.group == group.index and member.weight > 0
        ]
        target = item.vertex_groups.get(carrier) or item.vertex_groups.new(name=carrier)
        for vertex, weight in found:
            target.add((vertex,), weight, "ADD")


def _carriers(armature: bpy.types.Object, added: Sequence[str]) -> dict[str, str]:
    """For each added bone the nearest above it that stays."""
    carriers = {}
    for name in added:
        bone = armature_data(armature).bones[name].parent
        while bone is not None and bone.name in added:
            bone = bone.parent
        if bone is not None:
            carriers[name] = bone.name
    return carriers
