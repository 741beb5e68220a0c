"""How far a predicted skeleton graph is from the true one, for training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn

SMALLEST = 8  # eigenvalues that are compared: the coarse shape of a graph
NO_NODE = 2.0  # the largest eigenvalue there is: padding never is among the smallest


def assign(joints: torch.Tensor, exists: torch.Tensor, truth: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """For each query the true joint it stands for, or -1, (N, Q): the least sum of distances and doubts in being one.

    joints (N, Q, 3), exists (N, Q) logits, truth (N, J, 3) with `there` (N, J) 1 for a joint and 0 for padding.
    """
    cost = torch.cdist(joints.detach().float(), truth) - 0.05 * exists.detach().float().sigmoid()[..., None]
    chosen = np.full(exists.shape, -1)
    for item, table in enumerate(cost.cpu().numpy()):
        real = np.flatnonzero(there[item].cpu().numpy() > 0)
        queries, places = linear_sum_assignment(table[:, real])
        chosen[item, queries] = real[places]
    return torch.from_numpy(chosen).to(joints.device)


def matched_adjacency(adjacency: torch.Tensor, chosen: torch.Tensor, count: int) -> torch.Tensor:
    """Predicted adjacency (N, Q, Q) in the order of the true joints, (N, count, count)."""
    n = len(chosen)
    pick = adjacency.new_zeros(n, count, chosen.shape[1])
    item, query = torch.nonzero(chosen >= 0, as_tuple=True)
    pick[item, chosen[item, query], query] = 1.0
    return pick @ adjacency @ pick.transpose(1, 2)


def spectrum(adjacency: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """The smallest eigenvalues of I - D^-1/2 A D^-1/2 of graphs (N, J, J) with nodes `there` (N, J), (N, SMALLEST)."""
    joined = adjacency.float() * there[:, :, None] * there[:, None]
    inverse = (joined.sum(-1) + 1e-6).rsqrt()
    laplacian = torch.diag_embed(there) - inverse[:, :, None] * joined * inverse[:, None]
    return torch.linalg.eigvalsh(laplacian + torch.diag_embed((1 - there) * NO_NODE))[:, :SMALLEST]


def spectral_loss(adjacency: torch.Tensor, truth: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of the smallest eigenvalues of two sets of graphs on the same nodes."""
    return (spectrum(adjacency, there) - spectrum(truth, there)).square().mean()


class GraphCritic(nn.Module):
    """Tells true skeletons from made ones: joints, who is joined to whom, and, if asked, what the surface is like."""

    def __init__(self, width: int, context: int = 0, hops: int = 3) -> None:
        super().__init__()
        self.start = nn.Linear(4, width)
        self.hops = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(hops))
        self.judge = nn.Sequential(nn.Linear(width + context, width), nn.LeakyReLU(0.2), nn.Linear(width, 1))

    def forward(
        self, joints: torch.Tensor, mass: torch.Tensor, adjacency: torch.Tensor, context: torch.Tensor | None = None
    ) -> torch.Tensor:
        """One number per skeleton: above 0 it looks true. joints (N, Q, 3), mass (N, Q) 0..1, adjacency (N, Q, Q)."""
        h = nn.functional.leaky_relu(self.start(torch.cat([joints * 2, mass[..., None]], -1)), 0.2)
        for hop in self.hops:
            h = nn.functional.leaky_relu(hop(torch.cat([h, adjacency @ h], -1)), 0.2)
        pooled = (h * mass[..., None]).sum(1) / (mass.sum(1, keepdim=True) + 1e-6)
        parts: Sequence[torch.Tensor] = (pooled,) if context is None else (pooled, context)
        return self.judge(torch.cat(list(parts), -1))[:, 0]
