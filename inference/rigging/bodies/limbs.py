"""Curve graph -> trunk and limbs: a tree of centre lines.

The trunk is the heaviest path through the graph; of a symmetric shape, the heaviest in the mirror plane. Everything
else hangs on it: from each fork the longest way on is the limb, the others are limbs of the limb. A branch counts as
a limb when it reaches out of the part it springs from. Loops are opened where they are farthest from the trunk, so
both halves of a handle are covered. Of a symmetric shape only the middle and the left half are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csgraph
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from ...anatomy import CurveSkeleton
from .interior import Interior
from .lines import LineGraph, parts

MIDDLE = 0.8  # a point nearer to the mirror plane than this share of its radius: the shape runs across the plane
TWIN = 0.012  # middle points closer than this, or than half their radius, are one line drawn twice
ASIDE = 0.25  # of a shape without a mirror plane, how much paths off the middle weigh for the trunk
LEAST_KEPT = 0.3  # a trunk is not cut to less than this share of its points
LOW = 0.35  # and the same for paths down in this share of the height, where legs are
STOUT = 0.6  # a limb reaches out of its parent by at least this share of its own thickness
BRIDGE = 0.9  # two lines in the middle are joined where this share of the way between them lies inside the shape
LOOSE_LENGTH = 0.08  # a part that hangs on nothing needs at least this length to get bones


@dataclass(frozen=True)
class Limb:
    """One centre line, from where it springs to its tip."""

    points: np.ndarray  # (N, 3), the first lies on the parent's line unless loose
    radii: np.ndarray  # (N,)
    parent: int  # the limb it springs from, -1 for the trunk
    at: int  # the point of the parent it springs from
    side: int  # 1 left, -1 right, 0 in the middle
    reach: float  # how far its tip stands out of the parent's volume
    leaves: int  # its first point outside the parent's volume
    loose: bool = False  # belongs to a part that the solid does not join to the parent

    @property
    def arc(self) -> np.ndarray:
        """Length from the start to each point, (N,)."""
        return arc_length(self.points)

    @property
    def length(self) -> float:
        """Length of the whole line."""
        return float(self.arc[-1])

    @property
    def tip(self) -> np.ndarray:
        """The last point, (3,)."""
        return self.points[-1]


@dataclass(frozen=True)
class Body:
    """The trunk (limb 0) and the limbs, parents first."""

    limbs: tuple[Limb, ...]
    symmetric: bool  # limbs of side 1 stand for a left and a right one

    @property
    def trunk(self) -> Limb:
        """The first limb."""
        return self.limbs[0]

    def on_trunk(self) -> list[int]:
        """The limbs that spring from the trunk."""
        return [i for i, limb in enumerate(self.limbs) if limb.parent == 0]

    def children(self, limb: int) -> list[int]:
        """The limbs that spring from a limb."""
        return [i for i, other in enumerate(self.limbs) if other.parent == limb]


def arc_length(points: np.ndarray) -> np.ndarray:
    """Length along a line from its start to each point, (N,)."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def decompose(curves: CurveSkeleton, interior: Interior, least_reach: float, *, symmetric: bool) -> Body:
    """The trunk and the limbs of a curve skeleton in the canonical frame.

    `least_reach` is how far a limb must stand out of the part it springs from, in units of the shape's size.
    """
    graph = LineGraph(curves.points.astype(float), curves.radii.astype(float), curves.edges)
    if len(graph.points) == 0:
        graph = _deepest(interior, symmetric=symmetric)
    if symmetric:
        graph = _with_bridges(_left_half(graph), interior)
    middle = graph.points[:, 0] == 0.0 if symmetric else np.ones(len(graph.points), bool)
    trunk = _trunk(graph, middle, symmetric=symmetric)
    graph = _without_returns(graph, middle, trunk) if symmetric else graph
    limbs = [Limb(graph.points[trunk], graph.radii[trunk], -1, 0, 0, np.inf, 0)]
    limbs += _grow(graph, trunk, middle if symmetric else None, least_reach)
    limbs += _loose_parts(graph, trunk, middle if symmetric else None, least_reach, len(limbs))
    return Body(tuple(limbs), symmetric)


def _deepest(interior: Interior, *, symmetric: bool) -> LineGraph:
    """A lone point where the shape is deepest, for shapes without centre lines."""
    place = int(np.argmax(interior.solid.depth))
    point = interior.solid.centres[place : place + 1] * ([0.0, 1.0, 1.0] if symmetric else [1.0, 1.0, 1.0])
    return LineGraph(point, interior.solid.depth[place : place + 1], np.zeros((0, 2), np.int64))


