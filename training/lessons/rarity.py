"""How often each example comes up, so that what there is much of does not drown the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np


def by_rarity(kinds: Sequence[str]) -> np.ndarray:
    """How often each of some examples comes up, (N,): a kind by the root of its number."""
    counts = Counter(kinds)
    return np.array([counts[kind] ** -0.5 for kind in kinds])


def in_shares(often: np.ndarray, parts: Sequence[tuple[np.ndarray, float]] = ()) -> np.ndarray:
    """Chances (N,) of the examples, where each part, a mask (N,), comes up with a share of its own."""
    chances = often.copy()
    for part, share in parts:
        if part.any():
            chances[part] *= share / chances[part].sum()
    return chances / chances.sum()
