"""Rings in a graph of points in space, and filling them with triangles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np


def shortest_ring(
    neighbours: Callable[[int], Iterable[int]],
    edge: tuple[int, int],
    most: int,
    may_close: Callable[[int], bool] = lambda _: True,
) -> list[int] | None:
    """The fewest nodes in a ring through `edge`, at most `most`; `may_close` says which may come before its end.

    Neighbours are asked for in order, and of equally short rings the first one found is taken.
    """
    start, goal = edge
    came, layer = {start: start}, [start]
    for _ in range(most - 1):
        after = []
        for here in layer:
            for there in neighbours(here):
                if there in came or (there == goal and (here == start or not may_close(here))):
                    continue
                came[there] = here
                after.append(there)
        if goal in came:
            ring = [goal]
            while ring[-1] != start:
                ring.append(came[ring[-1]])
            return ring
        layer = after
    return None


def best_triangulation(ring: np.ndarray, cost: np.ndarray) -> list[tuple[int, int, int]] | None:
    """The triangles (corner numbers ascending) that fill a ring of points (N, 3) at the least cost.

    `cost` (N, N, N) is per triangle i < j < k, infinite where it must not be used; small and even triangles break
    ties. None when no filling is allowed.
    """
    size = len(ring)
    length = np.linalg.norm(ring[:, None] - ring, axis=2)
    scale = 0.1 / max(float(length.max()), 1e-12)
    total = np.full((size, size), np.inf)
    split = np.full((size, size), -1)
    for i in range(size - 1):
        total[i, i + 1] = 0
    for gap in range(2, size):
        for i in range(size - gap):
            k = i + gap
            for j in range(i + 1, k):
                sides = length[i, j] + length[j, k] + length[i, k]
                price = total[i, j] + total[j, k] + cost[i, j, k] + scale * sides
                if price < total[i, k] - 1e-12:
                    total[i, k], split[i, k] = price, j
    if not np.isfinite(total[0, size - 1]):
        return None
    found, open_spans = [], [(0, size - 1)]
    while open_spans:
        i, k = open_spans.pop()
        if k - i >= 2:
            j = int(split[i, k])
            found.append((i, j, k))
            open_spans += [(i, j), (j, k)]
    return found
