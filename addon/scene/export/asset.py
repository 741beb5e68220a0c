"""A rigged character as an asset: a collection that the asset browser shows, with a picture."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ....inference.anatomy import Pose
from ....inference.images.portraits import drawn, seen_from_front, with_bones
from ...compat import put
from ..armatures import read_armature
from ..meshes import matrix, read_mesh
from ..verdict import announcement

OWNER = "bonewright_asset_of"  # of the collection: the armature's name, to find it again


def mark_character(armature: bpy.types.Object, meshes: Sequence[bpy.types.Object]) -> bpy.types.Collection:
    """Mark it, or renew what was marked before; where the objects are in the scene stays as it is."""
    found = next((item for item in bpy.data.collections if item.get(OWNER) == armature.name), None)
    home = found or bpy.data.collections.new(armature.name.removesuffix("_rig"))
    home[OWNER] = armature.name
    for item in (armature, *meshes):
        if item.name not in home.objects:
            home.objects.link(item)
    home.asset_mark()
    if home.asset_data is not None:
        home.asset_data.description = announcement(armature)
        for tag in ("Bonewright", str(armature.data.get("bonewright_kind", "")) if armature.data else ""):
            if tag and tag not in home.asset_data.tags:
                home.asset_data.tags.new(tag, skip_if_exists=True)
    _give_picture(home, picture_of(armature, meshes))
    return home


def picture_of(armature: bpy.types.Object, meshes: Sequence[bpy.types.Object]) -> np.ndarray:
    """The shape with its bones, from before it, (H, W, 4) uint8."""
    mesh = read_mesh(list(meshes)).mesh
    turned = matrix(armature.matrix_world)[:3, :3]
    left, back, up = (turned[:, axis] / max(float(np.linalg.norm(turned[:, axis])), 1e-12) for axis in range(3))
    view = seen_from_front(mesh, Pose(up=up, forward=-back, left=left, certainty=1.0))
    return with_bones(drawn(mesh, view, 0.4), view, read_armature(armature))


def _give_picture(block: bpy.types.ID, picture: np.ndarray) -> None:
    preview = block.preview_ensure()
    if preview is None:
        return
    height, width = picture.shape[:2]
    put(preview, image_size=(width, height))
    pixels = np.ascontiguousarray(picture[::-1], np.float32) / 255  # Blender has the lower row first
    preview.image_pixels_float.foreach_set(pixels.ravel().data)
