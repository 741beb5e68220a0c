"""Solid -> MedialSpheres: few inscribed spheres that cover the solid once their radii are scaled by 1.2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from ..anatomy import MedialSpheres, Solid
from ..progress import SILENT, Progress
from .lattice import cell_grid, cells_at, is_mirrored, neighbours6

SCALE = 1.2  # a surface point is covered when it lies within this many radii of a centre
RIDGE = (
    0.8  # a cell is medial when no neighbour gains more depth per length; 1 away from the axis, 0.71 in square corners
)
LOOSE_REACH = 0.03  # first pass: every part of the surface has a sphere at least this near, however thin it is
GOAL = 0.98  # share of the surface samples to cover; the rest are corners that would need ever smaller spheres
MOST_SPHERES = 420
MOST_CANDIDATES = 1600
MOST_TARGETS = 3000


@dataclass(frozen=True)
class Candidates:
    """Places a sphere may be put."""

    centres: np.ndarray  # (K, 3)
    radii: np.ndarray  # (K,)
    component: np.ndarray  # (K,) int32

    def take(self, chosen: np.ndarray) -> Candidates:
        return Candidates(self.centres[chosen], self.radii[chosen], self.component[chosen])


def medial_spheres(solid: Solid, surface: np.ndarray, *, progress: Progress = SILENT) -> MedialSpheres:
    """Maximal inscribed spheres that cover `surface` (N, 3) compactly, at least one in every component.

    A solid that is its own mirror image in x = 0 gets spheres that are exactly so too: the right choice is made for
    one half, on samples folded onto it, and reflected.
    """
    ridge = medial_cells(solid)
    progress.step(0.2, "Medial axis")
    outer = _outer(solid, surface)
    tree = KDTree(outer)
    mirrored = is_mirrored(solid)
    half = ridge[solid.centres[ridge, 0] > -1e-6 * solid.spacing] if mirrored else ridge
    refined = _off_grid(solid, half, tree, mirrored)
    targets = outer[:: max(1, len(outer) // MOST_TARGETS)]
    if mirrored:
        targets = targets * np.sign(targets[:, :1] + 1e-300) ** np.array([1, 0, 0])
    candidates = _thinned(refined, solid.spacing)
    progress.step(0.4, "Covering the surface")
    chosen = candidates.take(_cover(candidates, targets, mirrored, MOST_SPHERES // (2 if mirrored else 1)))
    chosen = _with_every_component(solid, refined, chosen)
    sheet = _is_sheet(solid, ridge, chosen)
    progress.step(0.9)
    if mirrored:
        return _reflected(chosen, sheet)
    return MedialSpheres(chosen.centres, chosen.radii, sheet)


def coverage(spheres: MedialSpheres, points: np.ndarray, scale: float = SCALE) -> np.ndarray:
    """Which of `points` (N, 3) lie within `scale` radii of some centre, (N,) bool."""
    covered = np.zeros(len(points), bool)
    near = KDTree(points).query_ball_point(spheres.centres, spheres.radii * scale, return_sorted=False)
    covered[np.concatenate([np.asarray(hits, np.intp) for hits in near])] = True
    return covered


def _outer(solid: Solid, surface: np.ndarray) -> np.ndarray:
    """The samples on the solid's boundary: overlapping shells also have surface deep inside their union."""
    cells = cells_at(solid, surface, cell_grid(solid))
    return surface[(cells < 0) | (solid.depth[cells] < solid.spacing)]


def medial_cells(solid: Solid) -> np.ndarray:
    """Cells on the medial axis, (M,) int: no linked neighbour's inscribed sphere (nearly) contains theirs."""
    first, second = solid.links[:, 0], solid.links[:, 1]
    steps = np.abs(solid.cells[second] - solid.cells[first]).sum(1)
    gain = (solid.depth[second] - solid.depth[first]) / (solid.spacing * np.sqrt(steps))
    medial = np.ones(len(solid.cells), bool)
    medial[first[gain > RIDGE]] = False
    medial[second[gain < -RIDGE]] = False
    return np.flatnonzero(medial)


