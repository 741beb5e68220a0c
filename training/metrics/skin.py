"""How close skin weights are to the artist's.

Bones of two rigs are paired first (`match_bones`); on the truth's own skeleton bone i simply is bone i. Weights under
0.001 count as 0. No frame: weights have no unit.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from inference.anatomy import SkinWeights

NEGLIGIBLE = 1e-3
MATCH_REACH = 0.1  # joints farther apart than this share of the longest side are different bones
FAILED_L1 = 2.0  # of an asset that got no weights: every vertex entirely wrong


def match_bones(predicted: np.ndarray, truth: np.ndarray, reach: float = MATCH_REACH) -> np.ndarray:
    """For each predicted bone the truth's bone it stands for, or -1; (P,) from heads (P, 3) and (G, 3), unit frame.

    One to one, as many pairs within `reach` as possible and among those the closest together.
    """
    distance = np.linalg.norm(predicted[:, None] - truth[None], axis=2)
    allowed = distance <= reach
    cost = np.where(allowed, distance, 1.0 + distance[allowed].sum())
    rows, columns = linear_sum_assignment(cost)
    partner = np.full(len(predicted), -1, np.int32)
    good = allowed[rows, columns]
    partner[rows[good]] = columns[good]
    return partner


def skin_l1(predicted: np.ndarray, truth: np.ndarray, partner: np.ndarray | None = None) -> float:
    """Sum of absolute weight differences over the vertices: 0 (equal) .. 2 (nothing shared).

    Dense weights (V, P) and (V, G); `partner` (P,) as `match_bones` gives it, or None when column i is column i.
    A bone without partner is a column that the other side has only zeros for.
    """
    mine, theirs = _without_noise(predicted), _without_noise(truth)
    if partner is None:
        return float(np.abs(mine - theirs).sum() / len(mine))
    moved = np.zeros_like(theirs)
    paired = partner >= 0
    moved[:, partner[paired]] = mine[:, paired]
    alone = mine[:, ~paired].sum()
    return float((np.abs(moved - theirs).sum() + alone) / len(mine))


def unweighted(skin: SkinWeights | np.ndarray) -> int:
    """Vertices that no bone moves."""
    weights = skin.weights if isinstance(skin, SkinWeights) else skin
    return int((weights.sum(1) < NEGLIGIBLE).sum())


def _without_noise(weights: np.ndarray) -> np.ndarray:
    return np.where(weights < NEGLIGIBLE, 0.0, weights)
