"""Vertices as shape keys at their present values show them: same number, same order, nothing in the mesh is changed."""

from __future__ import annotations

import bpy
import numpy as np


def seen_vertices(item: bpy.types.Object) -> np.ndarray:
    """The vertices of a mesh object in its own coordinates with the keys of `counting_keys`, (V, 3) float32."""
    data = item.data
    if not isinstance(data, bpy.types.Mesh):
        return np.zeros((0, 3), np.float32)
    keys = _counting(item)
    if not keys or data.shape_keys is None:
        return _points(data.vertices)
    seen = _points(data.shape_keys.reference_key.data).astype(np.float64)
    for key, value in keys:
        step = value * (_points(key.data).astype(np.float64) - _points(key.relative_key.data))
        seen += step if not key.vertex_group else _shares(item, key.vertex_group)[:, None] * step
    return seen.astype(np.float32)


def counting_keys(item: bpy.types.Object) -> tuple[str, ...]:
    """The keys that change what is seen, with their values: ("Belly 0.50",)."""
    return tuple(f"{key.name} {value:.2f}" for key, value in _counting(item))


def _counting(item: bpy.types.Object) -> list[tuple[bpy.types.ShapeKey, float]]:
    """The keys that count and how much; none where they follow one another in time, or the mesh is seen without."""
    keys = item.data.shape_keys if isinstance(item.data, bpy.types.Mesh) else None
    if keys is None or not keys.use_relative:
        return []
    others = [key for key in keys.key_blocks if key != keys.reference_key and not key.mute]
    if item.show_only_shape_key:  # the pin: one alone, as if its value were 1
        return [(key, 1.0) for key in others if key == item.active_shape_key]
    return [(key, key.value) for key in others if key.value != 0.0]


def _points(data: bpy.types.bpy_prop_collection) -> np.ndarray:
    points = np.empty(3 * len(data), np.float32)
    data.foreach_get("co", points)
    return points.reshape(-1, 3)


def _shares(item: bpy.types.Object, group: str) -> np.ndarray:
    """How much of a key each vertex takes that is limited to a vertex group, (V,)."""
    data = item.data
    if not isinstance(data, bpy.types.Mesh):
        return np.zeros(0)
    index = item.vertex_groups.find(group)
    if index < 0:
        return np.ones(len(data.vertices))
    weights = [[member.weight for member in vertex.groups if member.group == index] for vertex in data.vertices]
    return np.array([found[0] if found else 0.0 for found in weights])
