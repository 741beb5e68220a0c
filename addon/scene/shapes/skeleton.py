"""SkeletalLatent <-> balls in the scene that can be moved, resized, copied and deleted."""

from __future__ import annotations

from typing import cast

import bpy
import numpy as np

from ....inference.anatomy import SkeletalLatent
from ...errors import SceneError
from ...typed import numbers
from ..meshes import matrix
from ..objects import remove_with_data
from ..previews.spheres import ball_mesh, shade_material, shades_of

SKELETON, POINT = "skeleton", "skeleton point"
FEATURES, SIZE = "bonewright_features", "bonewright_size"


def write_skeleton(latent: SkeletalLatent, name: str, home: bpy.types.Collection) -> bpy.types.Object:
    """Show each point of a latent (world coordinates) by a ball of its own; the object that holds them all."""
    place = bpy.data.collections.new(name)
    home.children.link(place)
    holder = bpy.data.objects.new(name, None)
    holder.empty_display_type = "CUBE"
    holder.empty_display_size = latent.size
    holder.location = latent.origin.tolist()
    holder["bonewright_look"], holder[SIZE] = SKELETON, float(latent.size)
    holder.hide_render = True
    place.objects.link(holder)
    ball = ball_mesh(name)
    for number, shade in enumerate(shades_of(latent.radii)):
        item = bpy.data.objects.new(f"{name}_{number + 1}", ball)
        item.parent = holder
        item.location = (latent.size * latent.points[number]).tolist()
        item.scale = (float(latent.size * latent.radii[number]),) * 3
        item["bonewright_look"], item[FEATURES] = POINT, latent.features[number].astype(float).tolist()
        item.material_slots[0].link = "OBJECT"
        item.material_slots[0].material = shade_material(int(shade))
        item.show_in_front = True
        item.hide_render = True
        place.objects.link(item)
    bpy.context.view_layer.update()
    return holder


def read_skeleton(holder: bpy.types.Object) -> SkeletalLatent:
    """The latent of the balls as they stand now, in world coordinates. Raises SceneError."""
    bpy.context.view_layer.update()
    balls = points_of(holder)
    if not balls:
        raise SceneError(f"'{holder.name}' has no balls left. Undo, or show the skeleton again.")
    features = [list(numbers(ball[FEATURES])) for ball in balls]
    if len({len(each) for each in features}) > 1:
        raise SceneError(f"The balls of '{holder.name}' are of different networks. Show the skeleton again.")
    size = float(cast("float", holder[SIZE]))
    origin = matrix(holder.matrix_world)[:3, 3]
    worlds = np.stack([matrix(ball.matrix_world) for ball in balls])
    radii = np.cbrt(np.abs(np.linalg.det(worlds[:, :3, :3])))
    if (radii < 1e-9 * size).any():
        flat = balls[int(radii.argmin())].name
        raise SceneError(f"'{flat}' has no size left. Scale it up, or delete it.")
    return SkeletalLatent(
        ((worlds[:, :3, 3] - origin) / size).astype(np.float32),
        (radii / size).astype(np.float32),
        np.array(features, np.float32),
        origin,
        size,
    )


def skeleton_at_hand(context: bpy.types.Context) -> bpy.types.Object | None:
    """The skeleton of the active object, else the only one of the scene."""
    active = context.active_object
    if active is not None and active.get("bonewright_look") == POINT:
        active = active.parent
    if active is not None and active.get("bonewright_look") == SKELETON:
        return active
    every = skeletons(context.scene)
    return every[0] if len(every) == 1 else None


def skeletons(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """All that are shown."""
    return [item for item in scene.objects if item.get("bonewright_look") == SKELETON]


def points_of(holder: bpy.types.Object) -> list[bpy.types.Object]:
    """The balls of a skeleton that are still in the scene, in the order of their names."""
    scene = bpy.context.scene
    balls = [item for item in holder.children if item.get("bonewright_look") == POINT and FEATURES in item]
    return sorted((item for item in balls if item.name in scene.objects), key=lambda item: item.name)


def remove_skeleton(holder: bpy.types.Object) -> None:
    """Remove a skeleton with everything that was made for it alone."""
    places = set(holder.users_collection)
    materials = {slot for ball in points_of(holder) for slot in remove_with_data(ball)}
    bpy.data.objects.remove(holder)
    for place in places:
        if place.library is None and not place.objects and not place.children and place in bpy.data.collections[:]:
            bpy.data.collections.remove(place)
    for material in materials:
        if material.users == 0 and "bonewright_look" in material:
            bpy.data.materials.remove(material)
