"""Ways around the holes of a solid: the shortest rings, along the deepest ways, that its loops ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csgraph

from ...anatomy import Solid
from ..solid.loops import Loops, find_loops
from .branches import Paths, PathTree, measure_lengths
from .folding import Folded

NONE = np.uint64(0)


def grow_rings(solid: Solid, folded: Folded, tree: PathTree) -> tuple[Paths, PathTree]:
    """Paths that hold one ring for every loop of `solid`, and the tree that further branches are to follow."""
    loops = find_loops(solid)
    taken = np.zeros(len(folded.depth), bool)
    doors, found = choose_doors(folded, tree, loops)
    take_ways(tree, doors, taken)
    tree, led = stay_on_plane(folded, tree, taken)
    closers = choose_closers(folded, tree, loops, found, led)
    take_ways(tree, closers.ravel(), taken)
    return Paths(np.flatnonzero(taken), closers), tree


def take_ways(tree: PathTree, starts: np.ndarray, taken: np.ndarray) -> None:
    """Mark the ways from `starts` to their roots."""
    for cell in starts.tolist():
        while not taken[cell]:
            taken[cell] = True
            cell = int(tree.towards[cell])


def choose_doors(folded: Folded, tree: PathTree, loops: Loops) -> tuple[np.ndarray, list[int]]:
    """Cells of the plane whose way and its mirror image form a ring, the cheapest first, (K,), and the rings' masks."""
    here, there = way_masks(folded, tree, loops)
    door = np.flatnonzero(folded.plane)
    across = here[door] ^ there[door] ^ loops.crossing(folded.whole[door], folded.mirror[door])
    order = np.lexsort((door, tree.cost[door]))
    order = order[across[order] != NONE]
    masks = across[order]
    chosen, found = independent(np.stack([masks, masks], 1), np.ones(len(masks), int), loops.count, [])
    return door[order[chosen]], found


def choose_closers(folded: Folded, tree: PathTree, loops: Loops, found: list[int], led: np.ndarray) -> np.ndarray:
    """Links that close the rings still missing beside those `found`, the cheapest first, (M, 2).

    A link off the mirror plane comes with its image and has to close two rings.
    """
    if len(found) == loops.count:
        return np.zeros((0, 2), np.int64)
    here, there = way_masks(folded, tree, loops)
    low, high = folded.links.min(1), folded.links.max(1)
    own = here[low] ^ here[high] ^ loops.crossing(folded.whole[low], folded.whole[high])
    twin = there[low] ^ there[high] ^ loops.crossing(folded.mirror[low], folded.mirror[high])
    flat = folded.plane[low] & folded.plane[high]
    kept = ((own != NONE) | (twin != NONE)) & (~flat | (led[low] & led[high]))
    low, high, own, twin, flat = low[kept], high[kept], own[kept], twin[kept], flat[kept]
    single = flat if folded.symmetric else np.ones(len(low), bool)
    order = np.lexsort((high, low, tree.cost[low] + tree.cost[high]))
    masks = np.stack([own, np.where(single, own, twin)], 1)[order]
    chosen = order[independent(masks, np.where(single, 1, 2)[order], loops.count, found)[0]]
    return np.stack([low[chosen], high[chosen]], 1)


def way_masks(folded: Folded, tree: PathTree, loops: Loops) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the ways from every folded cell to its root, as they run and as their mirror images run, (N,) each."""
    here = loops.crossing(folded.whole, folded.whole[tree.towards])
    there = loops.crossing(folded.mirror, folded.mirror[tree.towards])
    ahead = tree.towards
    while not np.array_equal(ahead, ahead[ahead]):
        here, there = here ^ here[ahead], there ^ there[ahead]
        ahead = ahead[ahead]
    return here, there ^ loops.crossing(folded.whole[ahead], folded.mirror[ahead])


def independent(masks: np.ndarray, wanted: np.ndarray, count: int, found: list[int]) -> tuple[np.ndarray, list[int]]:
    """Rows of `masks` (N, 2) that each add as many masks as wanted of them to those `found`, from the top.

    The rows, (K,) int, and all masks found then, each without the highest bits of those before it.
    """
    left, found, rows = masks.copy(), list(found), []
    for mask in found:
        cancel(left, mask)
    while len(found) < count:
        one, other = left[:, 0], left[:, 1]
        good = (one != NONE) & ((wanted == 1) | ((other != NONE) & (one != other)))
        if not good.any():
            break
        row = int(np.argmax(good))
        rows.append(row)
        for column in range(int(wanted[row])):
            found.append(int(left[row, column]))
            cancel(left, found[-1])
    return np.array(rows, int), found


def cancel(left: np.ndarray, mask: int) -> None:
    """Take `mask` out of every mask in `left` that holds its highest bit."""
    hit = (left >> np.uint64(mask.bit_length() - 1)) & np.uint64(1) == 1
    left[hit] ^= np.uint64(mask)


def stay_on_plane(folded: Folded, tree: PathTree, taken: np.ndarray) -> tuple[PathTree, np.ndarray]:
    """Lead the cells on the mirror plane to their roots on the plane where they can, except on rings already taken.

    A way that left the plane and came back would otherwise run around nothing with its mirror image. Also returned:
    which cells are led to their root or to a ring on the plane, (N,) bool.
    """
    steady = folded.plane & folded.plane[tree.towards]
    ahead = tree.towards
    while not np.array_equal(ahead, ahead[ahead]):
        steady &= steady[ahead]
        ahead = ahead[ahead]
    led = folded.plane & (steady | taken)
    if np.array_equal(led, folded.plane) or not led.any():
        return tree, led
    flat = np.flatnonzero(folded.plane)
    graph = tree.graph[flat][:, flat]
    sources = np.flatnonzero(led[flat])
    before = csgraph.dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)[1]
    towards = tree.towards.copy()
    moved = before >= 0
    towards[flat[moved]] = flat[before[moved]]
    led[flat[moved]] = True
    return replace(tree, towards=towards, length=measure_lengths(folded, towards)), led
