"""Where in space the mouse points to while a joint is dragged."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from bpy_extras.view3d_utils import (
    region_2d_to_location_3d,
    region_2d_to_origin_3d,
    region_2d_to_vector_3d,
)
from mathutils import Vector

from ....inference.anatomy import Mesh
from ....inference.geometry.mesh.through import middle_near
from ..characters import meshes_of
from ..meshes import matrix, read_mesh


@dataclass(frozen=True)
class Eye:
    """A 3D view as pixels see it."""

    region: bpy.types.Region
    view: bpy.types.RegionView3D

    def pixels(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points of the world (N, 3) are seen, (N, 2), NaN behind the eye, and how far away, (N,)."""
        clip = np.c_[points, np.ones(len(points))] @ matrix(self.view.perspective_matrix).T
        ahead = clip[:, 3] > 1e-6
        flat = clip[:, :2] / np.where(ahead, clip[:, 3], np.nan)[:, None]
        return (0.5 * flat + 0.5) * [self.region.width, self.region.height], clip[:, 2]


@dataclass(frozen=True)
class Aim:
    """A drag that began at a joint."""

    eye: Eye
    flesh: Mesh | None  # of the armature, in world coordinates; None where there is none in sight
    start: np.ndarray  # (3,) where the joint was, in world coordinates

    def place(self, mouse: tuple[float, float], *, snap: bool) -> np.ndarray:
        """The place under the mouse, (3,): in the middle of the limb there if `snap`, else as deep as at the start."""
        region, view = self.eye.region, self.eye.view
        if snap and self.flesh is not None:
            origin = np.array(region_2d_to_origin_3d(region, view, mouse), np.float64)
            along = np.array(region_2d_to_vector_3d(region, view, mouse), np.float64)
            middle = middle_near(self.flesh, origin, along, float((self.start - origin) @ along))
            if middle is not None:
                return origin + middle * along
        return np.array(region_2d_to_location_3d(region, view, mouse, Vector(self.start.tolist())), np.float64)


def eye_of(context: bpy.types.Context) -> Eye | None:
    """The 3D view that the mouse is in."""
    region, view = context.region, context.region_data
    return Eye(region, view) if region is not None and isinstance(view, bpy.types.RegionView3D) else None


def flesh_of(context: bpy.types.Context, armature: bpy.types.Object) -> Mesh | None:
    """The meshes of an armature that are in sight."""
    seen = [item for item in meshes_of(armature) if item.name in context.view_layer.objects and item.visible_get()]
    return read_mesh(sorted(seen, key=lambda item: item.name)).mesh if seen else None
