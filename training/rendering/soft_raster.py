"""A soft rasteriser of triangle meshes: what the closed-form silhouettes are measured against.

Coverage of a pixel = 1 - product over the triangles of (1 - sigmoid(d |d| / width^2)), d the signed distance in the
image to the triangle, as in the soft rasterisers of the literature. It has the same advantages as the closed form:
triangles are tested only where their softened box overlaps a tile, pixels deep inside a triangle skip the others, the
gradient is worked out by hand in chunks, and triangles that face away from the camera may be left out. What remains
different is what a sphere is: one disc there, many triangles here, and seams between them.
"""

from __future__ import annotations

import numpy as np
import torch
import trimesh
from torch import Tensor

from training.rendering.cameras import Pinholes
from training.rendering.hulls import Hulls, triangle_distance, triangle_foot
from training.rendering.silhouettes import NEAR, project
from training.rendering.tiles import Canvas, Shape, Softness, soft_union

WIDTH = 0.5  # pixels at which a triangle's sigmoid has reached 0.73 inside and 0.27 outside
TILE = 4  # pixels; triangles are smaller than discs
TRIANGLES = Shape(triangle_distance, triangle_foot)


def soft_raster(vertices: Tensor, triangles: Tensor, cameras: Pinholes[Tensor], width: float = WIDTH) -> Tensor:
    """Coverage (B, size, size) of meshes (B, V, 3) that share triangles (F, 3); both sides count."""
    batch = len(vertices)
    x, y, _, depth = project(vertices, vertices.new_zeros(vertices.shape[:2]), cameras)
    corners_x, corners_y = x[:, triangles], y[:, triangles]
    drawn = (depth.detach() > NEAR)[:, triangles].all(2)
    return _drawn(corners_x, corners_y, drawn, batch, cameras.size, width)


def soft_raster_closed(vertices: Tensor, triangles: Tensor, cameras: Pinholes[Tensor], width: float = WIDTH) -> Tensor:
    """The same for closed meshes wound counter-clockwise seen from outside: only the triangles that face us count."""
    x, y, _, depth = project(vertices, vertices.new_zeros(vertices.shape[:2]), cameras)
    corners_x, corners_y = x[:, triangles], y[:, triangles]
    with torch.no_grad():
        ax, ay = corners_x[..., 1] - corners_x[..., 0], corners_y[..., 1] - corners_y[..., 0]
        bx, by = corners_x[..., 2] - corners_x[..., 0], corners_y[..., 2] - corners_y[..., 0]
        facing = ax * by - ay * bx < 0  # y runs down, so counter-clockwise has a negative area
        drawn = facing & (depth.detach() > NEAR)[:, triangles].all(2)
    return _drawn(corners_x, corners_y, drawn, len(vertices), cameras.size, width)


def spheres_as_meshes(centres: Tensor, radii: Tensor, level: int) -> tuple[Tensor, Tensor]:
    """Icospheres of 20 x 4^level triangles around centres (B, S, 3): vertices (B, S x V, 3), triangles (S x F, 3).

    Their vertices lie outside the sphere so far that the mean area of their shadows is the sphere's.
    """
    made = trimesh.creation.icosphere(subdivisions=level)
    grown = np.sqrt(4 * np.pi / made.area)
    unit = torch.as_tensor(np.asarray(made.vertices) * grown, dtype=centres.dtype, device=centres.device)
    faces = torch.as_tensor(np.asarray(made.faces), device=centres.device)
    vertices = centres[:, :, None] + radii[:, :, None, None] * unit
    offsets = torch.arange(centres.shape[1], device=centres.device)[:, None, None] * len(unit)
    return vertices.flatten(1, 2), (faces + offsets).flatten(0, 1)


def sphere_polygons(
    centres: Tensor, radii: Tensor, sides: int, cameras: Pinholes[Tensor], width: float = WIDTH
) -> Tensor:
    """Coverage (B, size, size) of spheres (B, S, 3), each a flat polygon of the disc's area that faces the camera.

    The leanest mesh of a sphere's silhouette: `sides` - 2 triangles.
    """
    x, y, flat_radii, depth = project(centres, radii, cameras)
    turn = torch.arange(sides, dtype=x.dtype, device=x.device) * (2 * np.pi / sides)
    grown = float(np.sqrt(2 * np.pi / (sides * np.sin(2 * np.pi / sides))))
    ring_x = x[:, :, None] + flat_radii[:, :, None] * (grown * turn.cos())
    ring_y = y[:, :, None] + flat_radii[:, :, None] * (grown * turn.sin())
    step = torch.arange(1, sides - 1, device=x.device)
    fan = torch.stack([torch.zeros_like(step), step, step + 1], 1)
    drawn = (depth.detach() > NEAR)[:, :, None].expand(-1, -1, len(fan))
    return _drawn(ring_x[:, :, fan], ring_y[:, :, fan], drawn, len(centres), cameras.size, width)


def _drawn(x: Tensor, y: Tensor, drawn: Tensor, batch: int, size: int, width: float) -> Tensor:
    """Corners (B, ..., 3) in pixels; `drawn` (B, ...)."""
    flat_x, flat_y = x.reshape(-1, 3), y.reshape(-1, 3)
    image = torch.arange(batch, device=x.device).repeat_interleave(len(flat_x) // batch)
    hulls = Hulls(flat_x, flat_y, torch.zeros_like(flat_x))
    canvas = Canvas(batch, size, size, TILE)
    return soft_union(hulls, image, drawn.reshape(-1), canvas, TRIANGLES, Softness(width, squared=True))
