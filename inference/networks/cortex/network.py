"""Cortex: joints and the bones between them, of any shape, from points of its surface.

Queries stand on the surface's tokens, move to joints, and say whether they are one. A graph grows between them by the
distance of learned features (adjacency A, differentiable), and attention over several hop scales of that graph lets
each joint look at the skeleton it is part of before it gives its final answer.
"""

# One code for two kinds of arrays: pyright knows no operator of a type variable that is either.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportReturnType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

import numpy as np
from scipy.spatial import KDTree

from ..joints.inputs import AROUND, SPREAD, TOKENS, Surface, farthest
from ..layers import ops, sizes
from ..layers.ops import A, Parameters
from ..layers.surface import parameter_sizes as surface_sizes
from ..layers.surface import surface_tokens

JOINTS = 64  # queries: at most so many joints
STEP = 0.1  # one unit of the network's moves, in the unit frame
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


@dataclass(frozen=True)
class Inputs(Generic[A]):
    """N surfaces."""

    points: A  # (N, P, 6) where, and which way the surface looks
    near: A  # (N, T, K) int64
    centres: A  # (N, T, 3)
    facing: A  # (N, T, 3) normals at the centres


@dataclass(frozen=True)
class Answer(Generic[A]):
    """For each query."""

    first: A  # (N, Q, 3) where the joint is, before the graph was looked at
    joints: A  # (N, Q, 3)
    exists: A  # (N, Q) logit
    root: A  # (N, Q) logit
    adjacency: A  # (N, Q, Q) 0..1, symmetric
    pooled: A  # (N, w) what the surface is like as a whole


def parameter_sizes(shape: Size) -> sizes.Sizes:
    """Every parameter and its size."""
    w = shape.width
    made: sizes.Sizes = {
        **surface_sizes(w, shape.looks),
        **sizes.mlp("query", w + 6, w, w),
        **sizes.linear("move", w, 3),
        **sizes.linear("feature", w, FEATURES),
        **sizes.linear("feature.last", w, FEATURES),
        "graph.table": (1, 2),
        "reach.table": (1, shape.heads),
        **sizes.norm("last", w),
        **sizes.linear("exists.first", w, 1),
        **sizes.linear("answer", w, 5),
    }
    for layer in range(shape.layers):
        made |= sizes.cross_block(f"layer{layer}", w)
    if shape.scales:
        made |= {**sizes.linear("gate", w, shape.scales), **sizes.linear("mixed", w, w)}
    for scale in range(shape.scales):
        made |= {**sizes.linear(f"scale{scale}.value", w, w), **sizes.linear(f"scale{scale}.score", w, 2)}
    return made


def graph_inputs(surface: Surface) -> Inputs[np.ndarray]:
    """One surface (N = 1)."""
    spread = min(SPREAD, len(surface.points))
    cloud = np.concatenate([surface.points, surface.normals], 1).astype(np.float32)[:spread]
    centres = farthest(cloud[:, :3], TOKENS)
    tree = KDTree(cloud[:, :3])
    near = np.asarray(tree.query(centres, AROUND)[1])
    return Inputs(cloud[None], near[None], centres[None], cloud[near[:, 0], 3:][None])


def forward(p: Parameters[A], shape: Size, x: Inputs[A]) -> Answer[A]:
    """Joints, whether they exist, and how they are joined."""
    tokens = surface_tokens(p, x.points, x.near, x.centres, shape.looks, shape.heads)
    # Farthest points come first in order, so the first ones cover the surface most evenly.
    anchors, outward = x.centres[:, :JOINTS], x.facing[:, :JOINTS]
    h = ops.mlp(p, "query", ops.concat([tokens[:, :JOINTS], anchors, outward]))
    joints = anchors
    for layer in range(shape.layers):
        apart = joints[:, :, None] - x.centres[:, None]
        far = (apart * apart).sum(-1)[:, None] * -(ops.exp(p["reach.table"])[:, :, None, None] * 10.0)
        h = ops.cross_block(p, f"layer{layer}", h, tokens, shape.heads, 0.0, far)
        joints = joints + ops.linear(p, "move", h) * STEP
    first = joints
    exists = ops.linear(p, "exists.first", h)[..., 0]
    if shape.scales:
        h = h + _over_scales(p, shape, h, adjacency(p, "feature", h, exists))
    h = ops.norm(p, "last", h)
    answer = ops.linear(p, "answer", h)
    joints, exists = joints + answer[..., :3] * STEP, exists + answer[..., 3]
    joined = adjacency(p, "feature.last", h, exists)
    return Answer(first, joints, exists, answer[..., 4], joined, tokens.mean(1))


def adjacency(p: Parameters[A], name: str, h: A, exists: A) -> A:
    """A_ij = m_i m_j sigmoid(t (theta - |phi_i - phi_j|^2)), nothing on the diagonal, (N, Q, Q)."""
    phi = ops.linear(p, name, h)
    square = (phi * phi).sum(-1)
    gap = square[:, :, None] + square[:, None] - 2 * (phi @ ops.swap(phi, 1, 2))
    steepness, threshold = ops.exp(p["graph.table"])[:, :1, None], 2 * ops.exp(p["graph.table"])[:, 1:, None]
    m = ops.sigmoid(exists)
    joined = m[:, :, None] * m[:, None] * ops.sigmoid(steepness * (threshold - gap))
    return joined * (1 - np.eye(JOINTS, dtype=np.float32)) if isinstance(joined, np.ndarray) else _hollow(joined)


def _hollow(joined: A) -> A:
    import torch

    return joined * (1 - torch.eye(joined.shape[-1], device=joined.device, dtype=joined.dtype))


def _over_scales(p: Parameters[A], shape: Size, h: A, joined: A) -> A:
    """Attention along the graph at several hop scales, weighted by a gate of each joint's own."""
    gates = ops.softmax(ops.linear(p, "gate", h))
    reach, total = joined, 0.0
    for scale in range(shape.scales):
        ends = ops.linear(p, f"scale{scale}.score", h)
        raw = ends[..., :1] + ops.swap(ends[..., 1:], 1, 2)
        raw = ops.relu(raw) - SLOPE * ops.relu(-raw)
        shares = ops.softmax(raw + ops.log(reach + TINY))
        total = total + gates[..., scale : scale + 1] * (shares @ ops.linear(p, f"scale{scale}.value", h))
        hop = reach @ joined
        reach = hop / (hop.sum(-1)[..., None] + TINY)
    return ops.relu(ops.linear(p, "mixed", total))
