"""From one figure an asset to the lines of a table. A failed asset is a figure too, never left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A mean over assets and its standard error."""

    mean: float
    error: float  # 0 for a single asset, whose spread is not known
    count: int


@dataclass(frozen=True)
class Bin:
    """Claims of about the same certainty."""

    low: float  # certainties from here ...
    high: float  # ... to here
    count: int
    certainty: float  # mean of what was claimed
    observed: float  # share that was right


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of figures and how far it may be from that of all assets of their sort."""
    figures = np.asarray(values, float)
    if len(figures) == 0:
        raise ValueError("There are no figures to take the mean of.")
    spread = float(figures.std(ddof=1) / np.sqrt(len(figures))) if len(figures) > 1 else 0.0
    return Estimate(float(figures.mean()), spread, len(figures))


def paired(values: Sequence[float], others: Sequence[float]) -> Estimate:
    """The mean difference value - other over the same assets; its error leaves out what the assets share."""
    return estimate([value - other for value, other in zip(values, others, strict=True)])


def calibration(certainties: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Ten bins of certainty 0..1; those that nothing falls into are left out."""
    claimed, held = np.asarray(certainties, float), np.asarray(right, bool)
    place = np.clip((claimed * BINS).astype(int), 0, BINS - 1)
    return [
        Bin(b / BINS, (b + 1) / BINS, int(own.sum()), float(claimed[own].mean()), float(held[own].mean()))
        for b in range(BINS)
        if (own := place == b).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """How far certainty and what is observed lie apart, as a mean over all claims, 0..1."""
    counts = np.array([b.count for b in bins], float)
    apart = np.array([abs(b.certainty - b.observed) for b in bins])
    return float((counts * apart).sum() / counts.sum()) if len(bins) else 0.0


def category_table(scores: Mapping[str, Sequence[float]], categories: Sequence[str]) -> dict[str, float]:
    """Each score's mean of the categories' means under its name, and those of each category as "category: score"."""
    found: dict[str, float] = {}
    for name, values in scores.items():
        means = category_means(values, categories)
        found[name] = means.pop("mean")
        found |= {f"{category}: {name}": mean for category, mean in means.items()}
    return found


def category_means(values: Sequence[float], categories: Sequence[str]) -> dict[str, float]:
    """Mean of each category, by name, and under "mean" the mean of those means, as the papers' tables have it.

    A category of many assets weighs no more than one of few. A figure that is not a number is an error: give a failed
    asset the figure its metric says for failures.
    """
    figures, names = np.asarray(values, float), np.asarray(categories)
    if len(figures) != len(names) or len(figures) == 0:
        raise ValueError(f"There are {len(figures)} figures for {len(names)} assets.")
    if not np.isfinite(figures).all():
        broken = sorted(set(names[~np.isfinite(figures)].tolist()))
        raise ValueError(f"{int((~np.isfinite(figures)).sum())} figures are not numbers, in {', '.join(broken)}.")
    means = {str(name): float(figures[names == name].mean()) for name in np.unique(names)}
    return {**means, "mean": float(np.mean(list(means.values())))}
