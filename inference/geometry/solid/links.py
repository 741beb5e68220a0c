"""Links between neighbouring cells that no gap parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from .inside import Ask

PROBES = np.array([0.2, 0.35, 0.5, 0.65, 0.8])  # where a diagonal without a path of its own is tried


def inner_links(mask: np.ndarray, blocked: Sequence[np.ndarray]) -> np.ndarray:
    """Pairs of flat places of inside cells, (L, 2) int64, lower first.

    Neighbours along an axis are linked unless blocked. A diagonal is linked when a shortest path of axis links joins
    its ends.
    """
    places = np.flatnonzero(mask)
    index = np.full(mask.size, len(places), np.int32)
    index[places] = np.arange(len(places), dtype=np.int32)
    strides = (mask.shape[1] * mask.shape[2], mask.shape[2], 1)
    hops = {}
    for axis in (0, 1, 2):
        ahead = np.append(index[places + strides[axis]], np.int32(len(places)))
        ahead[index[blocked[axis]]] = len(places)
        hops[axis, 1] = ahead
        back = np.full(len(places) + 1, len(places), np.int32)
        linked = np.flatnonzero(ahead < len(places)).astype(np.int32)
        back[ahead[linked]] = linked
        hops[axis, -1] = back
    targets = [hops[axis, 1] for axis in (0, 1, 2)] + _diagonal_hops(hops)
    rows = np.arange(len(places))
    pairs = []
    for target in targets:
        linked = target[:-1] < len(places)
        pairs.append(np.stack([places[rows[linked]], places[target[:-1][linked]]], 1))
    return np.concatenate(pairs)


def _diagonal_hops(hops: dict[tuple[int, int], np.ndarray]) -> list[np.ndarray]:
    """Where the ten forward diagonals of each cell lead; the count of cells stands for nowhere."""
    flat = {}
    for (a, b), s, t in product(((0, 1), (0, 2), (1, 2)), (1, -1), (1, -1)):
        if a == 1 or s == 1:
            flat[a, b, s, t] = np.minimum(hops[b, t][hops[a, s]], hops[a, s][hops[b, t]])
    steep = [
        np.minimum(np.minimum(hops[2, t][flat[0, 1, 1, s]], hops[1, s][flat[0, 2, 1, t]]), hops[0, 1][flat[1, 2, s, t]])
        for s, t in product((1, -1), (1, -1))
    ]
    return [flat[a, b, 1, t] for (a, b), t in product(((0, 1), (0, 2), (1, 2)), (1, -1))] + steep


def narrow_links(mask: np.ndarray, ask: Ask) -> np.ndarray:
    """Diagonal pairs that stand alone in their block and have the inside all along between them."""
    places = np.flatnonzero(mask)
    strides = (mask.shape[1] * mask.shape[2], mask.shape[2], 1)
    inside = mask.reshape(-1)
    first, second = [], []
    for step in product((0, 1), (-1, 0, 1), (-1, 0, 1)):
        moves = [strides[axis] * step[axis] for axis in (0, 1, 2) if step[axis]]
        if len(moves) < 2 or (step[0] == 0 and step[1] < 0):
            continue
        lone = inside[places + sum(moves)]
        for chosen in product((0, 1), repeat=len(moves)):
            if 0 < sum(chosen) < len(moves):
                lone &= ~inside[places + sum(m for m, c in zip(moves, chosen, strict=True) if c)]
        first.append(places[lone])
        second.append(places[lone] + sum(moves))
    pairs = np.stack([np.concatenate(first), np.concatenate(second)], 1)
    return pairs[inside_between(pairs, mask.shape, ask)]


def inside_between(pairs: np.ndarray, shape: Sequence[int], ask: Ask) -> np.ndarray:
    """(L,) bool: the straight way between two cells stays inside."""
    if len(pairs) == 0:
        return np.zeros(0, bool)
    start, end = (np.stack(np.unravel_index(pairs[:, k], tuple(shape)), 1) for k in (0, 1))
    ways = start[:, None] + PROBES[None, :, None] * (end - start)[:, None]  # (L, 5, 3)
    return (ask(ways.reshape(-1, 3)).reshape(len(pairs), -1) > 0.5).all(1)
