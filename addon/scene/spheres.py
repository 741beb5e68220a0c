"""MedialSpheres -> one mesh object to look at, coloured by radius."""

# Blender's stubs know nothing of what is registered at run time and make nearly everything optional:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import colorsys

import bmesh
import bpy
import numpy as np

from ...inference.anatomy import MedialSpheres

SHADES = 8  # thinnest red, thickest blue


def write_spheres(
    spheres: MedialSpheres, name: str, collection: bpy.types.Collection, scale: float = 1.0
) -> bpy.types.Object:
    """Make a mesh of all spheres (world coordinates), one material for each step of radius."""
    points, faces = _ball()
    count = len(spheres.radii)
    radii = scale * spheres.radii[:, None, None]
    vertices = (spheres.centres[:, None] + radii * points).reshape(-1, 3)
    corners = (faces + len(points) * np.arange(count)[:, None, None]).reshape(-1, 3)
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(vertices))
    data.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    data.loops.add(corners.size)
    data.loops.foreach_set("vertex_index", corners.astype(np.int32).ravel())
    data.polygons.add(len(corners))
    data.polygons.foreach_set("loop_start", np.arange(0, corners.size, 3, dtype=np.int32))
    data.polygons.foreach_set("use_smooth", np.ones(len(corners), bool))
    for shade in range(SHADES):
        data.materials.append(_material(shade))
    data.polygons.foreach_set("material_index", np.repeat(_shades(spheres.radii), len(faces)).astype(np.int32))
    data.update(calc_edges=True)
    item = bpy.data.objects.new(name, data)
    collection.objects.link(item)
    return item


def _ball() -> tuple[np.ndarray, np.ndarray]:
    """A unit ball: points (N, 3) and triangles (M, 3)."""
    mesh = bmesh.new()
    bmesh.ops.create_icosphere(mesh, subdivisions=3, radius=1.0)
    points = np.array([vertex.co for vertex in mesh.verts])
    faces = np.array([[vertex.index for vertex in face.verts] for face in mesh.faces])
    mesh.free()
    return points, faces


def _shades(radii: np.ndarray) -> np.ndarray:
    """Which material each sphere gets, (S,): equal steps of the logarithm between the thinnest and the thickest."""
    logs = np.log(radii)
    span = max(float(np.ptp(logs)), 1e-9)
    return np.minimum((SHADES * (logs - logs.min()) / span).astype(np.int32), SHADES - 1)


def _material(shade: int) -> bpy.types.Material:
    name = f"Bonewright Radius {shade + 1}"
    found = bpy.data.materials.get(name)
    if found is not None:
        return found
    material = bpy.data.materials.new(name)
    red, green, blue = colorsys.hsv_to_rgb(0.65 * shade / (SHADES - 1), 0.75, 0.9)
    material.diffuse_color = (red, green, blue, 1.0)
    material["bonewright_look"] = "spheres"
    return material
