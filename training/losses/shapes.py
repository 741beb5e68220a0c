"""What shapes' auto-encoders learn by: signed distances within a band, and what skeletons say of them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from inference.networks.layers.surface import rows
from inference.networks.skeldiff.inputs import BAND
from inference.networks.skeldiff.skeletonise import squares

JOINED = 2  # nearest skeleton points to which each has a middle
Distances = Callable[[Tensor], Tensor]
"""Signed distances (N, Q) in units of the band at points (N, Q, 3)."""


def in_band(distances: Tensor) -> Tensor:
    """Signed distances as they are learned: in units of the band, no farther than its ends."""
    return (distances / BAND).clamp(-1, 1)


def distance_loss(told: Tensor, distances: Tensor) -> Tensor:
    """Mean squared error of what was told, in units of the band."""
    return (told - in_band(distances)).square().mean()


def skeleton_constraint(of: Distances, x_s: Tensor, r: Tensor) -> Tensor:
    """Skeleton points are a radius away from the surface, and so are the middles between near ones.

    A middle counts where the balls of both points reach it: elsewhere it may well be outside.
    """
    near = squares(x_s, x_s).topk(JOINED + 1, largest=False).indices[:, :, 1:]
    others, other_radii = rows(x_s, near), rows(r[..., None], near)[..., 0]
    middles, between = (x_s[:, :, None] + others) / 2, (r[:, :, None] + other_radii) / 2
    half = (x_s[:, :, None] - others).square().sum(3).clamp_min(1e-12).sqrt() / 2
    told = of(torch.cat([x_s, middles.flatten(1, 2)], 1))
    count = x_s.shape[1]
    meets = (half < torch.minimum(r[:, :, None], other_radii)).flatten(1).to(told.dtype)
    at_points = (told[:, :count] - in_band(r)).square().mean()
    at_middles = ((told[:, count:] - in_band(between.flatten(1))).square() * meets).sum() / meets.sum().clamp_min(1)
    return at_points + at_middles
