"""The network that corrects geometric skin weights towards what artists paint.

For each point of the surface it sees the few bones that may move it, each with what the geometry says of the two, and
answers how much more or less weight each should have, and whether that is better than the geometry. All it sees stays
the same under turns about the up axis and under mirroring, so symmetric shapes get symmetric weights.
"""

# One code for two kinds of arrays: pyright knows no operator of a type variable that is either.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportReturnType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

import numpy as np

from ..layers import ops, sizes
from ..layers.ops import A, Parameters

HOPS = 8  # distances along the skeleton that are told apart
BONE = 24  # numbers that describe a bone, see skin_inputs
POINT = 10  # numbers that describe a point
PAIR = 34  # numbers that describe a point and a bone
DOUBTS = 3  # what else the network knows when it says whether it is better
FLOOR = 1e-3  # least weight a bone is taken to have before it is corrected
HIDDEN = -1e9


@dataclass(frozen=True)
class Size:
    """How large the network is, and what it does without in ablations."""

    width: int = 32
    heads: int = 2
    layers: int = 2  # among the bones of a point
    bone_width: int = 64
    bone_layers: int = 2  # among all bones
    prior: bool = True  # the geometric weights are seen and corrected, not only replaced
    mixing: bool = True  # attention among the bones
    hops: bool = True  # attention knows how far bones are apart along the skeleton


@dataclass(frozen=True)
class Inputs(Generic[A]):
    """N rigs of at most B bones, P points of each with K candidate bones."""

    bones: A  # (N, B, BONE)
    hops: A  # (N, B, B) int64, steps along the skeleton
    known: A  # (N,) 1; 0 hides in training what the bones are
    bone_there: A  # (N, B) 1 for a bone, 0 for padding
    points: A  # (N, P, POINT)
    pairs: A  # (N, P, K, PAIR)
    near: A  # (N, P, K) int64, the candidates
    near_hops: A  # (N, P, K, K) int64, steps between them
    prior: A  # (N, P, K) geometric weights
    there: A  # (N, P, K) 1 for a candidate, 0 for padding


@dataclass(frozen=True)
class Answer(Generic[A]):
    """For each point."""

    weights: A  # (N, P, K) of the candidates, sum 1
    better: A  # (N, P) logit: are they nearer to an artist's than the geometric ones?


def parameter_sizes(shape: Size) -> sizes.Sizes:
    """Every parameter and its size."""
    w, b = shape.width, shape.bone_width
    made: sizes.Sizes = {
        **sizes.mlp("bone", BONE, b, b),
        **sizes.norm("bones.last", b),
        **sizes.linear("bones.each", b, w),
        **sizes.linear("bones.all", b, w),
        **sizes.linear("point", POINT, w),
        **sizes.linear("pair", PAIR, w),
        **sizes.linear("pair.out", w, w),
        "bone.hop.table": (HOPS, 4),
        "hop.table": (HOPS, shape.heads),
        **sizes.norm("last", w),
        **sizes.linear("change", w, 1),
        **sizes.mlp("better", w + DOUBTS, w, 1),
    }
    for layer in range(shape.bone_layers):
        made |= sizes.block(f"bones{layer}", b)
    for layer in range(shape.layers):
        made |= sizes.block(f"layer{layer}", w)
    return made


def forward(p: Parameters[A], shape: Size, x: Inputs[A]) -> Answer[A]:
    """The corrected weights."""
    n, points, k = x.near.shape
    each, whole = _bones(p, shape, x)
    each = each * x.known[:, None, None]
    whole = whole * x.known[:, None]
    about = ops.linear(p, "point", x.points) + whole[:, None]
    seen = ops.linear(p, "pair", x.pairs) + ops.gather(each, x.near) + about[:, :, None]
    rows = ops.linear(p, "pair.out", ops.relu(seen)).reshape(n * points, k, shape.width)
    hidden = (1 - x.there).reshape(n * points, 1, 1, k) * HIDDEN
    if shape.hops:
        steps = p["hop.table"][x.near_hops].reshape(n * points, k, k, shape.heads)
        hidden = hidden + ops.swap(ops.swap(steps, 2, 3), 1, 2)
    for layer in range(shape.layers):
        rows = _mixed(p, f"layer{layer}", rows, shape.heads, hidden, mixing=shape.mixing)
    rows = ops.norm(p, "last", rows)
    change = ops.linear(p, "change", rows).reshape(n, points, k)
    if shape.prior:
        change = change + ops.log(x.prior + FLOOR)
    weights = ops.softmax(change + (1 - x.there) * HIDDEN)
    together = _still((rows * weights.reshape(n * points, k, 1)).sum(1))
    doubts = ops.concat([part[:, :, None] for part in _doubts(x.prior, weights)]).reshape(n * points, DOUBTS)
    better = ops.mlp(p, "better", ops.concat([together, _still(doubts)])).reshape(n, points)
    return Answer(weights, better)


def _still(x: A) -> A:
    """The same, but learning what is made of it does not change it."""
    return x if isinstance(x, np.ndarray) else x.detach()


def _doubts(prior: A, weights: A) -> tuple[A, A, A]:
    """How far the answer is from the geometry's, and how much both are of one bone, (N, P) each."""
    change = weights - prior
    return (change * change).sum(-1), (weights * weights).sum(-1), (prior * prior).sum(-1)


def _bones(p: Parameters[A], shape: Size, x: Inputs[A]) -> tuple[A, A]:
    """What is added for each bone (N, B, w), and for the armature as a whole (N, w)."""
    bones = ops.mlp(p, "bone", x.bones)
    hidden = (1 - x.bone_there)[:, None, None, :] * HIDDEN
    if shape.hops:
        hidden = hidden + ops.swap(ops.swap(p["bone.hop.table"][x.hops], 2, 3), 1, 2)
    for layer in range(shape.bone_layers):
        bones = _mixed(p, f"bones{layer}", bones, 4, hidden, mixing=shape.mixing)
    bones = ops.norm(p, "bones.last", bones)
    there = x.bone_there[:, :, None]
    mean = (bones * there).sum(1) / there.sum(1)
    return ops.linear(p, "bones.each", bones), ops.linear(p, "bones.all", mean)


def _mixed(p: Parameters[A], name: str, x: A, heads: int, bias: A, *, mixing: bool) -> A:
    if mixing:
        return ops.block(p, name, x, heads, bias)
    return x + ops.mlp(p, f"{name}.mlp", ops.norm(p, f"{name}.after", x))