def _left_half(graph: LineGraph) -> LineGraph:
    """The points in the mirror plane and left of it; points near the plane are moved into it.

    The right half is folded over and laid onto the left one, so that nothing falls apart where they differ a little.
    """
    points = graph.points * [1.0, 1.0, 1.0]
    left = np.flatnonzero(points[:, 0] >= -1e-6)
    right = np.flatnonzero(points[:, 0] < -1e-6)
    points[:, 0] = np.abs(points[:, 0])
    target = np.arange(len(points))
    if len(left) and len(right):
        gap, twin = (np.asarray(found) for found in KDTree(points[left]).query(points[right]))
        same = gap <= np.maximum(2 * TWIN, 0.6 * np.minimum(graph.radii[right], graph.radii[left[twin]]))
        target[right[same]] = left[twin[same]]
    points[points[:, 0] <= np.maximum(MIDDLE * graph.radii, 1e-6), 0] = 0.0
    used = np.unique(target)
    edges = np.searchsorted(used, target)[graph.edges]
    edges = edges[edges[:, 0] != edges[:, 1]]
    points, radii = points[used], graph.radii[used]
    middle = np.flatnonzero(points[:, 0] == 0.0)
    if len(middle):
        twins = middle[KDTree(points[middle]).query_pairs(0.05, output_type="ndarray")]
        gap = np.linalg.norm(points[twins[:, 0]] - points[twins[:, 1]], axis=1)
        edges = np.concatenate([edges, twins[gap < np.maximum(TWIN, 0.5 * radii[twins].min(1))]])
    return LineGraph(points, radii, np.unique(np.sort(edges, axis=1), axis=0).astype(np.int64))


def _middle_parts(graph: LineGraph) -> tuple[np.ndarray, np.ndarray]:
    """Which points lie in the mirror plane, and the connected part of the middle each belongs to, (P,) each."""
    middle = graph.points[:, 0] == 0.0
    inner = replace(graph, edges=graph.edges[middle[graph.edges].all(1)])
    return middle, csgraph.connected_components(inner.matrix(inner.lengths), directed=False)[1]


def _with_bridges(graph: LineGraph, interior: Interior) -> LineGraph:
    """Lines in the middle that only run on at both sides are joined across it where that stays inside the shape."""
    middle, label = _middle_parts(graph)
    size = np.bincount(label, graph.radii * middle)
    ranked = [part for part in np.argsort(-size, kind="stable") if size[part] > 0.0]
    for part in ranked[1:8]:
        main = np.flatnonzero((label == label[np.argmax(size[label] * middle)]) & middle)
        lengths = graph.matrix(graph.lengths)
        distance, back, _ = csgraph.dijkstra(lengths, indices=main, min_only=True, return_predecessors=True)
        own = np.flatnonzero((label == part) & middle)
        start = own[np.argmin(distance[own])]
        if not 0.0 < distance[start] < np.inf:
            continue
        path = _path(back, int(start))
        flat = graph.points[path] * [0.0, 1.0, 1.0]
        steps = np.linspace(0, len(flat) - 1, 4 * len(flat))
        line = np.stack([np.interp(steps, np.arange(len(flat)), axis) for axis in flat.T], axis=1)
        if interior.inside(line).mean() < BRIDGE:
            continue
        count, inner = len(graph.points), path[1:-1]
        chain = np.concatenate([path[:1], count + np.arange(len(inner)), path[-1:]])
        graph = LineGraph(
            np.concatenate([graph.points, flat[1:-1]]),
            np.concatenate([graph.radii, interior.depth(flat[1:-1])]) if len(inner) else graph.radii,
            np.concatenate([graph.edges, np.stack([chain[:-1], chain[1:]], axis=1)]),
        )
        middle, label = _middle_parts(graph)
        size = np.bincount(label, graph.radii * middle)
        ranked = list(ranked)
        break
    else:
        return graph
    return _with_bridges(graph, interior)


