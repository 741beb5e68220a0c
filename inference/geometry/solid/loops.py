"""The loops of a solid: which closed ways of cells run around a hole.

Cells are gathered into small blocks; every link between blocks gets a mask of bits such that the exclusive or of the
masks along a closed way is zero exactly when the way bounds a disc in the solid (homology over two elements).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csgraph, csr_matrix

from ...anatomy import Solid

BLOCK = 3  # cells along a block's side; a hole narrower than this may be overlooked
MOST_LOOPS = 63  # bits in a mask


@dataclass(frozen=True)
class Loops:
    """Masks on the links between blocks."""

    block: np.ndarray  # (C,) int, the block of each cell
    keys: np.ndarray  # (E,) int64, first block * number of blocks + second, ascending
    masks: np.ndarray  # (E,) uint64
    count: int  # independent loops

    def crossing(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Mask of the step between two neighbouring cells, for each of the pairs, uint64."""
        one, other = self.block[first], self.block[second]
        key = np.minimum(one, other) * np.int64(self.block.max() + 1) + np.maximum(one, other)
        if not len(self.keys):
            return np.zeros(len(key), np.uint64)
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        return np.where(self.keys[place] == key, self.masks[place], np.uint64(0))


def find_loops(solid: Solid) -> Loops:
    """Masks that tell the loops of `solid` apart."""
    block, edges = gather_blocks(solid)
    count = int(block.max()) + 1
    keys = edges[:, 0] * np.int64(count) + edges[:, 1]
    triangles = find_triangles(edges, keys, count)
    masks = Masks(len(edges), triangles)
    masks.settle(tree_edges(edges, keys, count))
    return Loops(block, keys, masks.values, len(masks.used))


def gather_blocks(solid: Solid) -> tuple[np.ndarray, np.ndarray]:
    """The block of each cell, (C,), and the pairs of linked blocks, (E, 2) sorted; a block hangs together by links."""
    position = solid.cells // BLOCK
    across = 2 * solid.cells[:, 0] - solid.cells[:, 0].min() - solid.cells[:, 0].max()
    position[:, 0] = np.sign(across) * ((np.abs(across) + BLOCK) // (2 * BLOCK))  # as symmetric as the solid is
    position[:, 0] -= position[:, 0].min()
    reach = position.max(0).astype(np.int64) + 1
    key = (position[:, 0] * reach[1] + position[:, 1]) * reach[2] + position[:, 2]
    first, second = np.ascontiguousarray(solid.links.T)
    within = key[first] == key[second]
    cells = len(solid.cells)
    inner = coo_matrix((np.ones(within.sum(), np.int8), (first[within], second[within])), (cells, cells))
    block = csgraph.connected_components(inner, directed=False)[1].astype(np.int64)
    one, other = block[first[~within]], block[second[~within]]
    return block, distinct_pairs(np.minimum(one, other), np.maximum(one, other), int(block.max()) + 1)


def distinct_pairs(low: np.ndarray, high: np.ndarray, count: int) -> np.ndarray:
    """Each pair of numbers below `count` once, (E, 2) int64 sorted: a sparse matrix does it faster than sorting."""
    met = csr_matrix((np.ones(len(low), np.int8), (low, high)), (count, count))
    met.sum_duplicates()
    return np.stack([np.repeat(np.arange(count), np.diff(met.indptr)), met.indices.astype(np.int64)], 1)


def find_triangles(edges: np.ndarray, keys: np.ndarray, count: int) -> np.ndarray:
    """Triples of blocks that are linked with each other, as the numbers of their three edges, (3, T)."""
    starts = np.searchsorted(edges[:, 0], np.arange(count + 1))
    following = (starts[1:] - starts[:-1])[edges[:, 1]]  # edges that go on from the end of each edge
    first = np.repeat(np.arange(len(edges)), following)
    inside = np.arange(len(first)) - np.repeat(np.cumsum(following) - following, following)
    second = starts[edges[first, 1]] + inside
    closing = edges[first, 0] * np.int64(count) + edges[second, 1]
    third = np.minimum(np.searchsorted(keys, closing), max(len(keys) - 1, 0))
    closed = keys[third] == closing if len(keys) else np.zeros(0, bool)
    return np.stack([first[closed], second[closed], third[closed]])


def tree_edges(edges: np.ndarray, keys: np.ndarray, count: int) -> np.ndarray:
    """Numbers of the edges of a breadth-first forest."""
    both = np.concatenate([edges, edges[:, ::-1]])
    graph = csr_matrix((np.ones(len(both)), both.T), (count, count))
    component = csgraph.connected_components(graph, directed=False)[1]
    roots = np.unique(component, return_index=True)[1]
    before = csgraph.dijkstra(graph, indices=roots, min_only=True, unweighted=True, return_predecessors=True)[1]
    node = np.flatnonzero(before >= 0)
    low, high = np.minimum(node, before[node]), np.maximum(node, before[node])
    return np.searchsorted(keys, low * np.int64(count) + high)


class Masks:
    """Masks of edges, spread over triangles: the masks of a triangle's three edges cancel."""

    def __init__(self, edges: int, triangles: np.ndarray) -> None:
        self.values = np.zeros(edges, np.uint64)
        self.known = np.zeros(edges, bool)
        self.open = triangles  # (3, T) those not yet checked
        self.used: set[int] = set()  # bits that stand for a loop

    def settle(self, tree: np.ndarray) -> None:
        """Give every edge a mask, zero on the edges of the tree."""
        self.known[tree] = True
        while True:
            self._spread()
            unknown = np.flatnonzero(~self.known)
            free = [bit for bit in range(MOST_LOOPS) if bit not in self.used]
            if not len(unknown) or not free:
                self.known[unknown] = True
                return
            self.known[unknown[0]] = True
            self.values[unknown[0]] = np.uint64(1 << free[0])
            self.used.add(free[0])

    def _spread(self) -> None:
        """Derive the third edge wherever a triangle has two, until nothing more follows."""
        while self.open.shape[1]:
            known = self.known[self.open].view(np.int8)
            total = known[0] + known[1] + known[2]
            self._cancel(self.open[:, total == 3])
            ready = np.flatnonzero(total == 2)
            one, two, three = self.open[:, ready]
            first, second = known[0, ready] > 0, known[1, ready] > 0
            self.open = self.open[:, total < 3]
            if not len(ready):
                return
            missing = np.where(first, np.where(second, three, two), one)
            self.values[missing] = self.values[one] ^ self.values[two] ^ self.values[three]
            self.known[missing] = True

    def _cancel(self, triangles: np.ndarray) -> None:
        """Triangles whose masks do not cancel show that some loops are no loops, or the same: drop a bit for each."""
        while triangles.shape[1]:
            one, two, three = self.values[triangles]
            left = one ^ two ^ three
            wrong = left[left != 0]
            if not len(wrong):
                return
            relation = int(wrong.min())
            pivot = relation.bit_length() - 1
            hit = (self.values >> np.uint64(pivot)) & np.uint64(1) == 1
            self.values[hit] ^= np.uint64(relation)
            self.used.discard(pivot)
            triangles = triangles[:, left != 0]
