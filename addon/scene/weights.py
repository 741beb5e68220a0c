"""SkinWeights <-> vertex groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy
import numpy as np

from ...inference.anatomy import Armature, SkinWeights
from .meshes import Part


def write_weights(armature: Armature, skin: SkinWeights, parts: Sequence[Part]) -> None:
    """Replace the vertex groups named after deforming bones; locked groups and all others stay as they are."""
    for part in parts:
        item = bpy.data.objects[part.name]
        rows = slice(part.start, part.stop)
        _write_groups(item, armature, skin.bones[rows], skin.weights[rows])


def write_rows(
    parts: Sequence[Part], names: tuple[str, ...], rows: np.ndarray, before: np.ndarray, after: np.ndarray
) -> None:
    """Change the weights of the vertices `rows` (N,) from `before` to `after` (N, B); locked groups stay."""
    for part in parts:
        item = bpy.data.objects[part.name]
        own = (rows >= part.start) & (rows < part.stop)
        vertices, old, new = (rows[own] - part.start).tolist(), before[own], after[own]
        for place in np.flatnonzero((old != new).any(0)).tolist():
            group = item.vertex_groups.get(names[place]) or item.vertex_groups.new(name=names[place])
            if group.lock_weight:
                continue
            gone = np.flatnonzero((old[:, place] > 0) & (new[:, place] == 0)).tolist()
            if gone:
                group.remove([vertices[row] for row in gone])
            for row in np.flatnonzero((new[:, place] > 0) & (new[:, place] != old[:, place])).tolist():
                group.add((vertices[row],), float(new[row, place]), "REPLACE")


def read_weights(parts: Sequence[Part], vertices: int, bones: Sequence[str]) -> np.ndarray:
    """Weights of the vertex groups called `bones` as they are, (vertices, B) float32; other groups do not count."""
    dense = np.zeros((vertices, len(bones)), np.float32)
    column = {name: place for place, name in enumerate(bones)}
    for part in parts:
        item = bpy.data.objects[part.name]
        columns = [column.get(group.name, -1) for group in item.vertex_groups]
        found = [
            (part.start + vertex.index, columns[member.group], member.weight)
            for vertex in _vertices(item)
            for member in vertex.groups
            if member.group < len(columns) and columns[member.group] >= 0
        ]
        if found:
            rows, places, weights = zip(*found, strict=True)
            dense[rows, places] = weights
    return dense


def sparse(dense: np.ndarray) -> SkinWeights:
    """Weights (V, B) as SkinWeights with as many places as the busiest vertex needs."""
    width = max(int((dense > 0).sum(1).max(initial=0)), 1)
    bones = np.argsort(-dense, axis=1, kind="stable")[:, :width]
    weights = np.take_along_axis(dense, bones, 1)
    return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights)


def locked_bones(parts: Sequence[Part], bones: Sequence[str]) -> tuple[str, ...]:
    """Which of `bones` have a locked vertex group on any part."""
    locked = {group.name for part in parts for group in bpy.data.objects[part.name].vertex_groups if group.lock_weight}
    return tuple(name for name in bones if name in locked)


def _write_groups(item: bpy.types.Object, armature: Armature, bones: np.ndarray, weights: np.ndarray) -> None:
    """Every deforming bone gets a group, empty or not, so that painting can start on any of them."""
    adders = {}
    for place, name in enumerate(armature.names):
        group = item.vertex_groups.get(name)
        if group is not None and group.lock_weight:
            continue
        if group is not None:
            group.remove(range(len(bones)))
        elif armature.deform[place]:
            group = item.vertex_groups.new(name=name)
        if group is not None:
            adders[place] = group.add
    rows, columns = np.nonzero(weights > 0)
    for vertex, bone, weight in zip(
        rows.tolist(), bones[rows, columns].tolist(), weights[rows, columns].tolist(), strict=True
    ):
        if bone in adders:
            adders[bone]((vertex,), weight, "REPLACE")


def _vertices(item: bpy.types.Object) -> Iterable[bpy.types.MeshVertex]:
    data = item.data
    return data.vertices if isinstance(data, bpy.types.Mesh) else ()