def _trunk(graph: LineGraph, allowed: np.ndarray, *, symmetric: bool) -> np.ndarray:
    """The heaviest path through the allowed points, (N,) indices; thick stretches weigh more."""
    if not allowed.any():
        return np.array([int(np.argmin(np.abs(graph.points[:, 0])))])
    edges = graph.edges[allowed[graph.edges].all(1)]
    part = LineGraph(graph.points, graph.radii, edges)
    worth = 0.02 + graph.radii
    if not symmetric:
        worth = worth * _trunklike(graph)
    weight = part.lengths * worth[edges].mean(1)
    mass = np.bincount(edges.ravel(), np.repeat(weight, 2), minlength=len(graph.points)) + 1e-6 * allowed
    label = csgraph.connected_components(part.matrix(part.lengths), directed=False)[1]
    best = int(np.argmax(np.bincount(label, mass)))
    inside = np.flatnonzero((label == best) & allowed)
    start = inside[int(np.argmax(graph.radii[inside]))]
    tree = _spanning_tree(part, np.array([start]))
    rows, columns = np.maximum(tree, 0), np.arange(len(tree))
    real = tree >= 0
    length = np.linalg.norm(graph.points[rows] - graph.points[columns], axis=1)
    cost = length * (worth[rows] + worth[columns]) / 2
    woods = LineGraph(graph.points, graph.radii, np.stack([rows, columns], 1)[real]).matrix(cost[real])
    first = _farthest(csgraph.dijkstra(woods, directed=False, indices=start))
    distance, back = csgraph.dijkstra(woods, directed=False, indices=first, return_predecessors=True)
    path = _path(back, _farthest(distance))
    return path if symmetric else _without_legs(path, _trunklike(graph))


