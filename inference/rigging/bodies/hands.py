"""Fingers: a hand is looked at closely, in a finer solid of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, triu
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ...anatomy import Mesh, Solid
from ...geometry.solid.graph import link_graph
from ...geometry.solid.make import make_solid
from .landmarks import LimbMarks
from .profile import distances

HAND_CELLS = 45_000  # grid of the hand's own solid
LEVELS = 40  # steps from the wrist to the farthest finger tip
SHORTEST = 0.13  # of the hand's length: what sticks out less is no finger
MOST = 5  # fingers of a hand; what else sticks out is shorter
FEWEST_CELLS = 12  # of a finger at some level
PARALLEL = np.cos(np.radians(12.0))  # a finger this parallel to the others is no thumb
BESIDE = 1.6  # a piece so many times farther from the hand's line than the hand's own surface is no part of it
USUAL_WRIST = 0.29  # of the arm, where nothing shows the wrist


@dataclass(frozen=True)
class Finger:
    """A finger from the place where it leaves the hand to its tip."""

    points: np.ndarray  # (N, 3) centre line from root to tip
    radius: float
    leaves: float  # geodesic distance from the wrist at which it parts from its neighbours, over the hand's length


@dataclass(frozen=True)
class Hand:
    """Fingers in order from the front: the thumb first when there is one."""

    fingers: tuple[Finger, ...]
    thumb: bool


def wrist_distance(arm: LimbMarks) -> float:
    """How far the wrist is from the tip of the hand."""
    return arm.wrist or USUAL_WRIST * arm.trunk


def find_hand(mesh: Mesh, arm: LimbMarks) -> Hand:
    """The fingers of the hand at the end of an arm; none where it is a mitten, a paw or a stump."""
    wrist = wrist_distance(arm)
    root = arm.profile.at(1.1 * wrist)
    along = arm.profile.at(0.35 * wrist) - root
    along /= max(float(np.linalg.norm(along)), 1e-9)
    part = _cut(mesh, root, along, wrist)
    if part is None:
        return Hand((), thumb=False)
    part = _on_axis(part, arm.profile.centre[: max(1, int(wrist / arm.profile.step))])
    size = float(np.ptp(part.vertices, axis=0).max())
    middle = (part.vertices.min(0) + part.vertices.max(0)) / 2
    solid = make_solid(Mesh((part.vertices - middle) / size, part.triangles), cell_budget=HAND_CELLS)
    distance, graph = _from_wrist(solid, (root - middle) / size, along)
    if distance is None or graph is None:
        return Hand((), thumb=False)
    fingers = _fingers(solid, graph, distance)
    placed = [Finger(f.points * size + middle, f.radius * size, f.leaves) for f in fingers]
    return _in_order(placed, along)


def _cut(mesh: Mesh, root: np.ndarray, along: np.ndarray, wrist: float) -> Mesh | None:
    """The triangles beyond the wrist and near the hand's axis."""
    offset = mesh.vertices - root
    ahead = offset @ along
    aside = np.linalg.norm(offset - ahead[:, None] * along, axis=1)
    inside = (ahead > 0) & (ahead < 2.2 * wrist) & (aside < 0.95 * wrist)
    triangles = mesh.triangles[inside[mesh.triangles].all(1)]
    if len(triangles) < 12:
        return None
    used, numbered = np.unique(triangles, return_inverse=True)
    return Mesh(mesh.vertices[used], numbered.reshape(-1, 3).astype(np.int32))


def _on_axis(part: Mesh, axis: np.ndarray) -> Mesh:
    """The pieces of a cut that lie around the hand's own line (N, 3): a thigh that the arm hangs beside is none."""
    count, corner = len(part.vertices), part.triangles
    sides = np.concatenate([corner[:, :2], corner[:, 1:]])
    joined = coo_matrix((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), (count, count))
    pieces, label = connected_components(joined, directed=False)
    if pieces == 1:
        return part
    gap = np.asarray(KDTree(axis).query(part.vertices)[0])
    away = np.bincount(label, gap, pieces) / np.bincount(label, minlength=pieces)
    main = int(np.argmax(np.bincount(label, 1.0 / np.maximum(gap, 1e-9) ** 2, pieces)))
    own = away < BESIDE * away[main]
    triangles = corner[own[label[corner[:, 0]]]]
    used, numbered = np.unique(triangles, return_inverse=True)
    return Mesh(part.vertices[used], numbered.reshape(-1, 3).astype(np.int32))


def _from_wrist(solid: Solid, root: np.ndarray, along: np.ndarray) -> tuple[np.ndarray | None, csr_matrix | None]:
    """Distance of each cell from the cut at the wrist."""
    graph = link_graph(solid)
    ahead = (solid.centres - root) @ along
    main = solid.component == 0
    start = np.flatnonzero(main & (ahead < ahead[main].min() + 3 * solid.spacing))
    if len(start) == 0:
        return None, None
    return distances(graph, start), graph


