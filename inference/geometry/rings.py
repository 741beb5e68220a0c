"""Ways around the holes of a solid: the shortest rings, along the deepest ways, that its loops ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csgraph

from ..anatomy import Solid
from .branches import Paths, Tree, measure_lengths
from .folding import Folded
from .loops import Loops, find_loops

NONE = np.uint64(0)


def grow_rings(solid: Solid, folded: Folded, tree: Tree) -> tuple[Paths, Tree]:
    """Paths that hold one ring for every loop of `solid`, and the tree that further branches are to follow."""
    loops = find_loops(solid)
    doors = np.zeros(0, np.int64)
    closers = np.zeros((0, 2), np.int64)
    if loops.count:
        doors, closers = choose_rings(folded, tree, loops)
    taken = np.zeros(len(folded.depth), bool)
    for cell in np.concatenate([doors, closers.ravel()]).tolist():
        while not taken[cell]:
            taken[cell] = True
            cell = int(tree.towards[cell])
    if folded.symmetric:
        tree = stay_on_plane(folded, tree, taken)
    return Paths(np.flatnonzero(taken), closers), tree


def choose_rings(folded: Folded, tree: Tree, loops: Loops) -> tuple[np.ndarray, np.ndarray]:
    """Cells of the plane whose way and its mirror image form a ring, and links that close a ring: (K,) and (M, 2).

    The cheapest come first, each of them independent of those before.
    """
    here, there = way_masks(folded, tree, loops)
    first, second = folded.links.T
    low, high = np.minimum(first, second), np.maximum(first, second)
    own = here[low] ^ here[high] ^ loops.crossing(folded.whole[low], folded.whole[high])
    twin = there[low] ^ there[high] ^ loops.crossing(folded.mirror[low], folded.mirror[high])
    kept = (own != NONE) | (twin != NONE)
    low, high, own, twin = low[kept], high[kept], own[kept], twin[kept]
    door = np.flatnonzero(folded.plane)
    across = here[door] ^ there[door] ^ loops.crossing(folded.whole[door], folded.mirror[door])
    door, across = door[across != NONE], across[across != NONE]
    single = folded.plane[low] & folded.plane[high] if folded.symmetric else np.ones(len(low), bool)
    cost = np.concatenate([2.0 * tree.cost[door], tree.cost[low] + tree.cost[high]])
    masks = np.stack([np.concatenate([across, own]), np.concatenate([across, np.where(single, own, twin)])], 1)
    wanted = np.concatenate([np.ones(len(door), int), np.where(single, 1, 2)])  # rings each of them adds
    number = np.arange(len(cost))
    order = np.lexsort((number, cost))
    chosen = independent(masks[order], wanted[order], loops.count)
    picked = order[chosen]
    links = picked[picked >= len(door)] - len(door)
    return door[picked[picked < len(door)]], np.stack([low[links], high[links]], 1)


def way_masks(folded: Folded, tree: Tree, loops: Loops) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the ways from every folded cell to its root, as they run and as their mirror images run, (N,) each."""
    here = loops.crossing(folded.whole, folded.whole[tree.towards])
    there = loops.crossing(folded.mirror, folded.mirror[tree.towards])
    ahead = tree.towards
    while not np.array_equal(ahead, ahead[ahead]):
        here, there = here ^ here[ahead], there ^ there[ahead]
        ahead = ahead[ahead]
    return here, there ^ loops.crossing(folded.whole[ahead], folded.mirror[ahead])


def independent(masks: np.ndarray, wanted: np.ndarray, count: int) -> np.ndarray:
    """Rows of `masks` (N, 2) that add as many independent masks as wanted of them, taken from the top, (K,) int."""
    left = masks.copy()
    found, total = [], 0
    while total < count:
        one, other = left[:, 0], left[:, 1]
        good = (one != NONE) & ((wanted == 1) | ((other != NONE) & (one != other)))
        if not good.any():
            break
        row = int(np.argmax(good))
        found.append(row)
        total += int(wanted[row])
        for column in range(int(wanted[row])):
            pivot = int(left[row, column])
            if pivot:
                hit = (left >> np.uint64(pivot.bit_length() - 1)) & np.uint64(1) == 1
                left[hit] ^= np.uint64(pivot)
    return np.array(found, int)


def stay_on_plane(folded: Folded, tree: Tree, taken: np.ndarray) -> Tree:
    """Lead the cells on the mirror plane to their roots on the plane where they can, except on rings already taken.

    A way that left the plane and came back would otherwise run around nothing with its mirror image.
    """
    steady = folded.plane & folded.plane[tree.towards]
    ahead = tree.towards
    while not np.array_equal(ahead, ahead[ahead]):
        steady &= steady[ahead]
        ahead = ahead[ahead]
    sources = np.flatnonzero(folded.plane & (steady | taken))
    if len(sources) == folded.plane.sum() or not len(sources):
        return tree
    flat = np.flatnonzero(folded.plane)
    graph = tree.graph[flat][:, flat]
    before = csgraph.dijkstra(graph, indices=np.searchsorted(flat, sources), min_only=True, return_predecessors=True)[1]
    towards = tree.towards.copy()
    moved = before >= 0
    towards[flat[moved]] = flat[before[moved]]
    return replace(tree, towards=towards, length=measure_lengths(folded, towards))
