"""What points learn by: the Chamfer distance to true ones, and staying amid their neighbours."""

from __future__ import annotations

import torch
from torch import Tensor


def nearest(points: Tensor, others: Tensor) -> Tensor:
    """For each of points (B, P, 3) which of (B, N, 3) is nearest, (B, P); the choice has no gradient."""
    with torch.no_grad():
        return torch.cdist(points, others).argmin(2)


def chosen(points: Tensor, which: Tensor) -> Tensor:
    """Rows of points (B, N, C) by number (B, P): (B, P, C)."""
    return points.gather(1, which[..., None].expand(-1, -1, points.shape[2]))


def chamfer(points: Tensor, true: Tensor) -> Tensor:
    """Eq. 2 for each shape, (B,): mean squared distance to the nearest, both ways summed."""
    there = (points - chosen(true, nearest(points, true))).square().sum(2)
    back = (true - chosen(points, nearest(true, points))).square().sum(2)
    return there.mean(1) + back.mean(1)


def weighted_chamfer(points: Tensor, true: Tensor, weights: Tensor, back_share: float = 1.0) -> Tensor:
    """Eq. 9 for each shape, (B,): each true point (B, N, 3) counts by its weight (B, N), in both directions."""
    which = nearest(points, true)
    there = (points - chosen(true, which)).square().sum(2) * weights.gather(1, which)
    back = (true - chosen(points, nearest(true, points))).square().sum(2) * weights
    return there.mean(1) + back_share * back.mean(1)


def line_laplacian(lines: Tensor) -> Tensor:
    """Eq. 3 of points in rows (B, L, n, 3): mean squared distance to the middle of the neighbours, (B,)."""
    count = lines.shape[2]
    near = torch.zeros(count, count, device=lines.device, dtype=lines.dtype)
    along = torch.arange(count - 1, device=lines.device)
    near[along, along + 1] = near[along + 1, along] = 1
    return _laplacian(lines, near)


def square_laplacian(squares: Tensor) -> Tensor:
    """The same of points on grids (B, S, a * a, 3)."""
    count = squares.shape[2]
    side = round(count**0.5)
    at = torch.arange(count, device=squares.device)
    row, column = at // side, at % side
    near = ((row[:, None] - row).abs() + (column[:, None] - column).abs() == 1).to(squares.dtype)
    return _laplacian(squares, near)


def _laplacian(points: Tensor, near: Tensor) -> Tensor:
    if points.shape[1] == 0:
        return points.new_zeros(len(points))
    middle = (near / near.sum(1, keepdim=True)) @ points
    return (points - middle).square().sum(3).mean((1, 2))
