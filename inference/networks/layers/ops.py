"""The few array operations that networks here are made of, for NumPy arrays and torch tensors alike.

A forward pass is written once, as a function of a dictionary of parameters: torch trains it, and an installation
without torch runs it in NumPy to the same numbers. Everything that both libraries spell alike (@, +, indexing, reshape,
sum, mean) is used directly; only what they spell differently stands here. torch is never imported for NumPy's sake.
"""

# One code for two kinds of arrays: pyright knows no operator of a type variable that is either.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

A = TypeVar("A")  # np.ndarray or torch.Tensor; one kind throughout a forward pass
Parameters = Mapping[str, A]

TINY = 1e-5  # added to variances


def relu(x: A) -> A:
    """Negative values become 0."""
    return np.maximum(x, 0) if isinstance(x, np.ndarray) else x.relu()


def exp(x: A) -> A:
    """e to the x."""
    return np.exp(x) if isinstance(x, np.ndarray) else x.exp()


def log(x: A) -> A:
    """Natural logarithm."""
    return np.log(x) if isinstance(x, np.ndarray) else x.log()


def sigmoid(x: A) -> A:
    """1 / (1 + exp(-x)), without overflow."""
    if isinstance(x, np.ndarray):
        return 0.5 * (1 + np.tanh(0.5 * x))
    return x.sigmoid()


def highest(x: A, axis: int) -> A:
    """The maximum along one axis, which disappears."""
    return x.max(axis) if isinstance(x, np.ndarray) else x.amax(axis)


def concat(parts: Sequence[A], axis: int = -1) -> A:
    """Arrays behind each other."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts, axis)
    import torch

    return torch.cat(list(parts), axis)


def swap(x: A, one: int, other: int) -> A:
    """Two axes exchanged."""
    return x.swapaxes(one, other)


def softmax(x: A) -> A:
    """Shares along the last axis."""
    if isinstance(x, np.ndarray):
        grown = np.exp(x - x.max(-1, keepdims=True))
        return grown / grown.sum(-1, keepdims=True)
    return x.softmax(-1)


def gather(x: A, index: A) -> A:
    """Rows of x (N, R, C) by index (N, ...): (N, ..., C)."""
    shape = index.shape
    flat = index.reshape(shape[0], -1)
    if isinstance(x, np.ndarray):
        taken = np.take_along_axis(x, flat[..., None], 1)
    else:
        width = x.shape[-1]
        taken = x.gather(1, flat[..., None].expand(-1, -1, width))
    return taken.reshape(*shape, taken.shape[-1])


def linear(p: Parameters[A], name: str, x: A) -> A:
    """x @ weight + bias."""
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def norm(p: Parameters[A], name: str, x: A) -> A:
    """Layer normalisation over the last axis."""
    centred = x - x.mean(-1, keepdims=True)
    spread = (centred * centred).mean(-1, keepdims=True) + TINY
    return centred * spread**-0.5 * p[f"{name}.weight"] + p[f"{name}.bias"]


def mlp(p: Parameters[A], name: str, x: A) -> A:
    """Two layers with a ReLU between."""
    return linear(p, f"{name}.out", relu(linear(p, f"{name}.in", x)))


def attention(p: Parameters[A], name: str, asking: A, asked: A, heads: int, bias: A | float = 0.0) -> A:
    """Each row of `asking` (N, Q, C) gathers from the rows of `asked` (N, K, C).

    `bias` (N, heads or 1, Q, K) is added to the scores: -1e9 hides a row.
    """

    def split(x: A) -> A:
        n, rows, width = x.shape
        return swap(x.reshape(n, rows, heads, width // heads), 1, 2)

    q, k, v = (
        split(linear(p, f"{name}.{part}", x)) for part, x in (("query", asking), ("key", asked), ("value", asked))
    )
    scores = (q @ swap(k, -1, -2)) * (q.shape[-1] ** -0.5) + bias
    mixed = swap(softmax(scores) @ v, 1, 2)
    return linear(p, f"{name}.out", mixed.reshape(*asking.shape))


def block(p: Parameters[A], name: str, x: A, heads: int, bias: A | float = 0.0) -> A:
    """A transformer's layer among the rows of x (N, R, C)."""
    inner = norm(p, f"{name}.before", x)
    x = x + attention(p, f"{name}.mix", inner, inner, heads, bias)
    return x + mlp(p, f"{name}.mlp", norm(p, f"{name}.after", x))


def cross_block(
    p: Parameters[A], name: str, x: A, memory: A, heads: int, bias: A | float = 0.0, far: A | float = 0.0
) -> A:
    """The same, and in between each row looks at `memory` (N, K, C): `bias` among the rows, `far` towards memory."""
    inner = norm(p, f"{name}.before", x)
    x = x + attention(p, f"{name}.mix", inner, inner, heads, bias)
    x = x + attention(p, f"{name}.look", norm(p, f"{name}.between", x), memory, heads, far)
    return x + mlp(p, f"{name}.mlp", norm(p, f"{name}.after", x))
