"""Cortex: joints and the bones between them, of any shape, from points of its surface.

Queries stand on the surface's tokens, move to joints, and say whether they are one. A graph grows between them by the
distance of learned features (adjacency A, differentiable), and attention over several hop scales of that graph lets
each joint look at the skeleton it is part of before it gives its final answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ..layers.attention import CrossBlock, Mlp
from ..layers.surface import SurfaceTokens
from .inputs import JOINTS, STEP

FEATURES = 24  # of a joint, that tell which others it is joined to
TINY = 1e-6
SLOPE = 0.2  # of attention scores below 0


@dataclass(frozen=True)
class Size:
    """How large the network is, and which of its parts it has."""

    width: int = 128
    heads: int = 4
    looks: int = 3  # layers among the surface's tokens
    layers: int = 4  # layers among the queries
    scales: int = 3  # hop scales of the attention over the graph; 0 leaves it out


class Graph(NamedTuple):
    """All that training asks of N surfaces."""

    first: Tensor  # (N, Q, 3) where the joint is, before the graph was looked at
    joints: Tensor  # (N, Q, 3)
    exists: Tensor  # (N, Q) logit
    root: Tensor  # (N, Q) logit
    adjacency: Tensor  # (N, Q, Q) 0..1, symmetric
    pooled: Tensor  # (N, w) what the surface is like as a whole


class Scale(nn.Module):
    """Attention along one hop scale of the graph."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.value, self.score = nn.Linear(width, width), nn.Linear(width, 2)

    def forward(self, h: Tensor, reach: Tensor) -> Tensor:
        ends = self.score(h)
        raw = leaky_relu(ends[..., :1] + ends[..., 1:].transpose(1, 2), SLOPE)
        return (raw + (reach + TINY).log()).softmax(-1) @ self.value(h)


class CortexNet(nn.Module):
    """Joints, whether they exist, and how they are joined."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        w = size.width
        self.surface = SurfaceTokens(w, size.looks, size.heads)
        self.query, self.move = Mlp(w + 6, w, w), nn.Linear(w, 3)
        self.layers = nn.ModuleList(CrossBlock(w, size.heads) for _ in range(size.layers))
        self.reach = nn.Parameter(torch.zeros(size.heads))
        self.exists_first = nn.Linear(w, 1)
        self.phi, self.phi_last = nn.Linear(w, FEATURES), nn.Linear(w, FEATURES)
        self.log_t, self.log_theta = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
        self.scales = nn.ModuleList(Scale(w) for _ in range(size.scales))
        if size.scales:
            self.gate, self.mixed = nn.Linear(w, size.scales), nn.Linear(w, w)
        self.last, self.answer = nn.LayerNorm(w), nn.Linear(w, 5)

    def forward(
        self, points: Tensor, near: Tensor, centres: Tensor, facing: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """`Inputs` to the fields of `Answer`, see inputs.py."""
        seen = self.graph(points, near, centres, facing)
        return seen.joints, seen.exists, seen.root, seen.adjacency

    def graph(self, points: Tensor, near: Tensor, centres: Tensor, facing: Tensor) -> Graph:
        """The same with what lies between."""
        tokens = self.surface(points, near, centres)
        # Farthest points come first in order, so the first ones cover the surface most evenly.
        joints = centres[:, :JOINTS]
        h = self.query(torch.cat([tokens[:, :JOINTS], joints, facing[:, :JOINTS]], -1))
        for layer in self.layers:
            apart = (joints[:, :, None] - centres[:, None]).square().sum(-1)
            far = apart[:, None] * (-10.0 * self.reach.exp())[:, None, None]  # (N, heads, Q, T)
            h = layer(h, tokens, None, far)
            joints = joints + self.move(h) * STEP
        first, exists = joints, self.exists_first(h)[..., 0]
        if len(self.scales):
            h = h + self._over_scales(h, self._adjacency(self.phi(h), exists))
        h = self.last(h)
        answer = self.answer(h)
        joints, exists = joints + answer[..., :3] * STEP, exists + answer[..., 3]
        return Graph(first, joints, exists, answer[..., 4], self._adjacency(self.phi_last(h), exists), tokens.mean(1))

    def _adjacency(self, phi: Tensor, exists: Tensor) -> Tensor:
        """A_ij = m_i m_j sigmoid(t (theta - |phi_i - phi_j|^2)), nothing on the diagonal, (N, Q, Q)."""
        square = phi.square().sum(-1)
        gap = square[:, :, None] + square[:, None] - 2 * (phi @ phi.transpose(1, 2))
        m, t, theta = exists.sigmoid(), self.log_t.exp(), 2 * self.log_theta.exp()
        joined = m[:, :, None] * m[:, None] * (t * (theta - gap)).sigmoid()
        return joined * (1 - torch.eye(JOINTS, device=joined.device, dtype=joined.dtype))

    def _over_scales(self, h: Tensor, joined: Tensor) -> Tensor:
        """Attention along the graph at several hop scales, weighted by a gate of each joint's own."""
        gates, reach, total = self.gate(h).softmax(-1), joined, torch.zeros_like(h)
        for k, scale in enumerate(self.scales):
            total = total + gates[..., k : k + 1] * scale(h, reach)
            hop = reach @ joined
            reach = hop / (hop.sum(-1, keepdim=True) + TINY)
        return self.mixed(total).relu()
