"""What is it, and which way does it stand and look? A small network on surface points.

It looks at the shape in each of the 24 ways a box can be put down, and says of each how much it looks like a shape that
stands upright and faces -Y; so it cannot prefer one of the 24 over another. Of the one that looks best it also says
which way up and forward really are (the remaining turn) and what kind of thing it is.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ...kinds import Kind
from ..layers import ops, sizes
from ..loader import Weights

A = TypeVar("A")  # np.ndarray or torch.Tensor
KINDS: tuple[Kind, ...] = (  # weights know them by their place
    *("biped", "quadruped", "bird", "fish", "insect", "serpent", "creature", "hand", "mech", "object", "plant"),
)
UP, FORWARD = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])


def _turns() -> np.ndarray:
    """The 24 rotations that map the axes onto each other, the identity first; (24, 3, 3)."""
    found = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            turn = np.zeros((3, 3))
            turn[np.arange(3), order] = signs
            if np.linalg.det(turn) > 0:
                found.append(turn)
    return np.array(found)


TURNS = _turns()  # (24, 3, 3), each brings a way of standing into the frame: x -> TURNS[h] @ x


@dataclass(frozen=True)
class Recognition:
    """What the network thinks. Chances are calibrated, 0..1."""

    kind: Kind
    kind_certainty: float
    kinds: np.ndarray  # (K,) chance of each of KINDS
    up: np.ndarray  # (3,) unit, in the frame of the points
    forward: np.ndarray  # (3,) unit, square to up
    certainty: float  # that up and forward are right to the nearest of the 24
    upright: float  # that up is
    chances: np.ndarray  # (24,) of each of TURNS


def parameter_sizes(width: int) -> sizes.Sizes:
    """Every parameter's size; `width` is that of the first layers."""
    return {
        **sizes.linear("point.one", 6, width),
        **sizes.linear("point.two", width, width),
        **sizes.linear("near.one", 2 * width, 2 * width),
        **sizes.linear("near.two", 2 * width, 4 * width),
        **sizes.norm("whole.norm", 4 * width),
        **sizes.linear("whole.one", 4 * width, 2 * width),
        **sizes.linear("score", 2 * width, 1),
        **sizes.linear("kind", 2 * width, len(KINDS)),
        **sizes.linear("axes", 2 * width, 6),
        "temperature.turn": (),
        "temperature.kind": (),
    }


def forward(p: ops.Parameters[A], points: A) -> tuple[A, A, A]:
    """Score (N,), kind (N, K) and up with forward (N, 6) of clouds (N, P, 6), each in one way of standing.

    A point's six numbers are its place, in a box of longest side 1 around the origin, and its normal.
    """
    each = ops.relu(ops.linear(p, "point.one", points))
    each = ops.relu(ops.linear(p, "point.two", each))
    whole = ops.highest(each, 1)
    # [point | whole] @ weight, without writing the whole beside every point.
    weight = p["near.one.weight"]
    width = each.shape[-1]  # pyright: ignore[reportAttributeAccessIssue]
    inner = whole @ weight[width:] + p["near.one.bias"]  # pyright: ignore[reportOperatorIssue, reportIndexIssue]
    each = ops.relu(each @ weight[:width] + inner[:, None])  # pyright: ignore[reportOperatorIssue, reportIndexIssue]
    whole = ops.highest(ops.linear(p, "near.two", each), 1)
    whole = ops.relu(ops.linear(p, "whole.one", ops.norm(p, "whole.norm", whole)))
    score = ops.linear(p, "score", whole)[:, 0]  # pyright: ignore[reportIndexIssue]
    return score, ops.linear(p, "kind", whole), ops.linear(p, "axes", whole)


def recognise(weights: Weights, points: np.ndarray, normals: np.ndarray, count: int = 512) -> Recognition:
    """Judge surface points (P, 3) with unit normals (P, 3), in any frame and of any size, in random order.

    `count` of them are looked at at a time; several looks are averaged.
    """
    p = weights.arrays
    low, high = points.min(0), points.max(0)
    placed = ((points - (low + high) / 2) / max(float((high - low).max()), 1e-12)).astype(np.float32)
    normals = normals.astype(np.float32)
    seen = []
    for first in range(0, max(len(points) - count, 0) + 1, count):
        some = slice(first, first + count)
        cloud = np.concatenate([placed[some] @ _turned(), normals[some] @ _turned()], -1)
        seen.append(forward(p, cloud))
    score, kind, axes = (np.mean(parts, 0) for parts in zip(*seen, strict=True))
    chances = ops.softmax(score / p["temperature.turn"])
    best = int(np.argmax(chances))
    kinds = ops.softmax(kind[best] / p["temperature.kind"])
    up, onward = square(axes[best : best + 1])
    back = TURNS[best].T
    same_up = np.abs(UP @ TURNS - UP @ TURNS[best]).max(1) < 0.5
    return Recognition(
        KINDS[int(np.argmax(kinds))],
        float(kinds.max()),
        kinds,
        back @ up[0],
        back @ onward[0],
        float(chances[best]),
        float(chances[same_up].sum()),
        chances,
    )


def square(axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit up and forward, square to each other, of raw ones (N, 6)."""
    up = axes[:, :3] / np.maximum(np.linalg.norm(axes[:, :3], axis=1, keepdims=True), 1e-9)
    onward = axes[:, 3:] - (axes[:, 3:] * up).sum(1, keepdims=True) * up
    return up, onward / np.maximum(np.linalg.norm(onward, axis=1, keepdims=True), 1e-9)


def _turned() -> np.ndarray:
    """The turns for row vectors, (24, 3, 3) float32: x @ result[h] is TURNS[h] applied to x."""
    return TURNS.transpose(0, 2, 1).astype(np.float32)
