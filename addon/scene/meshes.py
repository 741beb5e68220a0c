"""Mesh objects <-> one Mesh in world coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from ...inference.anatomy import Mesh
from ..errors import SceneError
from .shape_keys import counting_keys, seen_vertices


@dataclass(frozen=True)
class Part:
    """The vertices of one object within the joined mesh."""

    name: str  # of the object: names outlive undo, pointers do not
    start: int  # first vertex of the object
    stop: int  # one past its last; copies made by mirror modifiers come after it and belong to no part


@dataclass(frozen=True)
class SceneMesh:
    """Several objects as one triangle soup."""

    mesh: Mesh  # world coordinates
    parts: tuple[Part, ...]
    keys: tuple[str, ...] = ()  # shape keys that count in what was read, with their values


def read_mesh(objects: Sequence[bpy.types.Object]) -> SceneMesh:
    """Join `objects` as the user modelled them: without modifiers, save that mirrored halves are made whole.

    Shape keys count with the values that they have.
    """
    if not objects:
        raise SceneError("No mesh is selected. Select the meshes of one character.")
    for item in objects:
        if item.type != "MESH":
            raise SceneError(f"'{item.name}' is not a mesh. Convert it to a mesh, or leave it out.")
        if item.mode == "EDIT":
            item.update_from_editmode()
    bpy.context.view_layer.update()
    parts, vertices, triangles, count = [], [], [], 0
    for item in objects:
        own = len(mesh_of(item).vertices)
        points, faces = _mirrored(item, *_in_world(item))
        parts.append(Part(item.name, count, count + own))
        vertices.append(points)
        triangles.append(faces + count)
        count += len(points)
    keys = dict.fromkeys(key for item in objects for key in counting_keys(item))
    mesh = Mesh(np.concatenate(vertices), np.concatenate(triangles).astype(np.int32))
    return SceneMesh(mesh, tuple(parts), tuple(keys))


def write_mesh(mesh: Mesh, name: str, collection: bpy.types.Collection, origin: np.ndarray) -> bpy.types.Object:
    """Make a smooth mesh object of `mesh` (world coordinates) whose own origin sits at `origin` (3,)."""
    data = bpy.data.meshes.new(name)
    data.from_pydata((mesh.vertices - origin).tolist(), [], mesh.triangles.tolist())
    data.polygons.foreach_set("use_smooth", np.ones(len(data.polygons), bool))
    data.update()
    item = bpy.data.objects.new(name, data)
    item.location = origin.tolist()
    collection.objects.link(item)
    bpy.context.view_layer.update()
    return item


def matrix(item: object) -> np.ndarray:
    """A mathutils matrix as (4, 4) float64."""
    return np.array(item, np.float64)


def mesh_of(item: bpy.types.Object) -> bpy.types.Mesh:
    """The vertices and faces of a mesh object."""
    data = item.data
    if not isinstance(data, bpy.types.Mesh):
        raise SceneError(f"'{item.name}' is not a mesh. Convert it to a mesh, or leave it out.")
    return data


def _in_world(item: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) and triangles (F, 3) of one object, wound outwards whatever the sign of its scale."""
    data, world = mesh_of(item), matrix(item.matrix_world)
    data.calc_loop_triangles()
    triangles = np.empty(3 * len(data.loop_triangles), np.int32)
    data.loop_triangles.foreach_get("vertices", triangles)
    triangles = triangles.reshape(-1, 3)
    if np.linalg.det(world[:3, :3]) < 0:
        triangles = triangles[:, ::-1]
    return seen_vertices(item).astype(np.float64) @ world[:3, :3].T + world[:3, 3], triangles


def _mirrored(item: bpy.types.Object, vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Add what the object's visible mirror modifiers add, after the object's own vertices."""
    for modifier in item.modifiers:
        if not isinstance(modifier, bpy.types.MirrorModifier) or not modifier.show_viewport:
            continue
        mirror = modifier.mirror_object or item
        frame, axes = matrix(mirror.matrix_world), np.array(modifier.use_axis)
        for axis in range(3):
            if not axes[axis] or abs(np.linalg.det(frame)) < 1e-30:
                continue
            flip = np.eye(4)
            flip[axis, axis] = -1
            reflect = frame @ flip @ np.linalg.inv(frame)
            copies = vertices @ reflect[:3, :3].T + reflect[:3, 3]
            triangles = np.concatenate([triangles, triangles[:, ::-1] + len(vertices)])
            vertices = np.concatenate([vertices, copies])
    return vertices, triangles
