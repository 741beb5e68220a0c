"""A surface as tokens: the part that every network which looks at points has in common."""

# One code for two kinds of arrays: pyright knows no operator of a type variable that is either.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportReturnType=false

from __future__ import annotations

from . import ops, sizes
from .ops import A, Parameters

ZOOM = 10.0  # offsets around a token are small numbers; this makes them about 1


def parameter_sizes(width: int, layers: int) -> sizes.Sizes:
    """For `surface_tokens`."""
    made = {**sizes.mlp("point", 6, width // 2, width // 2), **sizes.mlp("token", width // 2 + 3, width, width)}
    for layer in range(layers):
        made |= sizes.block(f"look{layer}", width)
    return made


def surface_tokens(p: Parameters[A], points: A, near: A, centres: A, layers: int, heads: int) -> A:
    """Tokens (N, T, w) at `centres` (N, T, 3): each of the points (N, P, 6) `near` it (N, T, K), then of the others."""
    around = ops.gather(points, near)  # (N, T, K, 6)
    offsets = (around[..., :3] - centres[:, :, None]) * ZOOM
    local = ops.mlp(p, "point", ops.concat([offsets, around[..., 3:]]))
    tokens = ops.mlp(p, "token", ops.concat([ops.relu(ops.highest(local, -2)), centres]))
    for layer in range(layers):
        tokens = ops.block(p, f"look{layer}", tokens, heads)
    return tokens
