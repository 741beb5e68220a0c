"""Gathered joints become a tree: each hangs where its points say, where its part usually hangs, and not far away."""

from __future__ import annotations

import numpy as np

from ..bodies.words import CHAINS, NUMBERED, PART
from .gather import Joints
from .grammar import hanging_costs, root_costs

SPOKEN = 4.0  # per share of the size between where the parent is and where the points of the joint say it is
FAR = 1.5  # per share of the size between a joint and its parent
OTHER_SIDE = 4.0  # from left to right
INWARD = 2.0  # hanging on a joint farther out in the same chain
OTHER_NUMBER = 3.0  # on another leg
NO_ROOT = 1e3


def parents_of(joints: Joints, size: float) -> np.ndarray:
    """The parent of each joint (J,), -1 for the one root; twins hang on twins."""
    right = (joints.side.argmax(1) == 2) & (joints.twin != np.arange(len(joints.at)))
    kept = np.flatnonzero(~right)
    above = _parents(joints.chosen(kept), size)
    parents = np.full(len(right), -1)
    parents[kept] = np.where(above >= 0, kept[above], -1)
    for joint in np.flatnonzero(right):
        across = parents[joints.twin[joint]]
        parents[joint] = joints.twin[across] if across >= 0 else joints.twin[joint]
    return parents


def _parents(joints: Joints, size: float) -> np.ndarray:
    """The cheapest tree over all joints."""
    count = len(joints.at)
    hang = joints.part @ hanging_costs() @ joints.part.T
    apart = np.linalg.norm(joints.at[:, None] - joints.at[None], axis=2) / size
    said = np.linalg.norm(joints.above[:, None] - joints.at[None], axis=2) / size
    cost = hang + SPOKEN * said + FAR * apart
    side = joints.side.argmax(1)
    cost += OTHER_SIDE * ((side[:, None] != side[None]) & (side[:, None] > 0) & (side[None] > 0))
    cost += OTHER_SIDE * ((side[:, None] == 0) & (side[None] > 0))
    part, number = joints.part.argmax(1), joints.pair.argmax(1)
    same = part[:, None] == part[None]
    chained = same & np.isin(part, [PART[name] for name in CHAINS])[:, None]
    cost += INWARD * (chained & (joints.along[:, None] <= joints.along[None]))
    numbered = same & np.isin(part, [PART[name] for name in NUMBERED])[:, None]
    cost += OTHER_NUMBER * (numbered & (number[:, None] != number[None]))
    np.fill_diagonal(cost, np.inf)
    own = np.linalg.norm(joints.above - joints.at, axis=1) / size
    root = NO_ROOT + joints.part @ root_costs() + SPOKEN * own + OTHER_SIDE * (side > 0)
    whole = np.full((count + 1, count + 1), np.inf)  # (child, parent); the last stands above the root
    whole[:count, :count] = cost
    whole[:count, count] = root
    above = cheapest_tree(whole, count)[:count]
    return np.where(above == count, -1, above)


def cheapest_tree(cost: np.ndarray, root: int) -> np.ndarray:
    """The parent of each node (N,), -1 of `root`, in the tree whose edges cost least (Chu and Liu, Edmonds).

    `cost[child, parent]` is infinite where there is no edge.
    """
    count = len(cost)
    best = np.argmin(cost, axis=1)
    best[root] = -1
    ring = _ring(best, root)
    if ring is None:
        return best
    inner = np.zeros(count, bool)
    inner[ring] = True
    kept = np.flatnonzero(~inner)
    place = np.full(count, len(kept))
    place[kept] = np.arange(len(kept))
    smaller = np.full((len(kept) + 1,) * 2, np.inf)
    smaller[:-1, :-1] = cost[np.ix_(kept, kept)]
    leaving = cost[np.ix_(kept, ring)]  # kept nodes that hang on the ring
    smaller[:-1, -1] = leaving.min(1)
    entering = cost[np.ix_(ring, kept)] - cost[ring, best[ring]][:, None]  # the ring hangs on a kept node
    smaller[-1, :-1] = entering.min(0)
    np.fill_diagonal(smaller, np.inf)
    above = cheapest_tree(smaller, int(place[root]))
    result = best.copy()
    for node, parent in zip(kept, above[:-1], strict=True):
        if parent >= 0:
            result[node] = ring[int(np.argmin(cost[node, ring]))] if parent == len(kept) else kept[parent]
    outside = kept[above[-1]]
    opened = ring[int(np.argmin(entering[:, above[-1]]))]
    result[opened] = outside
    return result


def _ring(parents: np.ndarray, root: int) -> np.ndarray | None:
    """Nodes that hang on one another in a circle, or None."""
    seen = np.full(len(parents), -1)
    seen[root] = len(parents)
    for start in range(len(parents)):
        node = start
        while seen[node] < 0:
            seen[node] = start
            node = parents[node]
        if seen[node] == start and node != root:
            ring, step = [node], parents[node]
            while step != node:
                ring.append(step)
                step = parents[step]
            return np.array(ring)
    return None