def _off_grid(solid: Solid, cells: np.ndarray, surface: KDTree, mirrored: bool) -> Candidates:
    """The spheres of medial cells, their centres moved to where the distance field peaks between the cells.

    Along each axis the field of a tube or sheet falls on both sides with slope one, so the difference of the two
    neighbours' depths is twice the offset of the peak. The move is kept where the surface samples confirm it.
    """
    centres, depth, h = solid.centres[cells], solid.depth[cells], solid.spacing
    around = neighbours6(solid, cells)  # (M, 6)
    beside = np.where(around >= 0, solid.depth[around], depth[:, None] - h)
    shift = np.clip((beside[:, 1::2] - beside[:, 0::2]) / 2, -h / 2, h / 2)
    shift[solid.thin[cells]] = 0
    in_plane = (centres[:, 0] < 0.75 * h) & mirrored
    shift[in_plane, 0] = -centres[in_plane, 0]
    moved = centres + shift
    limit = surface.query(moved, distance_upper_bound=float(depth.max()) + 2 * h)[0]
    radii = np.minimum(depth + np.linalg.norm(shift, axis=1), limit)
    better = (radii > depth) | in_plane
    radii = np.where(better, np.maximum(radii, depth / 2), depth)
    return Candidates(np.where(better[:, None], moved, centres), radii, solid.component[cells])


def _thinned(every: Candidates, spacing: float) -> Candidates:
    """The deepest candidate of each box, boxes about half a radius wide; wider ones where there are still too many."""
    size = np.maximum(every.radii * 0.4, spacing)
    level = np.round(2 * np.log2(size / spacing))  # boxes of a size in common
    order = np.lexsort((*every.centres.T, -np.round(every.radii, 9)))
    factor = 1.0
    while True:
        box = spacing * 2 ** (level / 2) * factor
        keys = np.column_stack([np.floor(every.centres / box[:, None] + 1e-6), level, every.component])
        _, first = np.unique(keys[order], axis=0, return_index=True)
        if len(first) <= MOST_CANDIDATES:
            return every.take(np.sort(order[first]))
        factor *= 1.25


def _cover(candidates: Candidates, targets: np.ndarray, mirrored: bool, most: int) -> np.ndarray:
    """Greedy set cover of targets (N, 3) by scaled spheres: indices of the chosen candidates in the order of choice."""
    distance = _distances(targets, candidates.centres)
    reach = np.maximum(SCALE * candidates.radii, candidates.radii + LOOSE_REACH)
    crowding = _Crowding(candidates, mirrored)
    _greedy(distance <= reach, crowding, 0.998, most)
    _greedy(distance <= SCALE * candidates.radii, crowding, GOAL, most)
    return np.array(crowding.chosen, np.intp)


class _Crowding:
    """What has been chosen so far, and how much each candidate would overlap with it."""

    def __init__(self, candidates: Candidates, mirrored: bool) -> None:
        self._candidates = candidates
        self.chosen: list[int] = []
        self.weight = 1.0 + 0.5 * candidates.radii / candidates.radii.max()
        self.room = np.ones(len(candidates.radii))
        if mirrored:  # just beside the plane a sphere would overlap with its own mirror image
            x, r = candidates.centres[:, 0], candidates.radii
            self.room = np.where(x > 0, np.clip(2 * x / r, 0.3, 1), 1.0)

    def choose(self, candidate: int) -> None:
        self.chosen.append(candidate)
        gap = np.linalg.norm(self._candidates.centres - self._candidates.centres[candidate], axis=1)
        self.room = np.minimum(self.room, np.clip(gap / self._candidates.radii, 0.3, 1))

    @property
    def preference(self) -> np.ndarray:
        return self.weight * self.room


def _greedy(covers: np.ndarray, crowding: _Crowding, goal: float, most: int) -> None:
    """Choose candidates until `goal` of what can be covered is; covers: (N, K) bool, target by candidate."""
    uncovered = covers.any(1)
    enough = int((1 - goal) * uncovered.sum())
    uncovered &= ~covers[:, crowding.chosen].any(1)
    left, gain = int(uncovered.sum()), covers[uncovered].sum(0)
    while left > enough and len(crowding.chosen) < most:
        best = int(np.argmax(gain * crowding.preference))
        if gain[best] == 0:
            return
        newly = np.flatnonzero(covers[:, best] & uncovered)
        uncovered[newly] = False
        left -= len(newly)
        gain = gain - covers[newly].sum(0)
        crowding.choose(best)


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """All distances between (N, 3) and (K, 3); single precision is far below a cell here."""
    a32, b32 = a.astype(np.float32), b.astype(np.float32)
    squared = (a32 * a32).sum(1)[:, None] + (b32 * b32).sum(1) - 2 * (a32 @ b32.T)
    return np.sqrt(np.maximum(squared, 0))


