"""Boosted stumps: an additive model of one step function a feature, fitted by Newton steps on the logistic loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EDGES = 12  # steps that a feature may have, at most: quantiles of the training data
PLACES = EDGES + 2  # between and beside them, and one for where the feature does not apply
RATE = 0.15
DAMPING = 0.5  # added to the curvature of a leaf
LEAST = 2.0  # weight of the examples on each side of a step


@dataclass(frozen=True)
class Steps:
    """What one feature adds to the score."""

    edges: np.ndarray  # (E,) rising
    scores: np.ndarray  # (E + 1,) left of the first edge, between them, right of the last
    missing: float  # where the feature does not apply

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Of values (N,)."""
        added = self.scores[np.searchsorted(self.edges, np.nan_to_num(values), side="right")]
        return np.where(np.isnan(values), self.missing, added)


def fit(values: np.ndarray, wrong: np.ndarray, weight: np.ndarray, rounds: int) -> tuple[float, list[Steps]]:
    """Bias and steps of each feature, for values (N, F), labels (N,) 0 or 1 and weights (N,)."""
    weight = weight / weight.mean()
    edges = [_edges(column) for column in values.T]
    places = np.stack([_places(column, e) for column, e in zip(values.T, edges, strict=True)], 1)  # (N, F)
    share = float(np.average(wrong, weights=weight))
    bias = float(np.log(share / (1 - share)))
    score = np.full(len(wrong), bias)
    table = np.zeros((len(edges), PLACES))
    totals = _Totals(places)
    heavy = totals.of(weight)
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-score))
        feature, leaf = _best_stump(
            totals.of(weight * (wrong - chance)), totals.of(weight * chance * (1 - chance)), heavy
        )
        table[feature] += leaf
        score += leaf[places[:, feature]]
    return bias, [Steps(e, row[: len(e) + 1], float(row[-1])) for e, row in zip(edges, table, strict=True)]


def predict(bias: float, steps: list[Steps], values: np.ndarray) -> np.ndarray:
    """Scores (N,) of values (N, F)."""
    return bias + sum((step(column) for step, column in zip(steps, values.T, strict=True)), np.zeros(len(values)))


def _edges(column: np.ndarray) -> np.ndarray:
    """Quantiles between different values."""
    known = np.sort(column[~np.isnan(column)])
    levels = np.unique(known)
    if len(levels) < 2:
        return np.zeros(0)
    at = np.linspace(0, len(known) - 1, EDGES + 2)[1:-1].round().astype(int)
    return np.unique(np.clip(known[at], levels[1], levels[-1]))


def _places(column: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Between which edges each value lies; the last place is for what is missing."""
    return np.where(np.isnan(column), PLACES - 1, np.searchsorted(edges, np.nan_to_num(column), side="right"))


class _Totals:
    """Sums over the examples in each place of each feature."""

    def __init__(self, places: np.ndarray) -> None:
        self.shape = (places.shape[1], PLACES)
        self._flat = (places + PLACES * np.arange(places.shape[1])).ravel()

    def of(self, numbers: np.ndarray) -> np.ndarray:
        """Of numbers (N,), (F, PLACES)."""
        spread = np.repeat(numbers, self.shape[0])
        return np.bincount(self._flat, spread, minlength=self.shape[0] * PLACES).reshape(self.shape)


def _best_stump(slope: np.ndarray, curve: np.ndarray, weight: np.ndarray) -> tuple[int, np.ndarray]:
    """The feature, and what its best step adds to each of its places, from sums (F, PLACES)."""
    absent = slope[:, -1] / (curve[:, -1] + DAMPING)
    left = [np.cumsum(part[:, :-1], axis=1)[:, :-1] for part in (slope, curve, weight)]
    right = [part[:, :-1].sum(1, keepdims=True) - some for part, some in zip((slope, curve, weight), left, strict=True)]
    gain = left[0] ** 2 / (left[1] + DAMPING) + right[0] ** 2 / (right[1] + DAMPING) + (slope[:, -1] * absent)[:, None]
    gain = np.where((left[2] >= LEAST) & (right[2] >= LEAST), gain, -1.0)
    feature, at = (int(place) for place in np.unravel_index(int(gain.argmax()), gain.shape))
    leaf = np.empty(PLACES)
    leaf[: at + 1] = left[0][feature, at] / (left[1][feature, at] + DAMPING)
    leaf[at + 1 :] = right[0][feature, at] / (right[1][feature, at] + DAMPING)
    leaf[-1] = absent[feature]
    return feature, RATE * leaf
