"""Weights the user wants to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import SkinWeights
from .prune import normalised


@dataclass(frozen=True)
class LockedWeights:
    """What must stay as it is. Locked vertices keep their whole row, locked bones their weight on every vertex."""

    bones: np.ndarray  # (B,) bool
    vertices: np.ndarray  # (V,) bool
    weights: SkinWeights  # the weights before; rows need not sum to 1


def keep_locked(fresh: SkinWeights, locked: LockedWeights, influences: int) -> SkinWeights:
    """Put the locked weights back, unchanged to the last bit; the fresh ones of other bones share what is left."""
    before = locked.weights
    held = np.where(locked.bones[before.bones], before.weights, np.float32(0)).astype(np.float32)
    left = np.clip(1.0 - held.sum(1, dtype=np.float64), 0.0, 1.0)
    places = np.maximum(influences - (held > 0).sum(1), 1)
    rank = np.arange(fresh.weights.shape[1])
    free = np.where(rank[None] < places[:, None], fresh.weights.astype(np.float64), 0.0)
    free = np.where(left[:, None] > 1e-6, normalised(free) * left[:, None], 0.0)
    bones = np.concatenate([fresh.bones, before.bones], 1)
    weights = np.concatenate([free.astype(np.float32), held], 1)
    rows = np.flatnonzero(locked.vertices)
    kept = fresh.weights.shape[1]
    weights[rows, :kept] = 0
    weights[rows, kept:] = before.weights[rows]
    return _tidy(bones, weights)


def _tidy(bones: np.ndarray, weights: np.ndarray) -> SkinWeights:
    """Heaviest first, as few columns as the fullest row needs, bone 0 where the weight is 0."""
    order = np.argsort(-weights, axis=1, kind="stable")
    bones, weights = np.take_along_axis(bones, order, 1), np.take_along_axis(weights, order, 1)
    columns = max(int((weights > 0).sum(1).max(initial=1)), 1)
    bones, weights = bones[:, :columns], weights[:, :columns]
    return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), np.ascontiguousarray(weights))
