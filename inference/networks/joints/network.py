"""The network that moves joints to where riggers put them, and says which bones they would leave out.

It sees points of the surface and the bones of an armature, each with the surface around its head, and answers for every
bone: where its head belongs, whether an artist would have made it, and how far off the answer may be. Bones whose place
is given (locked by the user) are told apart from guesses. Everything in the canonical unit frame.
"""

# One code for two kinds of arrays: pyright knows no operator of a type variable that is either.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportReturnType=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from ..layers import ops, sizes
from ..layers.ops import A, Parameters
from ..layers.surface import parameter_sizes as surface_sizes
from ..layers.surface import surface_tokens

STEP = 0.05  # one unit of the network's answer, in the unit frame
HOPS = 8  # distances along the skeleton that are told apart
WORDS = 64  # names that are told apart, see joint_inputs.WORDS
KINDS = 10
FACTS = 21  # numbers that describe a bone, see joint_inputs.facts_of
PATCH_FACTS = 7  # numbers of a surface point near a joint: where, which way its surface looks, how far


@dataclass(frozen=True)
class Size:
    """How large the network is."""

    width: int = 128
    heads: int = 4
    looks: int = 3  # layers among the surface's tokens
    layers: int = 4  # layers among the bones


@dataclass(frozen=True)
class Inputs(Generic[A]):
    """N armatures of at most Q bones on surfaces of P points with T tokens."""

    points: A  # (N, P, 6) where, and which way the surface looks
    near: A  # (N, T, K) int64, the points around each token
    centres: A  # (N, T, 3) where the tokens are
    patches: A  # (N, Q, 2, M, 7) surface points around each head, fine and coarse
    facts: A  # (N, Q, 21)
    heads: A  # (N, Q, 3)
    words: A  # (N, Q) int64, what the bone is called
    kinds: A  # (N, 1) int64, what the armature is taken for
    hops: A  # (N, Q, Q) int64, steps along the skeleton
    there: A  # (N, Q) 1 for a bone, 0 for padding


@dataclass(frozen=True)
class Answer(Generic[A]):
    """For each bone; what stands in padding means nothing."""

    heads: A  # (N, Q, 3)
    presence: A  # (N, Q) logit
    doubt: A  # (N, Q) log of the expected distance from the truth, in STEPs


def parameter_sizes(shape: Size) -> sizes.Sizes:
    """Every parameter and its size."""
    w = shape.width
    made: sizes.Sizes = {
        **surface_sizes(w, shape.looks),
        **sizes.mlp("patch", PATCH_FACTS, w // 2, w // 2),
        **sizes.mlp("bone", 2 * (w // 2) + FACTS, w, w),
        "word.table": (WORDS, w),
        "kind.table": (KINDS, w),
        "hop.table": (HOPS, shape.heads),
        "reach.table": (1, shape.heads),
        **sizes.norm("last", w),
        **sizes.linear("answer", w, 5),
    }
    for layer in range(shape.layers):
        made |= sizes.cross_block(f"layer{layer}", w)
    return made


def forward(p: Parameters[A], shape: Size, x: Inputs[A]) -> Answer[A]:
    """Where the heads belong."""
    tokens = surface_tokens(p, x.points, x.near, x.centres, shape.looks, shape.heads)
    fine_and_coarse = ops.highest(ops.mlp(p, "patch", x.patches), -2)  # (N, Q, 2, w / 2)
    n, q = x.words.shape
    local = ops.relu(fine_and_coarse).reshape(n, q, -1)
    bones = ops.mlp(p, "bone", ops.concat([local, x.facts]))
    bones = bones + p["word.table"][x.words] + p["kind.table"][x.kinds]
    hidden = (1 - x.there)[:, None, None, :] * -1e9
    along = ops.swap(ops.swap(p["hop.table"][x.hops], 2, 3), 1, 2) + hidden
    apart = x.heads[:, :, None] - x.centres[:, None]
    far = (apart * apart).sum(-1)[:, None] * -(ops.exp(p["reach.table"])[:, :, None, None] * 10.0)
    for layer in range(shape.layers):
        bones = ops.cross_block(p, f"layer{layer}", bones, tokens, shape.heads, along, far)
    answer = ops.linear(p, "answer", ops.norm(p, "last", bones))
    return Answer(x.heads + answer[..., :3] * STEP, answer[..., 3], answer[..., 4])
