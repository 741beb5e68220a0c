"""Paths of cells along the deepest way through a solid, from its middle to every limb's end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph, csr_matrix
from scipy.spatial.distance import cdist

from ...progress import Progress
from .folding import Folded

DEPTH_POWER = 5.0  # a step costs length / depth ** DEPTH_POWER: the way follows the ridge of the depth, at any scale
PLANE_COST = 0.3  # steps on the mirror plane are cheaper, so that a spine stays on it
CENTRALITY = 0.1  # how much depth the root gives up for being near the component's centre
COVER_SCALE = 1.5  # a branch accounts for the cells within COVER_SCALE x depth of it,
COVER_MARGIN = 0.02  # and for those this much further than the depth, in units of the solid's size
PROTRUSION = 0.8  # a branch has to stick out of the balls of the others by this many of its own radii

LEAST_PROTRUSION = 0.015  # and by this much, in units of the solid's size
MOST_BRANCHES = 1000  # only soups of loose faces have more


@dataclass(frozen=True)
class PathTree:
    """Cheapest ways from every folded cell to the root of its component."""

    graph: csr_matrix  # (N, N) costs of the links
    towards: np.ndarray  # (N,) int, next cell on the way to the root; a root points to itself
    cost: np.ndarray  # (N,) of the whole way
    length: np.ndarray  # (N,) of the whole way
    component: np.ndarray  # (N,) int


@dataclass(frozen=True)
class Paths:
    """A graph of folded cells."""

    cells: np.ndarray  # (M,) int, folded cells, ascending
    links: np.ndarray  # (K, 2) int, pairs of folded cells


def grow_tree(folded: Folded) -> PathTree:
    """The tree of cheapest ways through `folded`."""
    graph = cost_graph(folded)
    component = csgraph.connected_components(graph, directed=False)[1]
    roots = choose_roots(folded, component)
    cost, before, _ = csgraph.dijkstra(graph, directed=True, indices=roots, min_only=True, return_predecessors=True)
    towards = np.where(before < 0, np.arange(len(before)), before)
    return PathTree(graph, towards, cost, measure_lengths(folded, towards), component)


def measure_lengths(folded: Folded, towards: np.ndarray) -> np.ndarray:
    """Length of every cell's way to its root, (N,)."""
    length = np.linalg.norm(folded.points - folded.points[towards], axis=1)
    ahead = towards
    while not np.array_equal(ahead, ahead[ahead]):
        length = length + length[ahead]
        ahead = ahead[ahead]
    return length


def cost_graph(folded: Folded) -> csr_matrix:
    """Links weighted by length over depth, (N, N), symmetric."""
    first, second = folded.links.T
    step = folded.points[first] - folded.points[second]
    length = np.sqrt(np.einsum("ij,ij->i", step, step))
    price = (folded.depth / folded.depth.max()) ** -DEPTH_POWER
    cost = 0.5 * (price[first] + price[second]) * np.maximum(length, 1e-9)
    cost[folded.plane[first] & folded.plane[second]] *= PLANE_COST
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    return csr_matrix((np.concatenate([cost, cost]), (rows, columns)), (len(price), len(price)))


def choose_roots(folded: Folded, component: np.ndarray) -> np.ndarray:
    """A deep, central cell of every component, on the mirror plane where the component touches it, (K,)."""
    size = np.bincount(component)
    centre = np.stack([np.bincount(component, folded.points[:, k]) / size for k in range(3)], 1)
    if folded.symmetric:
        centre[:, 0] = 0.0
    score = folded.depth - CENTRALITY * np.linalg.norm(folded.points - centre[component], axis=1)
    order = np.lexsort((np.arange(len(score)), -score, ~folded.plane, component))
    starts = np.searchsorted(component[order], np.arange(len(size)))
    return order[starts]


def grow_paths(folded: Folded, tree: PathTree, first: Paths, progress: Progress) -> Paths:
    """Add to the paths in `first` (loops, usually) a branch for every part of the solid that sticks out."""
    taken = np.zeros(len(folded.depth), bool)
    taken[first.cells] = True
    roots = np.flatnonzero(tree.towards == np.arange(len(taken)))
    taken[roots] = True
    order = np.argsort(tree.component, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(tree.component[order])) + 1)
    left = MOST_BRANCHES
    for number, cells in enumerate(sorted(parts, key=len, reverse=True)):
        progress.step(number / len(parts))
        left -= grow_component(folded, tree, cells, taken, left)
    cells = np.flatnonzero(taken)
    moving = cells[tree.towards[cells] != cells]
    links = np.stack([moving, tree.towards[moving]], 1)
    return Paths(cells, np.concatenate([first.links, links]))


