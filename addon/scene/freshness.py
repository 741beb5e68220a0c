"""Whether a report is still true: what it was made of is remembered, and compared with what is there."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ..typed import armature_data, numbers, record_of
from .meshes import matrix
from .shape_keys import seen_vertices

_BONES = "bonewright_checked"  # of the armature: ten numbers a bone
_SAME = 1e-4  # of the armature's size: what going in and out of edit mode may change


@dataclass(frozen=True)
class State:
    """What a report is about, as it was when somebody looked."""

    bones: list[float]
    meshes: dict[str, tuple[str, list[float]]]  # name -> shape and place


def state_of(armature: bpy.types.Object, meshes: Sequence[bpy.types.Object]) -> State:
    """As it is now."""
    seen = {item.name: (_shape(item), _place(item, armature).ravel().tolist()) for item in meshes}
    return State(_bones(armature_data(armature)).ravel().tolist(), seen)


def note_state(armature: bpy.types.Object, meshes: Sequence[bpy.types.Object], state: State | None = None) -> None:
    """The report of `armature` is about its bones and these meshes, as they are now or were in `state`."""
    state = state or state_of(armature, meshes)
    armature_data(armature)[_BONES] = state.bones
    checked = record_of(armature).checked
    checked.clear()
    for item in meshes:
        entry = checked.add()
        entry.item = item
        entry.shape, entry.place = state.meshes[item.name]


def what_changed(armature: bpy.types.Object) -> str:
    """What is no longer as the report saw it: "bones", the name of a mesh, or nothing."""
    data = armature_data(armature)
    if _BONES not in data:
        return ""
    before, now = np.array(numbers(data[_BONES]), np.float64).reshape(-1, 10), _bones(data)
    if len(before) != len(now):
        return "bones"
    size = max(float(np.ptp(before[:, :6], axis=0).max()), 1e-6)
    units = np.array([*6 * [size], *4 * [100.0]])  # places against the size, directions within half a degree
    if len(now) and (np.abs(now - before) > _SAME * units).any():
        return "bones"
    for entry in record_of(armature).checked:
        if entry.item is None:
            return "meshes"
        moved = np.abs(_place(entry.item, armature).ravel() - np.array(entry.place, np.float64)).max()
        if entry.shape != _shape(entry.item) or moved > _SAME * max(size, 1.0):
            return f"'{entry.item.name}'"
    return ""


def _bones(data: bpy.types.Armature) -> np.ndarray:
    """Head, tail, z axis and the parent's number of each bone, (B, 10)."""
    if data.is_editmode:
        rows = [(bone.name, bone.head, bone.tail, bone.z_axis, bone.parent) for bone in data.edit_bones]
    else:
        rows = [
            (bone.name, bone.head_local, bone.tail_local, matrix(bone.matrix_local)[:3, 2], bone.parent)
            for bone in data.bones
        ]
    place = {row[0]: number for number, row in enumerate(rows)}
    flat = [[*head, *tail, *z, place[above.name] if above else -1] for _, head, tail, z, above in rows]
    return np.array(flat, np.float64).reshape(-1, 10)


def _shape(item: bpy.types.Object) -> str:
    """A short text that differs when a vertex or the number of faces does."""
    data = item.data
    faces = len(data.polygons) if isinstance(data, bpy.types.Mesh) else 0
    return f"{faces} {zlib.crc32(seen_vertices(item).tobytes()):08x}"


def _place(item: bpy.types.Object, armature: bpy.types.Object) -> np.ndarray:
    """The mesh's own coordinates -> the armature's, (4, 4)."""
    world = matrix(armature.matrix_world)
    if abs(np.linalg.det(world)) < 1e-30:
        return np.eye(4)
    return np.linalg.inv(world) @ matrix(item.matrix_world)
