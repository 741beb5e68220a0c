"""Differentiable silhouettes of medial primitives: spheres, cones (two spheres) and slabs (three), in closed form.

A sphere is drawn as the disc of radius f r / z about its centre's projection; the hull of several spheres as the hull
of their discs (a camera maps convex hulls to convex hulls). The true outline of a sphere is an ellipse: the disc misses
it by a share of about (r / z)^2 / 2 on the axis, 0.1 pixels for r = 0.2 at distance 2.7 and 112 pixels.

Coverage of a pixel = 1 - product over the primitives of (1 - sigmoid(signed distance of its centre / softness)).

Softness is the width of that sigmoid in pixels. A pixel that a straight edge crosses is covered by 1/2 plus its signed
distance, so slope 1 per pixel is the least blurred picture of a hard shape; a sigmoid has it at softness 0.25. Wider
ones let the gradient reach farther (0.003 of its peak is left six softnesses away), but where n primitives share an
outline, as neighbouring medial spheres do, the product pushes it out by about softness x ln n, which the radii learn to
make up for by being too small. The default of 0.5 pushes it out by half a pixel at most for three, reaches three pixels
and costs little image error; `tools.benchmark silhouettes` prints the error for each. A schedule from 1 to 0.25 works.

Shapes: B images, S spheres, E edges, T faces. Frame: the camera's world. Pixels: x to the right, y down, pixel
(row, column) has its centre at (column + 0.5, row + 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from training.rendering.hulls import Hulls, hull_distance, hull_foot
from training.rendering.tiles import Canvas, Shape, Softness, soft_union

SOFTNESS = 0.5  # pixels
NEAR = 1e-3  # a primitive with a centre closer to the camera's plane, or behind it, is not drawn
TILE = 8  # pixels; 4 makes more pairs, 16 touches more pixels in vain
PRIMITIVES = Shape(hull_distance, hull_foot)


@dataclass(frozen=True)
class Pinhole:
    """Cameras that look along their own +z, with +x to the right and +y down; the axis hits the image's middle."""

    rotation: Tensor  # (B, 3, 3) world to camera: p_camera = rotation @ p + translation
    translation: Tensor  # (B, 3)
    focal: Tensor  # (B,) pixels


def sphere_silhouettes(
    centres: Tensor, radii: Tensor, camera: Pinhole, size: tuple[int, int], softness: float = SOFTNESS
) -> Tensor:
    """Coverage (B, height, width) of spheres (B, S, 3) and (B, S)."""
    single = torch.arange(centres.shape[1], device=centres.device)[:, None]
    return primitive_silhouettes(centres, radii, single, camera, size, softness)


def medial_silhouettes(
    centres: Tensor,
    radii: Tensor,
    edges: Tensor,
    faces: Tensor,
    camera: Pinhole,
    size: tuple[int, int],
    softness: float = SOFTNESS,
) -> Tensor:
    """Coverage (B, height, width) of a medial mesh: spheres, the cones of edges (E, 2) and the slabs of faces (T, 3)."""
    clear = 1 - sphere_silhouettes(centres, radii, camera, size, softness)
    for corners in (edges, faces):
        clear = clear * (1 - primitive_silhouettes(centres, radii, corners, camera, size, softness))
    return 1 - clear


def primitive_silhouettes(
    centres: Tensor,
    radii: Tensor,
    corners: Tensor,
    camera: Pinhole,
    size: tuple[int, int],
    softness: float = SOFTNESS,
) -> Tensor:
    """Coverage (B, height, width) of the hulls of N = 1, 2 or 3 spheres each.

    `corners` (P, N) for all images or (B, P, N) are indices of spheres; a primitive with an index below 0 is not drawn,
    so that images may have different numbers of them.
    """
    batch = len(centres)
    corners = corners.expand(batch, *corners.shape[-2:])
    x, y, flat_radii, depth = project(centres, radii, camera, size)
    chosen = corners.clamp(min=0).flatten(1)
    hulls = Hulls(*(part.gather(1, chosen).view(-1, corners.shape[2]) for part in (x, y, flat_radii)))
    in_front = (depth.detach() > NEAR).gather(1, chosen).view(corners.shape).all(2)
    drawn = (in_front & (corners >= 0).all(2)).flatten()
    image = torch.arange(batch, device=centres.device).repeat_interleave(corners.shape[1])
    return soft_union(hulls, image, drawn, Canvas(batch, *size, TILE), PRIMITIVES, Softness(softness))


def project(
    centres: Tensor, radii: Tensor, camera: Pinhole, size: tuple[int, int]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Discs of spheres (B, S, 3) and (B, S): x, y and radius in pixels, depth in world units, (B, S) each.

    In float32 at least: half precision has no room for a hundredth of a pixel.
    """
    real = torch.promote_types(centres.dtype, torch.float32)
    points, reach = centres.to(real), radii.to(real)
    # Written out: under autocast a matrix product would be done in half precision.
    seen = (camera.rotation.to(real)[:, None] * points[:, :, None]).sum(3) + camera.translation.to(real)[:, None]
    depth = seen[:, :, 2]
    scale = camera.focal.to(real)[:, None] / depth.clamp(min=NEAR)
    height, width = size
    return scale * seen[:, :, 0] + width / 2, scale * seen[:, :, 1] + height / 2, scale * reach, depth