def grow_component(folded: Folded, tree: PathTree, cells: np.ndarray, taken: np.ndarray, most: int) -> int:
    """Mark in `taken` the branches of one component, longest first, until every cell is accounted for; how many.

    There are `most` at most.
    """
    start = cells[taken[cells]]
    bare = Bare(folded, tree.length, cells)
    bare.cover(start)
    balls = np.empty((len(cells), 4))  # centres and radii along the curves
    balls[: len(start)] = np.column_stack([folded.points[start], folded.depth[start]])
    count, grown = len(start), 0
    while grown < most and (farthest := bare.farthest()) >= 0:
        tip = folded.foot[cut_tip(folded, tree, walk(tree.towards, farthest, taken))]
        branch = walk(tree.towards, int(tip), taken)
        if sticks_out(folded, tree, branch, balls[:count]):
            taken[branch] = True
            fresh = branch[:-1]  # the last is on a curve already
            balls[count : count + len(fresh)] = np.column_stack([folded.points[fresh], folded.depth[fresh]])
            count, grown = count + len(fresh), grown + 1
            bare.cover(branch)
        bare.cover(np.array([farthest, tip]))
    return grown


class Bare:
    """Cells that no branch accounts for yet."""

    def __init__(self, folded: Folded, length: np.ndarray, cells: np.ndarray) -> None:
        points = folded.points[cells]
        self._folded = folded
        self._axis = int(np.ptp(points, axis=0).argmax())
        order = np.argsort(points[:, self._axis], kind="stable")
        self._points, self._along = points[order], points[order, self._axis]
        self._open = np.ones(len(cells), bool)  # in the order along the axis
        rank = np.empty(len(cells), np.int64)
        rank[order] = np.arange(len(cells))
        longest = np.argsort(-length[cells], kind="stable")
        self._longest, self._rank, self._next = cells[longest], rank[longest], 0

    def farthest(self) -> int:
        """The one with the longest way to the root, -1 when there is none left."""
        while self._next < len(self._rank):
            ahead = self._open[self._rank[self._next : self._next + 256]]
            if ahead.any():
                self._next += int(ahead.argmax())
                return int(self._longest[self._next])
            self._next += 256
        return -1

    def cover(self, branch: np.ndarray) -> None:
        """Take away what balls around the branch account for."""
        if not len(branch):
            return
        stride = max(1, len(branch) // 40)
        centres, depth = self._folded.points[branch[::stride]], self._folded.depth[branch[::stride]]
        radius = np.maximum(COVER_SCALE * depth, depth + COVER_MARGIN)
        low, high = (centres - radius[:, None]).min(0), (centres + radius[:, None]).max(0)
        begin = int(np.searchsorted(self._along, low[self._axis]))
        end = int(np.searchsorted(self._along, high[self._axis], side="right"))
        near = begin + np.flatnonzero(self._open[begin:end])
        for axis in {0, 1, 2} - {self._axis}:
            place = self._points[near, axis]
            near = near[(place >= low[axis]) & (place <= high[axis])]
        points = self._points[near]
        distance2 = (points**2).sum(1)[:, None] + (centres**2).sum(1) - 2.0 * points @ centres.T
        self._open[near[(distance2 <= radius**2).any(1)]] = False


def walk(towards: np.ndarray, start: int, taken: np.ndarray) -> np.ndarray:
    """Cells from `start` to the first taken one, that one included."""
    path = [start]
    while not taken[path[-1]]:
        path.append(int(towards[path[-1]]))
    return np.array(path)


def cut_tip(folded: Folded, tree: PathTree, path: np.ndarray) -> int:
    """Where the path is to end: not at the surface but in the middle of the limb's rounded end."""
    walked = tree.length[path[0]] - tree.length[path]
    return int(path[np.argmax(folded.depth[path] - 0.5 * walked)])


def sticks_out(folded: Folded, tree: PathTree, branch: np.ndarray, balls: np.ndarray) -> bool:
    """Whether the ball at the branch's end sticks out far enough of all `balls` (N, 4) along the curves there are."""
    if len(branch) < 2:
        return False
    tip, base = branch[0], branch[-1]
    outside = tree.length[branch] - tree.length[base] > folded.depth[base]
    own = float(np.median(folded.depth[branch[outside]])) if outside.any() else folded.depth[tip]
    least = max(PROTRUSION * own, LEAST_PROTRUSION)
    if np.linalg.norm(folded.points[base] - folded.points[tip]) - folded.depth[base] + folded.depth[tip] <= least:
        return False
    away = cdist(folded.points[tip][None], balls[:, :3])[0]
    protrusion = (away - balls[:, 3]).min() + folded.depth[tip]
    return bool(protrusion > least)