def _without_legs(path: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """A trunk that ends low at a side ran on into a leg: it is cut back to where it is in the middle."""
    kept = np.flatnonzero(worth[path] == 1.0)
    if len(kept) < max(3, LEAST_KEPT * len(path)):
        return path
    first = kept[0] if worth[path[0]] < ASIDE else 0
    last = kept[-1] if worth[path[-1]] < ASIDE else len(path) - 1
    return path[first : last + 1]


def _trunklike(graph: LineGraph) -> np.ndarray:
    """How much each point of a shape without a mirror plane counts towards the trunk, (P,): less aside and low."""
    x, z = graph.points[:, 0], graph.points[:, 2]
    aside = np.abs(x - np.average(x, weights=graph.radii**2)) > 0.02 + 0.5 * graph.radii
    low = z < z.min() + LOW * np.ptp(z)
    return np.where(aside, ASIDE, 1.0) * np.where(low, ASIDE, 1.0)


def _farthest(distance: np.ndarray) -> int:
    return int(np.argmax(np.where(np.isfinite(distance), distance, -1.0)))


def _path(back: np.ndarray, end: int) -> np.ndarray:
    path = [end]
    while back[path[-1]] >= 0:
        path.append(int(back[path[-1]]))
    return np.array(path)


def _spanning_tree(graph: LineGraph, roots: np.ndarray) -> np.ndarray:
    """For each point the next one on the shortest way to the roots, (P,); -1 at roots and where none leads."""
    lengths = graph.matrix(graph.lengths)
    _, back, _ = csgraph.dijkstra(lengths, directed=False, indices=roots, min_only=True, return_predecessors=True)
    return np.where(back < 0, -1, back)


def _without_returns(graph: LineGraph, middle: np.ndarray, trunk: np.ndarray) -> LineGraph:
    """Cut what leads from the left side back into the middle anywhere but at the trunk's own part of it."""
    both = middle[graph.edges].all(1)
    inner = LineGraph(graph.points, graph.radii, graph.edges[both])
    label = csgraph.connected_components(inner.matrix(inner.lengths), directed=False)[1]
    foreign = middle & (label != label[trunk[0]])
    returns = ~both & foreign[graph.edges].any(1)
    return replace(graph, edges=graph.edges[~returns])


def _grow(
    graph: LineGraph, trunk: np.ndarray, middle: np.ndarray | None, least_reach: float, first: int = 0
) -> list[Limb]:
    """The limbs that spring from a line of points, and theirs, in order of reach; numbered after `first`."""
    back = _spanning_tree(graph, trunk)
    beyond, onwards = _longest_ways(graph, trunk, back)
    owner = np.full(len(graph.points), -1)
    place = np.zeros(len(graph.points), int)
    owner[trunk], place[trunk] = first, np.arange(len(trunk))
    lines = {first: trunk}
    buried = _buried(graph, trunk)
    limbs: list[Limb] = []
    starts = np.flatnonzero((back >= 0) & (beyond > 0.0))
    starts = starts[beyond[starts] - graph.radii[back[starts]] > least_reach - 1e-9]  # none stands out by more
    for start in starts[np.lexsort((starts, -beyond[starts]))]:
        base = int(back[start])
        if owner[base] < 0 or owner[start] >= 0:
            continue
        path = _way_out(base, int(start), onwards)
        limb = _limb(graph, path, lines[owner[base]], buried[path], int(owner[base]), int(place[base]), middle)
        if limb.reach < least_reach or limb.reach < STOUT * np.median(limb.radii[limb.leaves :]):
            continue
        number = first + 1 + len(limbs)
        owner[path[1:]], place[path[1:]] = number, np.arange(1, len(path))
        lines[number] = path
        buried |= _buried(graph, path)
        limbs.append(limb)
    return limbs


def _way_out(base: int, start: int, onwards: np.ndarray) -> np.ndarray:
    """The points from a limb's base on to its tip, (N,)."""
    line = [base, start]
    while onwards[line[-1]] >= 0:
        line.append(int(onwards[line[-1]]))
    return np.array(line)


def _longest_ways(graph: LineGraph, trunk: np.ndarray, back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each point off the trunk the length from its base to the farthest tip beyond it, and the next point there."""
    count = len(graph.points)
    step = np.linalg.norm(graph.points - graph.points[np.maximum(back, 0)], axis=1)
    lengths = graph.matrix(graph.lengths)
    distance = csgraph.dijkstra(lengths, directed=False, indices=trunk, min_only=True)
    beyond, onwards = np.zeros(count), np.full(count, -1)
    on_trunk = np.zeros(count, bool)
    on_trunk[trunk] = True
    for point in np.argsort(-np.where(np.isfinite(distance), distance, -1.0), kind="stable").tolist():
        base = int(back[point])
        if base < 0:
            continue
        beyond[point] += step[point]
        if not on_trunk[base] and beyond[point] > beyond[base]:
            beyond[base], onwards[base] = beyond[point], point
    return beyond, onwards


def _limb(
    graph: LineGraph,
    path: np.ndarray,
    parent_line: np.ndarray,
    buried: np.ndarray,
    parent: int,
    at: int,
    middle: np.ndarray | None,
) -> Limb:
    """A limb along a path; where it runs in the volume of any other limb (`buried`, (N,) bool) it does not count."""
    points, radii = graph.points[path], graph.radii[path]
    above = _height_above(graph, points, parent_line)
    above = np.where(buried, np.minimum(above, 0.0), above)
    outside = np.flatnonzero(above <= 0.0)
    leaves = min(int(outside[-1]) + 1 if len(outside) else 0, len(path) - 1)
    if middle is not None:
        side = 0 if middle[path].all() else 1
    else:
        off = points[leaves:, 0].mean() - points[0, 0]
        side = 0 if abs(off) < 0.02 + 0.3 * radii[leaves:].mean() else int(np.sign(off))
    return Limb(points, radii, parent, at, side, float(above.max()), leaves)


def _height_above(graph: LineGraph, points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """How far points (N, 3) are outside the spheres along a line of the graph, (N,); negative inside."""
    gap = cdist(points, graph.points[line])
    gap -= graph.radii[line]
    return gap.min(1)


def _buried(graph: LineGraph, line: np.ndarray) -> np.ndarray:
    """Which points of the graph lie within the spheres along a line of it, (P,) bool."""
    centres, radii = graph.points[line], graph.radii[line]
    low, high = (centres - radii[:, None]).min(0), (centres + radii[:, None]).max(0)
    near = np.flatnonzero(((graph.points >= low) & (graph.points <= high)).all(1))
    buried = np.zeros(len(graph.points), bool)
    buried[near] = _height_above(graph, graph.points[near], line) <= 0.0
    return buried


def _loose_parts(
    graph: LineGraph, trunk: np.ndarray, middle: np.ndarray | None, least_reach: float, first: int
) -> list[Limb]:
    """A trunk of its own for each big part that the solid does not join to the body, and the limbs on it."""
    label = csgraph.connected_components(graph.matrix(graph.lengths), directed=False)[1]
    limbs: list[Limb] = []
    tree = KDTree(graph.points[trunk])
    least = max(LOOSE_LENGTH, least_reach)
    for members, part in parts(graph, label, least):
        if label[members[0]] == label[trunk[0]]:
            continue
        line = _trunk(part, np.ones(len(members), bool), symmetric=True)
        points, radii = part.points[line], part.radii[line]
        if arc_length(points)[-1] + radii.mean() < least:
            continue
        gap, nearest = (np.asarray(found) for found in tree.query(points[[0, -1]]))
        if gap[1] < gap[0]:
            line, points, radii = line[::-1], points[::-1], radii[::-1]
        at = int(nearest[int(np.argmin(gap))])
        if middle is not None:
            side = 0 if middle[members[line]].all() else 1
        else:
            off = points[:, 0].mean()
            side = 0 if abs(off) < 0.05 else int(np.sign(off))
        number = first + len(limbs)
        limbs.append(Limb(points, radii, 0, at, side, arc_length(points)[-1], 0, loose=True))
        limbs += _grow(part, line, None if middle is None else middle[members], least_reach, number)
    return limbs
