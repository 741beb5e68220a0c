"""Solid -> MedialSpheres: few inscribed spheres that cover the solid once their radii are scaled by 1.2."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ...anatomy import MedialSpheres, Mesh, Solid
from ...progress import SILENT, Progress
from ..solid.cells import is_mirrored, neighbours6
from .covering import Candidates, Cover
from .walls import FINE, Walls, WallSamples

SCALE = 1.2  # a surface point is covered when it lies within this many radii of a centre
RIDGE = (
    0.8  # a cell is medial when no neighbour gains more depth per length; 1 away from the axis, 0.71 in square corners
)
LOOSE_REACH = 0.03  # first pass: every part of the surface has a sphere at least this near, however thin it is
GOAL = 0.968  # share of the surface samples to cover; the rest are corners that would need ever smaller spheres
LEAST_RADIUS = 0.15  # in cells; smaller balls would only trace the edges
FLOOR = 0.4  # in cells; candidates are no closer to each other than about this
ENOUGH = 0.96  # share of fresh samples covered at which the search for more spheres ends
ROUNDS = 8  # of filling in, at most
MOST_SPHERES = 12_000
MOST_CANDIDATES = 30_000


def medial_spheres(solid: Solid, mesh: Mesh, *, most: int = MOST_SPHERES, progress: Progress = SILENT) -> MedialSpheres:
    """Inscribed spheres that cover the surface compactly, at least one in every component; about `most` at most.

    Spheres on the medial axis of the cells come first; the balls that touch the samples still bare fill in along
    edges and in thin parts. A solid that is its own mirror image in x = 0 gets spheres that are exactly so too: the
    right choice is made for one half, on samples folded onto it, and reflected.
    """
    ridge = medial_cells(solid)
    mirrored = is_mirrored(solid)
    walls = Walls(solid, mesh, mirrored=mirrored)
    progress.step(0.2, "Medial axis")
    half = ridge[solid.centres[ridge, 0] > -1e-6 * solid.spacing] if mirrored else ridge
    refined = _off_grid(solid, half, walls, mirrored=mirrored)
    progress.step(0.4, "Covering the surface")
    chosen = _covering(solid, walls, refined, mirrored=mirrored, most=most // 2 if mirrored else most)
    chosen = _with_every_component(refined, chosen)
    progress.step(0.8, "Telling sheets from tubes")
    sheet = _is_sheet(solid, ridge, chosen)
    if mirrored:
        return _reflected(chosen, sheet)
    return MedialSpheres(chosen.centres, chosen.radii, sheet)


def _covering(solid: Solid, walls: Walls, refined: Candidates, *, mirrored: bool, most: int) -> Candidates:
    """First something near every part of the surface, then what covers the most, then balls at bare samples.

    Fresh samples tell each time whether what was chosen for others is good for the whole surface.
    """
    cover, samples = Cover(_thinned(refined, solid.spacing), mirrored=mirrored), walls.sampled(1)
    radii = cover.candidates.radii
    cover.choose(samples.points, np.maximum(SCALE * radii, radii + LOOSE_REACH), 0.998, most)
    cover.choose(samples.points, SCALE * radii, GOAL, most)
    for seed in range(2, ROUNDS + 2):
        samples = walls.sampled(seed)
        bare = cover.bare(samples.points, SCALE)
        if bare.mean() < 1 - ENOUGH or len(cover.chosen) >= most:
            break
        cover.add(_touching(solid, walls, samples if seed == 2 else samples.take(bare)))
        cover.choose(samples.points, SCALE * cover.candidates.radii, GOAL, most)
    return cover.candidates.take(np.array(cover.chosen, np.intp))


def _touching(solid: Solid, walls: Walls, samples: WallSamples) -> Candidates:
    """The balls that touch the surface at samples."""
    centres, radii = walls.touching_balls(samples)
    cells = solid.nearest_cells(centres)  # some lie in a sliver between the last cell and the surface
    kept = np.flatnonzero(radii > LEAST_RADIUS * solid.spacing)
    return _thinned(Candidates(centres, radii, solid.component[cells]).take(kept), solid.spacing)


def coverage(spheres: MedialSpheres, points: np.ndarray, scale: float = SCALE) -> np.ndarray:
    """Which of `points` (N, 3) lie within `scale` radii of some centre, (N,) bool."""
    covered = np.zeros(len(points), bool)
    near = KDTree(points).query_ball_point(spheres.centres, spheres.radii * scale, return_sorted=False)
    covered[np.concatenate([np.asarray(hits, np.intp) for hits in near])] = True
    return covered


def medial_cells(solid: Solid) -> np.ndarray:
    """Cells on the medial axis, (M,) int: no linked neighbour's inscribed sphere (nearly) contains theirs."""
    first, second = solid.links[:, 0], solid.links[:, 1]
    steps = np.abs(solid.cells[second] - solid.cells[first]).sum(1)
    gain = (solid.depth[second] - solid.depth[first]) / (solid.spacing * np.sqrt(steps))
    medial = np.ones(len(solid.cells), bool)
    medial[first[gain > RIDGE]] = False
    medial[second[gain < -RIDGE]] = False
    return np.flatnonzero(medial)


