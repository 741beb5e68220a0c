"""Differentiable silhouettes of medial primitives: spheres, cones (two spheres) and slabs (three), in closed form.

A sphere is drawn as the disc of radius f r / z about its centre's projection; the hull of several spheres as the hull
of their discs (a camera maps convex hulls to convex hulls). The true outline of a sphere is an ellipse: the disc misses
it by a share of about (r / z)^2 / 2 on the axis, 0.1 pixels for r = 0.2 at distance 2.7 and 112 pixels.

Coverage of a pixel = 1 - product over the primitives of (1 - sigmoid(signed distance of its centre / softness)).

Softness is the width of that sigmoid in pixels. Where n primitives share an outline, as neighbouring medial spheres do,
the product pushes it out by about softness x ln n, which a fit makes up for by radii that are too small; where it is
much narrower than a pixel, outlines between two pixel centres feel nothing. Measured with 400 spheres at 112 pixels
(mean difference to the hard picture x1000) and by fitting 200 random spheres to eight hard silhouettes of 64 pixels in
400 steps (IoU of the hard silhouettes afterwards, and area over true area):

    softness    0.02   0.05   0.1    0.15   0.2    0.25   0.5    1
    difference                5.4    3.8    5.1    8.1    25     63
    IoU         0.859  0.914  0.929  0.928  0.934  0.918  0.808  0.507
    area        1.10   1.04   1.01   1.00   0.98   0.96   0.84   0.55

So 0.2: a sigmoid of slope 1.25 a pixel, about that of the share of a pixel that a straight edge covers (which is 1, at
softness 0.25); its gradient reaches 1.2 pixels (six softnesses: 0.01 of its peak). Narrowing from 0.5 to 0.15 in the
course of the same fit gave 0.939.

Shapes: B images, S spheres, E edges, T faces. World, cameras and pixels are those of `cameras.py`; picture b is
of the b-th camera.
"""

from __future__ import annotations

import torch
from torch import Tensor

from training.rendering.cameras import Pinholes
from training.rendering.hulls import Hulls, hull_distance, hull_foot
from training.rendering.tiles import Canvas, Shape, Softness, soft_union

SOFTNESS = 0.2  # pixels
NEAR = 1e-3  # a primitive with a centre closer to the camera's plane, or behind it, is not drawn
TILE = 8  # pixels; 4 makes more pairs, 16 touches more pixels in vain
PRIMITIVES = Shape(hull_distance, hull_foot)


def sphere_silhouettes(centres: Tensor, radii: Tensor, cameras: Pinholes[Tensor], softness: float = SOFTNESS) -> Tensor:
    """Coverage (B, size, size) of spheres (B, S, 3) and (B, S)."""
    single = torch.arange(centres.shape[1], device=centres.device)[:, None]
    return primitive_silhouettes(centres, radii, single, cameras, softness)


def medial_silhouettes(
    centres: Tensor,
    radii: Tensor,
    edges: Tensor,
    faces: Tensor,
    cameras: Pinholes[Tensor],
    softness: float = SOFTNESS,
) -> Tensor:
    """Coverage (B, size, size) of a medial mesh: spheres, the cones of edges (E, 2) and the slabs of faces (T, 3)."""
    clear = 1 - sphere_silhouettes(centres, radii, cameras, softness)
    for corners in (edges, faces):
        clear = clear * (1 - primitive_silhouettes(centres, radii, corners, cameras, softness))
    return 1 - clear


def primitive_silhouettes(
    centres: Tensor,
    radii: Tensor,
    corners: Tensor,
    cameras: Pinholes[Tensor],
    softness: float = SOFTNESS,
) -> Tensor:
    """Coverage (B, size, size) of the hulls of N = 1, 2 or 3 spheres each.

    `corners` (P, N) for all images or (B, P, N) are indices of spheres; a primitive with an index below 0 is not drawn,
    so that images may have different numbers of them.
    """
    batch = len(centres)
    corners = corners.expand(batch, *corners.shape[-2:])
    x, y, flat_radii, depth = project(centres, radii, cameras)
    chosen = corners.clamp(min=0).flatten(1)
    hulls = Hulls(*(part.gather(1, chosen).view(-1, corners.shape[2]) for part in (x, y, flat_radii)))
    in_front = (depth.detach() > NEAR).gather(1, chosen).view(corners.shape).all(2)
    drawn = (in_front & (corners >= 0).all(2)).flatten()
    image = torch.arange(batch, device=centres.device).repeat_interleave(corners.shape[1])
    return soft_union(
        hulls, image, drawn, Canvas(batch, cameras.size, cameras.size, TILE), PRIMITIVES, Softness(softness)
    )


def project(centres: Tensor, radii: Tensor, cameras: Pinholes[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Discs of spheres (B, S, 3) and (B, S): x, y and radius in pixels, depth in world units, (B, S) each.

    In float32 at least: half precision has no room for a hundredth of a pixel.
    """
    real = torch.promote_types(centres.dtype, torch.float32)
    rotation, eye, focal = (part.to(real) for part in (cameras.rotation, cameras.eye, cameras.focal))
    # Written out: under autocast a matrix product would be done in half precision.
    seen = (rotation[:, None] * (centres.to(real) - eye[:, None])[:, :, None]).sum(3)
    depth, middle = seen[:, :, 2], cameras.size / 2
    scale = focal[:, None] / depth.clamp(min=NEAR)
    return scale * seen[:, :, 0] + middle, scale * seen[:, :, 1] + middle, scale * radii.to(real), depth
