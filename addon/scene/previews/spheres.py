"""MedialSpheres -> balls to look at, coloured by radius: one ball, instanced, behind one object in the scene."""

from __future__ import annotations

import colorsys

import bmesh
import bpy
import numpy as np

from ....inference.anatomy import MedialSpheres
from ...compat import put

SHADES = 8  # thinnest red, thickest blue


def write_spheres(
    spheres: MedialSpheres, name: str, collection: bpy.types.Collection, scale: float = 1.0
) -> bpy.types.Object:
    """Show all spheres (world coordinates) by one empty, which shows a collection that is in no scene.

    Each shade of the collection is a mesh with a triangle for each sphere, and a ball repeated on the triangles.
    """
    middle = spheres.centres.mean(0) if len(spheres.radii) else np.zeros(3)
    item = bpy.data.objects.new(name, None)  # the first to take the name
    shown = bpy.data.collections.new(name)
    ball = ball_mesh(name)
    shades = shades_of(spheres.radii)
    for shade in np.unique(shades):
        chosen = shades == shade
        places = bpy.data.objects.new(
            name, _triangles(name, spheres.centres[chosen] - middle, scale * spheres.radii[chosen])
        )
        places.instance_type = "FACES"
        places.use_instance_faces_scale = True
        places.show_instancer_for_viewport = places.show_instancer_for_render = False
        child = bpy.data.objects.new(name, ball)
        child.parent = places
        child.material_slots[0].link = "OBJECT"  # one ball serves all shades
        child.material_slots[0].material = shade_material(int(shade))
        shown.objects.link(places)
        shown.objects.link(child)
    item.empty_display_size = 1e-6
    item.location = middle.tolist()
    item.instance_type = "COLLECTION"
    item.instance_collection = shown
    collection.objects.link(item)
    return item


def _triangles(name: str, centres: np.ndarray, radii: np.ndarray) -> bpy.types.Mesh:
    """A triangle around each centre, as large as Blender wants it: an instance is scaled by the root of the area."""
    angles = np.arange(3) * 2 * np.pi / 3
    corners = np.stack([np.cos(angles), np.sin(angles), np.zeros(3)], 1) / np.sqrt(0.75 * np.sqrt(3))  # area 1
    vertices = (centres[:, None] + radii[:, None, None] * corners).reshape(-1, 3)
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(vertices))
    data.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    data.loops.add(len(vertices))
    data.loops.foreach_set("vertex_index", np.arange(len(vertices), dtype=np.int32))
    data.polygons.add(len(centres))
    data.polygons.foreach_set("loop_start", np.arange(0, len(vertices), 3, dtype=np.int32))
    data.update(calc_edges=True)
    return data


def ball_mesh(name: str) -> bpy.types.Mesh:
    """A unit ball with a place for a material."""
    data = bpy.data.meshes.new(f"{name}_ball")
    mesh = bmesh.new()
    bmesh.ops.create_icosphere(mesh, subdivisions=3, radius=1.0)
    for face in mesh.faces:
        face.smooth = True
    mesh.to_mesh(data)
    mesh.free()
    data.materials.append(None)
    return data


def shades_of(radii: np.ndarray) -> np.ndarray:
    """Which material each sphere gets, (S,): equal steps of the logarithm between the thinnest and the thickest."""
    if not len(radii):
        return np.zeros(0, np.int32)
    logs = np.log(radii)
    span = max(float(np.ptp(logs)), 1e-9)
    return np.minimum((SHADES * (logs - logs.min()) / span).astype(np.int32), SHADES - 1)


def shade_material(shade: int) -> bpy.types.Material:
    name = f"Bonewright Radius {shade + 1}"
    found = bpy.data.materials.get(name)
    if found is not None:
        return found
    material = bpy.data.materials.new(name)
    red, green, blue = colorsys.hsv_to_rgb(0.65 * shade / (SHADES - 1), 0.75, 0.9)
    put(material, diffuse_color=(red, green, blue, 1.0))
    material["bonewright_look"] = "spheres"
    return material
