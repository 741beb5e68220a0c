"""Objects that are only there to be looked at, and how they go without a trace."""

from __future__ import annotations

import bpy

from ..objects import remove_with_data


def preview_objects(scene: bpy.types.Scene, kind: str) -> list[bpy.types.Object]:
    """What there is to look at in `scene`: "spheres", "curves", "volume" or "surface"."""
    return [item for item in scene.objects if item.get("bonewright_look") == kind]


def mark_preview(item: bpy.types.Object, kind: str, of: str) -> None:
    """From now on `item` is only something to look at, made from what is called `of`."""
    item["bonewright_look"], item["bonewright_of"] = kind, of
    item.hide_select = True
    item.hide_render = True


def clear_previews(scene: bpy.types.Scene, kind: str, of: str) -> None:
    """Remove what there is of a kind that was made from `of`."""
    for item in preview_objects(scene, kind):
        if item.get("bonewright_of") == of:
            remove_preview(item)


def remove_preview(item: bpy.types.Object) -> None:
    """Remove `item` with everything that was made for it alone."""
    shown, materials = item.instance_collection, set(remove_with_data(item))
    if shown is not None and shown.users == 0:
        for part in list(shown.objects):
            materials.update(remove_with_data(part))
        bpy.data.collections.remove(shown)
    for material in materials:
        if material.users == 0 and "bonewright_look" in material:
            bpy.data.materials.remove(material)
