"""Point2Voxel: skeletal points K -> a soft volume U_in, which passes gradients on to the points.

Eq. 6, U(i) = exp(-M min_p |c(i) - p|^2), with distances measured in cells: in the units of the cube M would have to
grow with the square of the resolution. Only the cells next to a point are looked at: 27 numbers a point.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .inputs import SHARPNESS, offsets


def point2voxel(k: Tensor, resolution: int) -> Tensor:
    """(B, 1, R, R, R) of points (B, P, 3) in the cube from -0.5 to 0.5."""
    at = (k + 0.5) * resolution - 0.5
    beside = torch.from_numpy(offsets()).to(k.device)
    cells = at.detach().round().long()[:, :, None] + beside  # (B, P, 27, 3)
    away = (cells - at[:, :, None]).square().sum(3)
    inside = ((cells >= 0) & (cells < resolution)).all(3)
    away = torch.where(inside, away, torch.inf)
    cells = cells.clamp(0, resolution - 1)
    flat = (cells[..., 0] * resolution + cells[..., 1]) * resolution + cells[..., 2]
    nearest = torch.full((len(k), resolution**3), torch.inf, device=k.device, dtype=k.dtype)
    nearest = nearest.scatter_reduce(1, flat.flatten(1), away.flatten(1), "amin")
    return (-SHARPNESS * nearest).exp().reshape(-1, 1, resolution, resolution, resolution)
