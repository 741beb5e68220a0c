"""What S3DS teaches spheres by: silhouettes, and how medial spheres lie beside each other. No 3D truth anywhere.

Shapes: B sets of N spheres; silhouettes (B, size, size) in 0..1. Every loss is one number per set, (B,).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

NEIGHBOURS = 10  # among these the smallest gap is looked for
CLOSEST = 1e-6  # keeps two spheres in one place finite


def split(silhouettes: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """Fine and coarse: a pixel is coarse where all of the patch x patch pixels around it are covered."""
    empty = (silhouettes < 0.5).float()
    near_border = max_pool2d(empty[:, None], patch, 1, patch // 2)[:, 0]
    coarse = silhouettes * (1 - near_border)
    return silhouettes - coarse, coarse


def iou_loss(drawn: Tensor, true: Tensor) -> Tensor:
    """L_iou: 1 - intersection over union."""
    both = (drawn * true).sum((1, 2))
    return 1 - both / ((drawn + true).sum((1, 2)) - both + CLOSEST)


def attention_loss(drawn: Tensor, fine: Tensor) -> Tensor:
    """L_attention: the same, only where something fine is."""
    return iou_loss(drawn * (fine > 0), fine)


def near_radius_loss(centres: Tensor, radii: Tensor) -> Tensor:
    """L_near: mean difference of a radius to that of the nearest sphere."""
    _, nearest = neighbours(centres, 1)
    return (radii - radii.gather(1, nearest[:, :, 0])).abs().mean(1)


def repulsion_loss(centres: Tensor) -> Tensor:
    """L_rep: mean of 1 / distance^3 to the nearest centre."""
    distance, _ = neighbours(centres, 1)
    return (1 / (distance[:, :, 0] ** 3 + CLOSEST)).mean(1)


def gap_variance_loss(centres: Tensor, radii: Tensor) -> Tensor:
    """L_var: variance of the smallest distance between a sphere's surface and those of the spheres near it."""
    distance, near = neighbours(centres, min(NEIGHBOURS, centres.shape[1] - 1))
    others = radii[:, :, None].expand(-1, -1, near.shape[2]).gather(1, near)
    return (distance - radii[:, :, None] - others).amin(2).var(1, correction=0)


def neighbours(centres: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Distances to the `count` nearest other centres, nearest first, and which they are; (B, N, count) each."""
    with torch.no_grad():
        table = torch.cdist(centres, centres)
        table.diagonal(dim1=1, dim2=2).fill_(torch.inf)
        near = table.topk(count, largest=False).indices
    items = torch.arange(len(centres), device=centres.device)[:, None, None]
    offset = centres[items, near] - centres[:, :, None]
    return (offset.square().sum(3) + CLOSEST**2).sqrt(), near


def two_edges(centres: Tensor, longest: float) -> Tensor:
    """Cones of each sphere and its two nearest, as indices (B, 2 N, 2); none is longer than `longest` or there twice.

    A sphere that is left without a cone is joined to itself, -1 marks a cone that is left out.
    """
    with torch.no_grad():
        distance, near = neighbours(centres, min(2, centres.shape[1] - 1))
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
