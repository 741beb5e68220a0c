"""Turns of many frames at once: along each other, between each other, about axes."""

from __future__ import annotations

import numpy as np


def about(axis: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Turns about a unit axis (3,) or axes (T, 3) by radians (T,), (T, 3, 3)."""
    axes = np.broadcast_to(np.asarray(axis, float), (len(angles), 3))
    skew = np.zeros((len(angles), 3, 3))
    skew[:, 0, 1], skew[:, 0, 2], skew[:, 1, 2] = -axes[:, 2], axes[:, 1], -axes[:, 0]
    skew -= skew.transpose(0, 2, 1)
    return np.eye(3) + np.sin(angles)[:, None, None] * skew + (1.0 - np.cos(angles))[:, None, None] * (skew @ skew)


def least(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The turns by the smallest angle that bring unit vectors (T, 3) onto others, (T, 3, 3)."""
    axis = np.cross(before, after)
    sine, cosine = np.linalg.norm(axis, axis=1), (before * after).sum(1)
    spare = np.cross(before, np.eye(3)[np.abs(before).argmin(1)])
    axis = np.where(sine[:, None] > 1e-12, axis, spare)
    return about(unit(axis), np.arctan2(sine, cosine))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) of length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def angle_of(turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes (T, 3) and angles (T,) in 0..pi of turns (T, 3, 3)."""
    quaternions = to_quaternions(turns)
    quaternions = np.where(quaternions[:, :1] < 0, -quaternions, quaternions)
    sine = np.linalg.norm(quaternions[:, 1:], axis=1)
    return unit(quaternions[:, 1:]), 2.0 * np.arctan2(sine, quaternions[:, 0])


def between(first: np.ndarray, second: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Turns (T, 3, 3) a share of the way from the first to the second."""
    axes, angles = angle_of(second @ first.transpose(0, 2, 1))
    return about(axes, angles * share) @ first


def to_quaternions(turns: np.ndarray) -> np.ndarray:
    """Turns (..., 3, 3) as quaternions w, x, y, z (..., 4)."""
    m = turns
    trace = np.stack(
        [
            m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2],
            m[..., 0, 0] - m[..., 1, 1] - m[..., 2, 2],
            m[..., 1, 1] - m[..., 0, 0] - m[..., 2, 2],
            m[..., 2, 2] - m[..., 0, 0] - m[..., 1, 1],
        ],
        axis=-1,
    )
    a, b, c = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    d, e, f = m[..., 1, 0] + m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0], m[..., 2, 1] + m[..., 1, 2]
    rows = np.stack(
        [
            np.stack([1 + trace[..., 0], a, b, c], -1),
            np.stack([a, 1 + trace[..., 1], d, e], -1),
            np.stack([b, d, 1 + trace[..., 2], f], -1),
            np.stack([c, e, f, 1 + trace[..., 3]], -1),
        ],
        axis=-2,
    )
    best = trace.argmax(-1)
    chosen = np.take_along_axis(rows, best[..., None, None].repeat(4, -1), axis=-2)[..., 0, :]
    return chosen / np.linalg.norm(chosen, axis=-1, keepdims=True)


def continuous(quaternions: np.ndarray) -> np.ndarray:
    """Quaternions (T, ..., 4) with the signs that make neighbours in time close to each other."""
    flips = (quaternions[1:] * quaternions[:-1]).sum(-1, keepdims=True) < 0
    signs = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0)
    return np.concatenate([quaternions[:1], quaternions[1:] * signs])
