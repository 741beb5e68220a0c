"""Objects: where new ones belong, and how they go with everything that was theirs alone."""

from __future__ import annotations

import bpy


def home_of(scene: bpy.types.Scene, item: bpy.types.Object | None) -> bpy.types.Collection:
    """Where what is made of `item` belongs: beside it, if that is the user's to change, else in the scene."""
    places = [place for place in (item.users_collection if item is not None else ()) if place.library is None]
    return places[0] if places else scene.collection


def remove_with_data(item: bpy.types.Object) -> list[bpy.types.Material]:
    """Remove `item` and its data, where nobody else uses them; returns the materials it had."""
    data, materials = item.data, [slot.material for slot in item.material_slots if slot.material is not None]
    bpy.data.objects.remove(item)
    if isinstance(data, bpy.types.Mesh) and data.users == 0:
        bpy.data.meshes.remove(data)
    elif isinstance(data, bpy.types.Curve) and data.users == 0:
        bpy.data.curves.remove(data)
    elif isinstance(data, bpy.types.Armature) and data.users == 0:
        bpy.data.armatures.remove(data)
    return materials