def _fingers(solid: Solid, graph: csr_matrix, distance: np.ndarray) -> list[Finger]:
    """Parts that stay apart from each other over a good share of the way from the wrist."""
    reached = np.isfinite(distance)
    length = max(float(distance[reached].max()), 1e-12)  # a hand of nothing but its cut has none
    level = np.where(reached, np.floor(distance / length * LEVELS), -1).astype(int)
    parts = sorted(_parts(graph, level), key=lambda part: (-part.reach, int(part.cells[0])))
    return [_finger(solid, part, distance) for part in parts[:MOST]]


@dataclass
class _Part:
    """A part of the hand beyond some level, while walking down from the tips."""

    born: int  # level of its tip
    cells: np.ndarray  # what belongs to it so far
    open: bool = True  # False once two fingers have met in it: the palm
    death: int = 0

    @property
    def reach(self) -> float:
        return (self.born - self.death) / LEVELS


def _parts(graph: csr_matrix, level: np.ndarray) -> list[_Part]:
    """The fingers: parts that had grown long before they met another long one or the palm."""
    alive: list[_Part] = []
    done: list[_Part] = []
    edges = triu(graph).tocoo()
    open_at = np.minimum(level[edges.row], level[edges.col])  # the level from which an edge is there
    for bottom in range(LEVELS - 1, 0, -1):
        there = open_at >= bottom
        links = coo_matrix((edges.data[there], (edges.row[there], edges.col[there])), graph.shape)
        _, label = connected_components(links, directed=False)
        size = np.bincount(label)
        groups: dict[int, list[_Part]] = {}
        for part in alive:
            groups.setdefault(int(label[part.cells[0]]), []).append(part)
        alive = []
        for number in np.flatnonzero(size >= FEWEST_CELLS):
            own = np.flatnonzero(label == number)
            met = groups.get(int(number), [])
            alive.append(_merged(met, own, bottom, level, done))
    return done


def _merged(met: list[_Part], own: np.ndarray, bottom: int, level: np.ndarray, done: list[_Part]) -> _Part:
    """What a connected set of cells is, given the parts that have met in it; finished fingers go to `done`."""
    if not met:
        return _Part(int(level[own].max()), own)
    if len(met) == 1:
        met[0].cells = own if met[0].open else met[0].cells
        return met[0]
    for part in met:
        part.death = bottom
    long = [part for part in met if part.open and part.reach >= SHORTEST]
    palm = any(not part.open for part in met)
    if len(long) > 1 or palm:
        done.extend(long)
        return _Part(max(part.born for part in met), own[:1], open=False)
    longest = max(met, key=lambda part: part.born)
    longest.cells = own
    return longest


def _finger(solid: Solid, part: _Part, distance: np.ndarray) -> Finger:
    """Centre line of a finger's cells, by bands of distance."""
    own = part.cells
    start, end = distance[own].min(), distance[own].max()
    bands = 7
    band = np.minimum(((distance[own] - start) / (end - start + 1e-9) * bands).astype(int), bands - 1)
    centres = solid.centres[own]
    count = np.maximum(np.bincount(band, minlength=bands), 1)
    middle = np.stack([np.bincount(band, centres[:, k], minlength=bands) / count for k in range(3)], 1)
    tip = centres[np.argmax(distance[own])]
    kept = middle[np.bincount(band, minlength=bands) > 0]
    return Finger(np.concatenate([kept, tip[None]]), float(np.median(solid.depth[own])), part.death / LEVELS)


def _in_order(fingers: list[Finger], along: np.ndarray) -> Hand:
    """Thumb first, then the others across the palm, from its side on."""
    if len(fingers) < 2:
        return Hand((), thumb=False)
    roots = np.array([finger.points[0] for finger in fingers])
    directions = np.array([finger.points[-1] - finger.points[0] for finger in fingers])
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)
    leaves = np.array([finger.leaves for finger in fingers])
    # The thumb leaves the hand first and points away from the rest.
    apart = leaves - 0.35 * (1 - directions @ along)
    thumb = int(np.argmin(np.round(apart, 6)))
    others = [k for k in range(len(fingers)) if k != thumb]
    rest = np.delete(apart, thumb)
    beside = directions[others].mean(0)
    parallel = float(directions[thumb] @ beside) > PARALLEL * float(np.linalg.norm(beside))
    if apart[thumb] > rest.min() - 0.05 or parallel:
        front = np.argsort(np.round(roots[:, 1], 6), kind="stable")
        return Hand(tuple(fingers[k] for k in front), thumb=False)
    tip = fingers[thumb].points[-1]  # its root may lie anywhere under the palm
    across = _across(roots[others], along, roots[others].mean(0) - tip)
    order = [others[k] for k in np.argsort(np.round(roots[others] @ across, 6), kind="stable")]
    return Hand((fingers[thumb], *(fingers[k] for k in order)), thumb=True)


def _across(roots: np.ndarray, along: np.ndarray, away: np.ndarray) -> np.ndarray:
    """The line on which the knuckles (N, 3) lie, square to the hand's axis, pointing away from the thumb, (3,)."""
    spread = roots - roots.mean(0)
    spread = spread - (spread @ along)[:, None] * along
    line = np.linalg.svd(spread)[2][0] if len(roots) > 1 else away
    return line if line @ away >= 0 else -line
