"""What meshes learn by, beside points of theirs: edges of one length, faces that turn little from one to the next.

Meshes of a batch are padded: triangles (B, F, 3) of a vertex three times are none, edges (B, E, 2) from a vertex to
itself are none.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

from .points import chosen


def corners(vertices: Tensor, triangles: Tensor) -> Tensor:
    """Of triangles (B, F, 3) on vertices (B, T, 3): (B, F, 3, 3)."""
    return chosen(vertices, triangles.flatten(1)).unflatten(1, triangles.shape[1:])


def on_surface(vertices: Tensor, triangles: Tensor, count: int) -> Tensor:
    """Points (B, count, 3) drawn evenly over surfaces; their gradients go to the three corners each."""
    at = corners(vertices, triangles)
    with torch.no_grad():
        size = torch.linalg.cross(at[:, :, 1] - at[:, :, 0], at[:, :, 2] - at[:, :, 0], dim=2).norm(dim=2)
        which = torch.multinomial(size + 1e-12 * (size.amax(1, keepdim=True) + 1e-12), count, replacement=True)
        u, v = torch.rand(2, len(vertices), count, 1, device=vertices.device)
        root = u.sqrt()
        share = torch.cat([1 - root, root * (1 - v), root * v], 2)  # (B, count, 3)
    return (chosen(at.flatten(2), which).unflatten(2, (3, 3)) * share[..., None]).sum(2)


def edge_loss(vertices: Tensor, edges: Tensor) -> Tensor:
    """Mean squared length of edges (B, E, 2), (B,)."""
    ends = corners(vertices, edges)
    square = (ends[:, :, 0] - ends[:, :, 1]).square().sum(2)
    return square.sum(1) / (edges[..., 0] != edges[..., 1]).sum(1).clamp_min(1)


def normal_loss(vertices: Tensor, triangles: Tensor, pairs: Tensor) -> Tensor:
    """Mean of 1 - cosine between the normals of triangles that share an edge, pairs (B, E, 2) of numbers, (B,)."""
    at = corners(vertices, triangles)
    normals = normalize(torch.linalg.cross(at[:, :, 1] - at[:, :, 0], at[:, :, 2] - at[:, :, 0], dim=2), dim=2)
    both = corners(normals, pairs)
    turned = 1 - (both[:, :, 0] * both[:, :, 1]).sum(2)
    real = (pairs[..., 0] != pairs[..., 1]).to(turned.dtype)
    return (turned * real).sum(1) / real.sum(1).clamp_min(1)
