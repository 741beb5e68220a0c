"""From one figure an asset to the lines of a table. A failed asset is a figure too, never left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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
