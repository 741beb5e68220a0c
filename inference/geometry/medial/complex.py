"""A medial mesh in the making: edges that know which loops they close, faces, and the gaps between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ...anatomy import MedialMesh, MedialSpheres
from .homology import Span, sides, spanning_forest
from .polygons import best_triangulation

Edge = tuple[int, int]
Face = tuple[int, int, int]
Inside = Callable[[np.ndarray], np.ndarray]  # points (N, 3) -> (N,) bool

INSIDE_SHARE = 0.85  # share of a face that must be inside for spheres whose regions do not meet in one point
BAD_EDGE = 0.8  # an edge less inside than this goes when nothing is lost by it
POOR_FILLING = 0.4
LONGEST_LOOP = 16  # edges of a gap that is looked for
MOST_CAVITIES = 32
_FACE_SAMPLES = np.array([(i, j, 6 - i - j) for i in range(1, 6) for j in range(1, 6 - i)]) / 6.0  # barycentric
_EDGE_SAMPLES = np.linspace(0.0, 1.0, 13)[1:-1]


class Complex:
    """Spheres, edges and faces while they are chosen.

    `classes` gives every edge the loops of the solid it closes, as bits: a cycle of edges whose classes cancel can
    be filled, any other goes round a hole of the solid. `inside` tells which points lie in it.
    """

    def __init__(self, centres: np.ndarray, radii: np.ndarray, classes: dict[Edge, int], inside: Inside) -> None:
        self._centres = centres
        self._radii = radii
        self._inside = inside
        self.classes = classes
        self.loops = max((value.bit_length() for value in classes.values()), default=0)
        self.faces: dict[Edge, set[Face]] = {edge: set() for edge in classes}  # the faces at each edge
        self.neighbours: list[set[int]] = [set() for _ in range(len(centres))]
        for a, b in classes:
            self.neighbours[a].add(b)
            self.neighbours[b].add(a)

    def mesh(self, spheres: MedialSpheres) -> MedialMesh:
        edges = np.array(sorted(self.classes), np.int32).reshape(-1, 2)
        faces = sorted(set().union(*self.faces.values())) if self.faces else []
        return MedialMesh(spheres, edges, np.array(faces, np.int32).reshape(-1, 3))

    def cliques(self) -> Iterator[Face]:
        """Three spheres joined by edges that do not go round a hole."""
        for a, b in sorted(self.classes):
            for c in sorted(self.neighbours[a] & self.neighbours[b]):
                if c > b and self.classes[a, b] ^ self.classes[b, c] ^ self.classes[a, c] == 0:
                    yield a, b, c

    def add_faces(self, touching: set[Face], cavities: np.ndarray) -> None:
        """Fill triangles, the surest first, never closing a bubble except around one of the `cavities` (H, 3)."""
        cliques = list(self.cliques())
        if not cliques:
            return
        share = self.share_inside(cliques)
        met = np.array([face in touching for face in cliques])
        triangle = self._centres[np.array(cliques)]
        size = np.linalg.norm(triangle - np.roll(triangle, 1, 1), axis=2).max(1)
        around = _crossings(triangle, cavities[:MOST_CAVITIES])
        index = {edge: k for k, edge in enumerate(self.classes)}
        span, spare = Span(), min(len(cavities), MOST_CAVITIES)
        for k in np.lexsort((np.round(size, 9), -share, ~met)):
            row = sum(1 << index[side] for side in sides(cliques[k])) << spare | around[k]
            if (met[k] or share[k] > INSIDE_SHARE) and span.add(row):
                self._add_face(cliques[k])

    def share_inside(self, corners: list[Face] | list[Edge]) -> np.ndarray:
        """How much of each edge or face is inside the solid, (N,) 0..1."""
        if not corners:
            return np.ones(len(corners))
        places = self._centres[np.array(corners)]  # (N, 2 or 3, 3)
        weights = _FACE_SAMPLES if places.shape[1] == 3 else np.stack([_EDGE_SAMPLES, 1 - _EDGE_SAMPLES], 1)
        points = np.einsum("sc,ncd->nsd", weights, places)
        return self._inside(points.reshape(-1, 3)).reshape(len(places), -1).mean(1)

    def collapse_bad_edges(self) -> None:
        """Take away edges that leave the solid together with the only face they have: loops and pieces stay."""
        edges = list(self.classes)
        share = dict(zip(edges, self.share_inside(edges), strict=True))
        bad = sorted((value, edge) for edge, value in share.items() if value < BAD_EDGE)
        changed = True
        while changed:
            changed = False
            for _, edge in bad:
                if edge in self.classes and len(self.faces[edge]) == 1:
                    self._remove_face(next(iter(self.faces[edge])))
                    self._remove_edge(edge)
                    changed = True

    def close_gaps(self) -> None:
        """Fill (or, where filling would leave the solid, open) every cycle that goes round no hole of the solid."""
        marks = self._annotations()
        while True:
            cycle = self._shortest_gap(marks)
            if cycle is None:
                return
            loop = [_edge(a, b) for a, b in zip(cycle, cycle[1:] + cycle[:1], strict=True)]
            mark = 0
            for edge in loop:
                mark ^= marks[edge]
            if self._close(cycle, loop, marks):
                _forget(marks, mark)
            else:
                marks = self._annotations()

    def _add_face(self, face: Iterable[int]) -> None:
        a, b, c = sorted(face)
        for side in sides((a, b, c)):
            self.faces[side].add((a, b, c))

    def _remove_face(self, face: Face) -> None:
        for side in sides(face):
            self.faces[side].discard(face)

    def _remove_edge(self, edge: Edge) -> None:
        del self.classes[edge], self.faces[edge]
        self.neighbours[edge[0]].discard(edge[1])
        self.neighbours[edge[1]].discard(edge[0])

    def _fill(self, faces: Iterable[Iterable[int]]) -> None:
        for face in faces:
            a, b, c = sorted(face)
            for side in sides((a, b, c)):
                if side not in self.classes:
                    self.classes[side], self.faces[side] = 0, set()
                    self.neighbours[side[0]].add(side[1])
                    self.neighbours[side[1]].add(side[0])
            self._add_face((a, b, c))

    def _annotations(self) -> dict[Edge, int]:
        """Bits for each edge so that a cycle that goes round no hole of the solid is filled if and only if they cancel.

        First the bits of a basis of all cocycles of this complex; then as many are dropped as the solid has loops,
        chosen so that they follow from the others wherever the classes cancel.
        """
        edges = sorted(self.classes)
        joins = spanning_forest(len(self.neighbours), edges)
        forest = {edge for edge, joined in zip(edges, joins, strict=True) if joined}
        rank = {edge: k for k, edge in enumerate(edge for edge in edges if edge not in forest)}
        span = Span()
        for face in sorted(set().union(*self.faces.values())) if self.faces else ():
            span.add(sum(1 << rank[side] for side in sides(face) if side in rank))
        values = span.cocycles(len(rank))
        height = self._heights(forest)
        known, dropped, seen = Span(), 0, 0
        for (a, b), k in rank.items():
            if values[k] == 1 << seen:  # a free edge: the cycle it closes over the forest has this bit alone
                seen += 1
                if known.add(height[a] ^ height[b] ^ self.classes[a, b]):
                    dropped |= values[k]
        return {edge: values[rank[edge]] & ~dropped if edge in rank else 0 for edge in edges}

    def _heights(self, forest: set[Edge]) -> list[int]:
        """The sum of classes along the forest from its roots to each sphere."""
        branches: list[list[int]] = [[] for _ in self.neighbours]
        for a, b in sorted(forest):
            branches[a].append(b)
            branches[b].append(a)
        height, done = [0] * len(branches), [False] * len(branches)
        for root in range(len(branches)):
            waiting = [] if done[root] else [root]
            done[root] = True
            while waiting:
                here = waiting.pop()
                for there in branches[here]:
                    if not done[there]:
                        done[there], height[there] = True, height[here] ^ self.classes[_edge(here, there)]
                        waiting.append(there)
        return height

    def _shortest_gap(self, marks: dict[Edge, int]) -> list[int] | None:
        """The shortest cycle that is not filled and goes round no hole of the solid."""
        roots = sorted({end for edge, mark in marks.items() if mark and edge in self.classes for end in edge})
        for reach in range(1, LONGEST_LOOP // 2 + 1 if roots else 0):
            found = [cycle for root in roots if (cycle := self._gap_from(root, reach, marks)) is not None]
            if found:
                return min(found, key=lambda cycle: (len(cycle), self._length(cycle), cycle))
        return None

    def _gap_from(self, root: int, reach: int, marks: dict[Edge, int]) -> list[int] | None:
        """A shortest such cycle through `root` with all of it at most `reach` edges away.

        Walks the covering of the graph in which going round a hole of the solid leads to another sheet.
        """
        came: dict[Edge, tuple[Edge | None, int]] = {(root, 0): (None, 0)}  # (sphere, sheet) -> from where, marks
        layer, best = [(root, 0)], None
        for _ in range(reach + 1):
            after = []
            for state in layer:
                here, sheet = state
                for there in sorted(self.neighbours[here]):
                    edge = _edge(here, there)
                    beyond = (there, sheet ^ self.classes[edge])
                    mark = came[state][1] ^ marks[edge]
                    if beyond not in came:
                        came[beyond] = (state, mark)
                        after.append(beyond)
                    elif came[beyond][1] != mark:
                        cycle = _closed(came, state, beyond)
                        if cycle is not None and (best is None or len(cycle) < len(best)):
                            best = cycle
            if best is not None:
                return best
            layer = after
        return None

    def _length(self, cycle: list[int]) -> float:
        places = self._centres[cycle]
        return round(float(np.linalg.norm(places - np.roll(places, 1, 0), axis=1).sum()), 9)

    def _close(self, cycle: list[int], loop: list[Edge], marks: dict[Edge, int]) -> bool:
        """Fill the cycle, or else take its worst faceless edge away. Whether it was filled."""
        free = [edge for edge in loop if not self.faces[edge]]
        size = len(cycle)
        sums, ways = [(0, 0)], {}  # class and mark along the cycle up to each corner
        for edge in loop:
            sums.append((sums[-1][0] ^ self.classes[edge], sums[-1][1] ^ marks[edge]))
        cost = np.zeros((size,) * 3)
        triples = [(i, j, k) for i in range(size) for j in range(i + 1, size) for k in range(j + 1, size)]
        share = self.share_inside([(cycle[i], cycle[j], cycle[k]) for i, j, k in triples])
        for (i, j, k), inside in zip(triples, share, strict=True):
            cost[i, j, k] = 1 - inside
            for a, b in ((i, j), (j, k), (i, k)):
                ways[a, b] = sums[a][0] ^ sums[b][0]
                if self.classes.get(_edge(cycle[a], cycle[b]), ways[a, b]) != ways[a, b]:
                    cost[i, j, k] = np.inf
        chosen = best_triangulation(self._centres[cycle], cost)
        worst = max((cost[face] for face in chosen), default=0.0) if chosen else np.inf
        if free and worst > 1 - POOR_FILLING:
            shares = self.share_inside(free)
            self._remove_edge(free[int(np.lexsort((np.arange(len(free)), np.round(shares, 9)))[0])])
            return False
        if chosen is None:
            raise AssertionError("a chordless cycle can always be filled")
        self._fill([tuple(cycle[k] for k in face) for face in chosen])
        for i, j, k in chosen:
            for a, b in ((i, j), (j, k), (i, k)):
                edge = _edge(cycle[a], cycle[b])
                if edge not in marks:
                    self.classes[edge] = ways[a, b]
                    marks[edge] = sums[a][1] ^ sums[b][1]
        return True


def _edge(a: int, b: int) -> Edge:
    return (a, b) if a < b else (b, a)


def _forget(marks: dict[Edge, int], mark: int) -> None:
    """Count the cycle of this mark as filled: drop one of its bits everywhere, in favour of the others."""
    bit = 1 << (mark.bit_length() - 1)
    if mark:
        for edge, value in marks.items():
            if value & bit:
                marks[edge] = value ^ mark


def _closed(came: dict[Edge, tuple[Edge | None, int]], one: Edge, other: Edge) -> list[int] | None:
    """The ring of two ways back to their last common state, None when it passes a sphere twice."""
    ways: list[list[Edge]] = []
    for state in (one, other):
        way: list[Edge] = [state]
        while (before := came[way[-1]][0]) is not None:
            way.append(before)
        ways.append(way[::-1])
    shared = 0
    while shared < min(map(len, ways)) and ways[0][shared] == ways[1][shared]:
        shared += 1
    ring = [sphere for sphere, _ in ways[0][shared - 1 :] + ways[1][shared:][::-1]]
    return ring if len(ring) == len(set(ring)) and len(ring) >= 3 else None


def _crossings(triangles: np.ndarray, points: np.ndarray) -> list[int]:
    """For each triangle (N, 3, 3) which of the points' rays in one fixed direction cross it, as bits."""
    direction = np.array([0.7548776662, 0.5698402910, 0.3247179572])
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    normal = np.cross(direction, ac)
    volume = (ab * normal).sum(1)
    safe = np.where(np.abs(volume) > 1e-15, volume, np.inf)
    bits = [0] * len(triangles)
    for k, point in enumerate(points):
        u = ((point - a) * normal).sum(1) / safe
        q = np.cross(point - a, ab)
        v, t = (q @ direction) / safe, (q * ac).sum(1) / safe
        for hit in np.flatnonzero((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & np.isfinite(safe)):
            bits[hit] |= 1 << k
    return bits
