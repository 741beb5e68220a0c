"""What is it, and which way does it stand and look? A small network on surface points.

Of a cloud in one way of standing it says how much it looks like a shape that stands upright and faces -Y, what kind of
thing it would be, and which way up and forward really are. It is asked about all 24 ways a box can be put down (see
inputs.py), so it cannot prefer one of them over another.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .inputs import KINDS


class FacingNet(nn.Module):
    """A PointNet that looks twice: at each point, and at each point beside the whole."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.point = nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        # [point | whole] @ weight, without writing the whole beside every point.
        self.beside, self.beside_whole = nn.Linear(width, 2 * width, bias=False), nn.Linear(width, 2 * width)
        self.near = nn.Linear(2 * width, 4 * width)
        self.norm, self.whole = nn.LayerNorm(4 * width), nn.Linear(4 * width, 2 * width)
        self.score, self.kind, self.axes = (nn.Linear(2 * width, size) for size in (1, len(KINDS), 6))
        self.turn_temperature: Tensor
        self.kind_temperature: Tensor
        self.register_buffer("turn_temperature", torch.ones(()))
        self.register_buffer("kind_temperature", torch.ones(()))

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Calibrated logits of standing right (N,) and of kinds (N, K), and up, forward (N, 6), of clouds (N, P, 6).

        A point's six numbers are its place, in a box of longest side 1 around the origin, and its normal.
        """
        score, kind, axes = self.raw(points)
        return score / self.turn_temperature, kind / self.kind_temperature, axes

    def raw(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same as it is learned, before the temperatures."""
        each = self.point(points)
        each = (self.beside(each) + self.beside_whole(each.amax(1))[:, None]).relu()
        whole = self.whole(self.norm(self.near(each).amax(1))).relu()
        return self.score(whole)[:, 0], self.kind(whole), self.axes(whole)
