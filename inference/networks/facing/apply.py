"""What the facing network thinks of a surface: its kind, how it stands and where it looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...kinds import Kind
from ..chances import softmax
from ..loader import Ask
from .inputs import KINDS, TURNS, UP, turned_clouds


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


def recognise(ask: Ask, points: np.ndarray, normals: np.ndarray, count: int = 512) -> Recognition:
    """Judge surface points (P, 3) with unit normals (P, 3), in any frame and of any size, in random order.

    `count` of them are looked at at a time; several looks are averaged.
    """
    low, high = points.min(0), points.max(0)
    placed = ((points - (low + high) / 2) / max(float((high - low).max()), 1e-12)).astype(np.float32)
    seen = []
    for first in range(0, max(len(points) - count, 0) + 1, count):
        some = slice(first, first + count)
        seen.append(ask({"points": turned_clouds(placed[some], normals[some])}))
    score, kind, axes = (np.mean(parts, 0) for parts in zip(*seen, strict=True))
    chances = softmax(score)
    best = int(np.argmax(chances))
    kinds = softmax(kind[best])
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
