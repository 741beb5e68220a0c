"""A surface as tokens: the part that networks which look at points have in common."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .attention import Block, Mlp

ZOOM = 10.0  # offsets around a token are small numbers; this makes them about 1


class SurfaceTokens(nn.Module):
    """Tokens that each see the points around them, then one another."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.point, self.token = Mlp(6, width // 2, width // 2), Mlp(width // 2 + 3, width, width)
        self.looks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, points: Tensor, near: Tensor, centres: Tensor) -> Tensor:
        """(N, T, w) at `centres` (N, T, 3), of the points (N, P, 6) `near` each (N, T, K)."""
        around = rows(points, near)  # (N, T, K, 6)
        offsets = (around[..., :3] - centres[:, :, None]) * ZOOM
        local = self.point(torch.cat([offsets, around[..., 3:]], -1)).amax(-2)
        tokens = self.token(torch.cat([local.relu(), centres], -1))
        for look in self.looks:
            tokens = look(tokens)
        return tokens


def rows(x: Tensor, index: Tensor) -> Tensor:
    """Rows of x (N, R, C) by index (N, ...): (N, ..., C)."""
    start = torch.arange(x.shape[0], device=x.device) * x.shape[1]
    return x.flatten(0, 1)[index + start.reshape(-1, *(1,) * (index.ndim - 1))]
