"""Chains into an armature that exists, with their weights; all that is needed to take them out again is kept."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Vector

from ....inference.anatomy import Armature, SkinWeights, Swung
from ....inference.axes import bone_axes
from ...compat import bone_collection, paint
from ...errors import SceneError
from ...typed import armature_data
from ..apply import check_unchanged, remember
from ..armatures import editing
from ..attach import check_writable, own_their_meshes
from ..bones.groups import group_of, palette_of
from ..meshes import Part, SceneMesh, matrix
from ..selecting import leave_modes, make_active
from ..weights import write_rows
from .kept import keep_springs
from .play import add_play

BEFORE = "bonewright_before_swinging"  # on a mesh object: the weights that its vertices had


def apply_swinging(
    context: bpy.types.Context, swung: Swung, before: np.ndarray, source: SceneMesh, name: str, bones: Sequence[str]
) -> None:
    """Add the chains of `swung` to the armature called `name`, whose `bones` had the weights `before` (V, B)."""
    check_unchanged(context, source.parts)
    armature = bpy.data.objects.get(name)
    if armature is None or not isinstance(armature.data, bpy.types.Armature):
        raise SceneError(f"The armature '{name}' is gone. Select another one and try again.")
    leave_modes(context)
    if tuple(armature_data(armature).bones.keys()) != tuple(bones):
        raise SceneError(f"The armature '{name}' was edited meanwhile. Press Add Swinging Parts again.")
    objects = [bpy.data.objects[part.name] for part in source.parts]
    check_writable(objects)
    own_their_meshes(objects)
    fresh = swung.armature.names[len(bones) :]
    if fresh:
        _add_bones(armature, swung.armature, len(bones))
        _write_weights(swung.skin, before, source.parts, swung.armature.names, len(fresh))
        remember(armature, source.parts)
    keep_springs(armature, swung.springs)
    add_play(context, armature)
    make_active(context, armature)


def _add_bones(armature: bpy.types.Object, wanted: Armature, first: int) -> None:
    """The bones of `wanted` (world coordinates) from number `first` on."""
    data = armature_data(armature)
    inverse = np.linalg.inv(matrix(armature.matrix_world))
    heads, tails = (ends @ inverse[:3, :3].T + inverse[:3, 3] for ends in (wanted.heads, wanted.tails))
    up = bone_axes(wanted.heads, wanted.tails, wanted.rolls)[:, 2] @ inverse[:3, :3].T
    scale = abs(float(np.linalg.det(inverse[:3, :3]))) ** (1 / 3)
    with editing(armature):
        for place in range(first, len(wanted.names)):
            bone = data.edit_bones.new(wanted.names[place])
            bone.head, bone.tail = Vector(heads[place]), Vector(tails[place])
            bone.align_roll(Vector(up[place]))
            bone.parent = data.edit_bones[wanted.names[wanted.parents[place]]]
            bone.use_connect = bool(wanted.connected[place])
            bone.head_radius, bone.tail_radius = (float(radius) * scale for radius in wanted.radii[place])
            paint(bone, palette_of(wanted.names[place]))
    for place in range(first, len(wanted.names)):
        bone = data.bones[wanted.names[place]]
        bone["confidence"] = float(wanted.confidence[place])
        bone_collection(data, group_of(bone.name)).assign(bone)


def _write_weights(
    skin: SkinWeights, before: np.ndarray, parts: Sequence[Part], names: tuple[str, ...], fresh: int
) -> None:
    """Change the vertices that the chains move, and keep on each object what those vertices had."""
    after = skin.dense(len(names))
    first = len(names) - fresh
    rows = np.flatnonzero(after[:, first:].any(1))
    was = np.concatenate([before[rows], np.zeros((len(rows), fresh), np.float32)], 1)
    for part in parts:
        own = (rows >= part.start) & (rows < part.stop)
        row, bone = np.nonzero(was[own])
        item = bpy.data.objects[part.name]
        item[BEFORE] = {
            "vertices": part.stop - part.start,
            "moved": (rows[own] - part.start).tolist(),
            "row": (rows[own] - part.start)[row].tolist(),
            "bone": bone.tolist(),
            "weight": was[own][row, bone].astype(float).tolist(),
            "names": "\n".join(names),
        }
    write_rows(parts, names, rows, was, after[rows])
