"""Paths of cells along the deepest way through a solid, from its middle to every limb's end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph, csr_matrix

from ..progress import Progress
from .folding import Folded

DEPTH_POWER = 5.0  # a step costs length / depth ** DEPTH_POWER: the way follows the ridge of the depth, at any scale
PLANE_COST = 0.3  # steps on the mirror plane are cheaper, so that a spine stays on it
CENTRALITY = 0.1  # how much depth the root gives up for being near the component's centre
COVER_SCALE = 1.5  # a branch accounts for the cells within COVER_SCALE x depth of it,
COVER_MARGIN = 0.02  # and for those this much further than the depth, in units of the solid's size
PROTRUSION = 0.8  # a branch has to stick out of the balls of the others by this many of its own radii

LEAST_PROTRUSION = 0.015  # and by this much, in units of the solid's size


@dataclass(frozen=True)
class Tree:
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


def grow_tree(folded: Folded) -> Tree:
    """The tree of cheapest ways through `folded`."""
    graph = cost_graph(folded)
    component = csgraph.connected_components(graph, directed=False)[1]
    roots = choose_roots(folded, component)
    cost, before, _ = csgraph.dijkstra(graph, directed=True, indices=roots, min_only=True, return_predecessors=True)
    towards = np.where(before < 0, np.arange(len(before)), before)
    return Tree(graph, towards, cost, measure_lengths(folded, towards), component)


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


def grow_paths(folded: Folded, tree: Tree, first: Paths, progress: Progress) -> Paths:
    """Add to the paths in `first` (loops, usually) a branch for every part of the solid that sticks out."""
    taken = np.zeros(len(folded.depth), bool)
    taken[first.cells] = True
    roots = np.flatnonzero(tree.towards == np.arange(len(taken)))
    taken[roots] = True
    order = np.argsort(tree.component, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(tree.component[order])) + 1)
    for number, cells in enumerate(parts):
        progress.step(number / len(parts))
        grow_component(folded, tree, cells, taken)
    cells = np.flatnonzero(taken)
    moving = cells[tree.towards[cells] != cells]
    links = np.stack([moving, tree.towards[moving]], 1)
    return Paths(cells, np.concatenate([first.links, links]))


def grow_component(folded: Folded, tree: Tree, cells: np.ndarray, taken: np.ndarray) -> None:
    """Mark in `taken` the branches of one component, longest first, until every cell is accounted for."""
    start = cells[taken[cells]]
    open_cells = uncovered(folded, cells, start)
    curves = [start]
    while len(open_cells):
        farthest = open_cells[np.argmax(tree.length[open_cells])]
        tip = folded.foot[cut_tip(folded, tree, walk(tree.towards, int(farthest), taken))]
        branch = walk(tree.towards, int(tip), taken)
        if sticks_out(folded, tree, branch, np.concatenate(curves)):
            taken[branch] = True
            curves.append(branch)
            open_cells = uncovered(folded, open_cells, branch)
        open_cells = uncovered(folded, open_cells, np.array([farthest, tip]))


def walk(towards: np.ndarray, start: int, taken: np.ndarray) -> np.ndarray:
    """Cells from `start` to the first taken one, that one included."""
    path = [start]
    while not taken[path[-1]]:
        path.append(int(towards[path[-1]]))
    return np.array(path)


def cut_tip(folded: Folded, tree: Tree, path: np.ndarray) -> int:
    """Where the path is to end: not at the surface but in the middle of the limb's rounded end."""
    walked = tree.length[path[0]] - tree.length[path]
    return int(path[np.argmax(folded.depth[path] - 0.5 * walked)])


def sticks_out(folded: Folded, tree: Tree, branch: np.ndarray, curves: np.ndarray) -> bool:
    """Whether the ball at the branch's end sticks out far enough of all balls along the curves there are."""
    if len(branch) < 2:
        return False
    tip, base = branch[0], branch[-1]
    outside = tree.length[branch] - tree.length[base] > folded.depth[base]
    own = float(np.median(folded.depth[branch[outside]])) if outside.any() else folded.depth[tip]
    away = np.linalg.norm(folded.points[curves] - folded.points[tip], axis=1)
    protrusion = (away - folded.depth[curves]).min() + folded.depth[tip]
    return bool(protrusion > max(PROTRUSION * own, LEAST_PROTRUSION))


def uncovered(folded: Folded, cells: np.ndarray, branch: np.ndarray) -> np.ndarray:
    """Those of `cells` that no ball around the branch accounts for."""
    if not len(branch) or not len(cells):
        return cells
    radius = np.maximum(COVER_SCALE * folded.depth[branch], folded.depth[branch] + COVER_MARGIN)
    stride = max(1, len(branch) // 40)
    centres, radius = folded.points[branch[::stride]], radius[::stride]
    near = np.arange(len(cells))
    for axis in range(3):
        place = folded.points[cells[near], axis]
        low, high = (centres[:, axis] - radius).min(), (centres[:, axis] + radius).max()
        near = near[(place >= low) & (place <= high)]
    points = folded.points[cells[near]]
    distance2 = (points**2).sum(1)[:, None] + (centres**2).sum(1) - 2.0 * points @ centres.T
    kept = np.ones(len(cells), bool)
    kept[near] = (distance2 > radius**2).all(1)
    return cells[kept]
