"""Few and clean influences for each vertex."""

from __future__ import annotations

import numpy as np

FADE_START, FADE_END = 0.025, 0.05  # weights below the start go, those up to the end shrink, so none jumps
TIE = 1e-5  # weights this close are equal


def heaviest(weights: np.ndarray, influences: int) -> tuple[np.ndarray, np.ndarray]:
    """The heaviest bones of each vertex and their weights, (V, K) each, from rows (V, B) that sum to 1.

    Where the last that fits equals the first that does not, both go: a vertex in the middle must not lean to one side.
    """
    keep = min(influences, weights.shape[1])
    taken = min(keep + 1, weights.shape[1])
    bones = np.argpartition(-weights, taken - 1, axis=1)[:, :taken]
    values = np.take_along_axis(weights, bones, 1)
    order = np.lexsort((bones, -values), axis=1)
    bones, values = np.take_along_axis(bones, order, 1), np.take_along_axis(values, order, 1)
    if taken > keep:
        tied = values <= values[:, keep:] * (1 + TIE)
        values = np.where(tied & ~tied[:, :1], 0, values)[:, :keep]
        bones = bones[:, :keep]
    return bones, normalised(faded(normalised(values)))


def normalised(weights: np.ndarray) -> np.ndarray:
    """Rows scaled to sum to 1."""
    return weights / np.maximum(weights.sum(1, keepdims=True), 1e-30)


def faded(weights: np.ndarray) -> np.ndarray:
    """Take away tiny weights without a jump; the heaviest of each row, which comes first, stays."""
    ramp = np.clip((weights - FADE_START) / (FADE_END - FADE_START), 0, 1)
    result = weights * ramp
    result[:, 0] = weights[:, 0]
    return result