def _with_every_component(solid: Solid, every: Candidates, chosen: Candidates) -> Candidates:
    """Add the deepest medial sphere of each component that got none."""
    order = np.lexsort((*every.centres.T, -np.round(every.radii, 9)))
    _, first = np.unique(every.component[order], return_index=True)
    deepest = every.take(order[first])
    lacking = deepest.take(np.flatnonzero(~np.isin(deepest.component, chosen.component)))
    return Candidates(
        np.concatenate([chosen.centres, lacking.centres]),
        np.concatenate([chosen.radii, lacking.radii]),
        np.concatenate([chosen.component, lacking.component]),
    )


def _is_sheet(solid: Solid, ridge: np.ndarray, spheres: Candidates) -> np.ndarray:
    """Whether the medial axis around each sphere spreads in two directions rather than one, (S,) bool.

    Judged at the scale of the part and from its middle, so the small spheres in the rim of a plate count as the plate
    and those in the rim of a rod's end as the rod.
    """
    count, points, depth = len(spheres.radii), solid.centres[ridge], solid.depth[ridge]
    owner, hits = _medial_neighbours(solid, ridge, spheres, np.maximum(2.5 * spheres.radii, 3.5 * solid.spacing))
    largest = spheres.radii.copy()
    np.maximum.at(largest, owner, depth[hits])
    deep = depth[hits] > 0.95 * largest[owner]
    total = np.maximum(np.bincount(owner[deep], minlength=count), 1e-9)[:, None]
    middle = np.stack([np.bincount(owner[deep], points[hits[deep], k], count) for k in range(3)], 1) / total
    middle = np.where(total < 1, spheres.centres, middle)
    window = np.maximum(2.5 * largest, 3.5 * solid.spacing)
    owner, hits = _medial_neighbours(solid, ridge, Candidates(middle, largest, spheres.component), window)
    spread = _spread(points[hits] - middle[owner], depth[hits] ** 2, owner, count)
    return (spread[:, 1] > 0.25 * window) & (spread[:, 1] > 0.4 * spread[:, 2])


def _medial_neighbours(
    solid: Solid, ridge: np.ndarray, spheres: Candidates, window: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a sphere and an index into `ridge` at most `window` apart with flesh halfway between the two."""
    points = solid.centres[ridge]
    near = KDTree(points).query_ball_point(spheres.centres, window, return_sorted=False)
    owner = np.repeat(np.arange(len(near)), [len(hits) for hits in near])
    hits = np.concatenate([np.asarray(found, np.intp) for found in near])
    between = cells_at(solid, (spheres.centres[owner] + points[hits]) / 2, cell_grid(solid))
    flesh = 0.5 * np.minimum(spheres.radii[owner], solid.depth[ridge[hits]])
    same = (between >= 0) & (solid.depth[between] > flesh)
    return owner[same], hits[same]


def _spread(offsets: np.ndarray, weights: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """Standard deviations of each owner's offsets (N, 3) along their principal axes, ascending, (count, 3)."""
    total = np.maximum(np.bincount(owner, weights, count), 1e-300)
    mean = np.stack([np.bincount(owner, weights * offsets[:, k], count) for k in range(3)], 1) / total[:, None]
    rest = offsets - mean[owner]
    square = [np.bincount(owner, weights * rest[:, j] * rest[:, k], count) for j in range(3) for k in range(3)]
    covariance = (np.stack(square, 1) / total[:, None]).reshape(-1, 3, 3)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(covariance), 0))


def _reflected(half: Candidates, sheet: np.ndarray) -> MedialSpheres:
    """The spheres of one half (x >= 0) and their mirror images, each image right after its original."""
    twins = np.where(half.centres[:, 0] > 0, 2, 1)
    which = np.repeat(np.arange(len(twins)), twins)
    image = np.zeros(len(which), bool)
    image[1:] = which[1:] == which[:-1]
    centres = half.centres[which]
    centres[image, 0] *= -1
    return MedialSpheres(centres, half.radii[which], sheet[which])
