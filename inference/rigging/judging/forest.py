"""Decision trees whose leaves add up to a score, and what each feature has added to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Tree:
    """One tree. A child below 0 is a leaf: -1 the first, -2 the second. Without a fork there is one leaf."""

    features: tuple[str, ...]  # (F,) asked for at each fork, the root first
    edges: tuple[float, ...]  # (F,) values up to here go low, larger ones high
    low_unless_known: tuple[bool, ...]  # (F,) where the feature does not apply
    low: tuple[int, ...]  # (F,) children
    high: tuple[int, ...]
    worth: tuple[float, ...]  # (F,) the score if it ended here
    leaves: tuple[float, ...]  # (F + 1,) scores

    def score(self, values: Mapping[str, float], added: dict[str, float]) -> float:
        """The score of some values. What each step on the way has changed is put down to its feature in `added`."""
        if not self.features:
            return self.leaves[0]
        fork = 0
        while True:
            name = self.features[fork]
            value = values.get(name, math.nan)
            goes_low = self.low_unless_known[fork] if math.isnan(value) else value <= self.edges[fork]
            child = self.low[fork] if goes_low else self.high[fork]
            worth = self.worth[child] if child >= 0 else self.leaves[-1 - child]
            added[name] = added.get(name, 0.0) + worth - self.worth[fork]
            if child < 0:
                return worth
            fork = child