def _off_grid(solid: Solid, cells: np.ndarray, walls: Walls, *, mirrored: bool) -> Candidates:
    """The spheres of medial cells, their centres moved to where the distance field peaks between the cells.

    Along each axis the field of a tube or sheet falls on both sides with slope one, so the difference of the two
    neighbours' depths is twice the offset of the peak. The move is kept where the walls leave it room.
    """
    centres, depth, h = solid.centres[cells], solid.depth[cells], solid.spacing
    around = neighbours6(solid, cells)  # (M, 6)
    beside = np.where(around >= 0, solid.depth[around], depth[:, None] - h)
    shift = np.clip((beside[:, 1::2] - beside[:, 0::2]) / 2, -h / 2, h / 2)
    shift[solid.thin[cells]] = 0
    in_plane = (centres[:, 0] < 0.75 * h) & mirrored
    shift[in_plane, 0] = -centres[in_plane, 0]
    shift[depth > FINE * h] = 0
    moved = centres + shift
    radii, near = depth.copy(), np.flatnonzero(shift.any(1))
    radii[near] = np.minimum(depth[near] + np.linalg.norm(shift[near], axis=1), walls.distance(moved[near]))
    better = (radii > depth) | in_plane
    radii = np.where(better, np.maximum(radii, depth / 2), depth)
    return Candidates(np.where(better[:, None], moved, centres), radii, solid.component[cells])


def _thinned(every: Candidates, spacing: float) -> Candidates:
    """The deepest candidate of each box, boxes about half a radius wide; wider ones where there are still too many."""
    size = np.maximum(every.radii * 0.4, FLOOR * spacing)
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


def _with_every_component(every: Candidates, chosen: Candidates) -> Candidates:
    """Add the deepest medial sphere of each component that got none."""
    order = np.lexsort((*every.centres.T, -np.round(every.radii, 9)))
    _, first = np.unique(every.component[order], return_index=True)
    deepest = every.take(order[first])
    lacking = deepest.take(np.flatnonzero(~np.isin(deepest.component, chosen.component)))
    return chosen.and_also(lacking)


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
    """Pairs of a sphere and an index into `ridge` at most `window` apart with the inside halfway between the two."""
    points = solid.centres[ridge]
    near = KDTree(points).query_ball_point(spheres.centres, window, return_sorted=False)
    owner = np.repeat(np.arange(len(near)), [len(hits) for hits in near])
    hits = np.concatenate([np.asarray(found, np.intp) for found in near])
    between = solid.cells_at((spheres.centres[owner] + points[hits]) / 2)
    room = 0.5 * np.minimum(spheres.radii[owner], solid.depth[ridge[hits]])
    same = (between >= 0) & (solid.depth[between] > room)
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
