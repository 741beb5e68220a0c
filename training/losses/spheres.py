"""What S3DS teaches spheres by: silhouettes, and how medial spheres lie beside each other. No 3D truth anywhere.

Shapes: B sets of N spheres; silhouettes (B, size, size) in 0..1. Every loss is one number per set, (B,).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, max_pool2d

NEIGHBOURS = 10  # among these the smallest gap is looked for
CLOSEST = 1e-6  # keeps two spheres in one place finite


@dataclass(frozen=True)
class Near:
    """For each sphere the nearest others, nearest first."""

    distance: Tensor  # (B, N, K) of the centres
    which: Tensor  # (B, N, K)


def split(silhouettes: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """Fine and coarse: a pixel is coarse where it is in a patch of patch x patch pixels that are all covered."""
    empty = (silhouettes < 0.5).float()
    middles = 1 - max_pool2d(empty[:, None], patch, 1, patch // 2)
    coarse = silhouettes * max_pool2d(middles, patch, 1, patch // 2)[:, 0]
    return silhouettes - coarse, coarse


def iou_loss(drawn: Tensor, true: Tensor) -> Tensor:
    """L_iou: 1 - intersection over union."""
    both = (drawn * true).sum((1, 2))
    return 1 - both / ((drawn + true).sum((1, 2)) - both + CLOSEST)


def attention_loss(drawn: Tensor, fine: Tensor) -> Tensor:
    """L_attention: the same, only where something fine is."""
    return iou_loss(drawn * (fine > 0), fine)


def outside_loss(places: Tensor, signed: Tensor) -> Tensor:
    """How far centres lie outside of silhouettes, in the mean: also what is far from one is drawn towards it.

    `places` (B, N, 2) from -1 to 1 across the picture, right and down; `signed` (B, size, size), the distance to the
    silhouette, negative inside, in sides of the picture.
    """
    at = grid_sample(signed[:, None], places[:, None], padding_mode="border", align_corners=False)[:, 0, 0]
    beside = (places.abs() - 1).clamp(min=0).sum(2) / 2
    return (at + beside).clamp(min=0).mean(1)


def near_radius_loss(radii: Tensor, near: Near) -> Tensor:
    """L_near: mean difference of a radius to that of the nearest sphere."""
    return (radii - radii.gather(1, near.which[:, :, 0])).abs().mean(1)


def repulsion_loss(near: Near) -> Tensor:
    """L_rep: mean of 1 / distance^3 to the nearest centre."""
    return (1 / (near.distance[:, :, 0] ** 3 + CLOSEST)).mean(1)


def gap_variance_loss(radii: Tensor, near: Near) -> Tensor:
    """L_var: variance of the smallest distance between a sphere's surface and those of the spheres near it."""
    others = radii[:, :, None].expand_as(near.distance).gather(1, near.which)
    return (near.distance - radii[:, :, None] - others).amin(2).var(1, correction=0)


def neighbours(centres: Tensor, count: int = NEIGHBOURS) -> Near:
    """The `count` nearest of spheres (B, N, 3), or as many as there are."""
    with torch.no_grad():
        table = torch.cdist(centres, centres)
        table.diagonal(dim1=1, dim2=2).fill_(torch.inf)
        near = table.topk(min(count, centres.shape[1] - 1), largest=False).indices
    items = torch.arange(len(centres), device=centres.device)[:, None, None]
    offset = centres[items, near] - centres[:, :, None]
    return Near((offset.square().sum(3) + CLOSEST**2).sqrt(), near)


def two_edges(centres: Tensor, longest: float) -> Tensor:
    """Cones of each sphere and its two nearest, as indices (B, 2 N, 2); none is longer than `longest` or there twice.

    A sphere that is left without a cone is joined to itself, -1 marks a cone that is left out.
    """
    with torch.no_grad():
        found = neighbours(centres, 2)
        distance, near = found.distance, found.which
        here = torch.arange(centres.shape[1], device=centres.device)[None, :, None].expand_as(near)
        short = distance <= longest
        other = torch.where(short, near, here)
        # Each of two spheres may have found the other: then the one of the lower index keeps the cone.
        back = near.gather(1, near[:, :, :1].expand_as(near)), near.gather(1, near[:, :, -1:].expand_as(near))
        mutual = torch.stack([(part == here).any(2) for part in back[: near.shape[2]]], 2)
        alone = ~short.any(2, keepdim=True)
        first = torch.zeros_like(short)
        first[:, :, 0] = True
        drawn = (short & ~(mutual & (near < here))) | (alone & first)
        edges = torch.stack([here, other], 3)
        return torch.where(drawn[..., None], edges, -1).flatten(1, 2)
