"""Mesh -> points on its meso-skeleton: curves through what is tube-like, sheets through what is slab-like.

The medial cells of the mesh's solid are moved to the middle between the walls and told apart by how they spread: as a
curve when the spread around a point has one dominating direction, as a sheet otherwise. Where curves meet or bend the
spread has two directions as well; there the number of neighbours tells, which grows with the distance along curves and
with its square on sheets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import Mesh, Solid
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import sample_surface, unit_frame
from inference.geometry.solid.cells import neighbours6
from inference.geometry.solid.make import make_solid
from inference.rigging.standing.canonical import shape_in
from training.datasets.store.records import SkeletonPoints

POINTS = 5_000  # as many as predictions are compared with
REACH = 3.0  # radii around a point that are looked at; a part is a sheet when it is wide at this scale
LEAST_REACH = 4.5  # the same in cells
FLAT = 0.35  # second spread over first from which a neighbourhood has more than one direction
GROWTH = 1.45  # exponent of the number of neighbours between half and whole reach: 1 on curves, 2 on sheets
STEEP = 0.5  # growth of the depth per length beyond which a cell is on the way to the middle, not in it
SURFACE = 20_000  # samples that tell how many points each place of the skeleton gets


@dataclass(frozen=True)
class Ridge:
    """The medial cells of a solid, moved to where they belong; a graph."""

    points: np.ndarray  # (M, 3)
    radii: np.ndarray  # (M,)
    sheet: np.ndarray  # (M,) bool
    edges: np.ndarray  # (E, 2) neighbours


def meso_skeleton(mesh: Mesh, count: int = POINTS, seed: int = 0) -> SkeletonPoints:
    """`count` points of the meso-skeleton in the mesh's own frame, as dense as the surface around them is large."""
    cleaned, _ = clean_mesh(mesh)
    frame = unit_frame(cleaned)
    shape = shape_in(frame, cleaned)
    ridge = labelled_ridge(make_solid(shape))
    points, chosen = _drawn(ridge, shape, count, seed)
    size = float(np.linalg.norm(frame.points_out(np.array([[1.0, 0, 0]])) - frame.points_out(np.zeros((1, 3)))))
    return SkeletonPoints(frame.points_out(points), ridge.radii[chosen] * size, ridge.sheet[chosen])


def labelled_ridge(solid: Solid) -> Ridge:
    """All cells of the meso-skeleton with their labels."""
    cells = _middle_cells(solid)
    points, radii = _centred(solid, cells)
    place = np.full(len(solid.cells), -1)
    place[cells] = np.arange(len(cells))
    edges = place[solid.links]
    edges = edges[(edges >= 0).all(1)]
    return Ridge(points, radii, _settled(_on_sheet(solid, points, radii), edges), edges)


def _middle_cells(solid: Solid) -> np.ndarray:
    """Cells from which the depth grows in no direction steeply: in the corner of two walls it grows by 0.71."""
    first, second = solid.links[:, 0], solid.links[:, 1]
    steps = np.abs(solid.cells[second] - solid.cells[first]).sum(1)
    gain = (solid.depth[second] - solid.depth[first]) / (solid.spacing * np.sqrt(steps))
    middle = np.ones(len(solid.cells), bool)
    middle[first[gain > STEEP]] = False
    middle[second[gain < -STEEP]] = False
    return np.flatnonzero(middle)


def _on_sheet(solid: Solid, points: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Which of the skeleton's points (M, 3) lie on a sheet, (M,) bool.

    Where a part is thick its neighbourhood is large, and fewer points of it are enough.
    """
    reach = np.maximum(REACH * radii, LEAST_REACH * solid.spacing)
    level = np.floor(np.log2(reach / (LEAST_REACH * solid.spacing)) + 1e-9).astype(int)
    sheet = np.zeros(len(points), bool)
    for k in np.unique(level):
        mine = np.flatnonzero(level == k)
        boxes = np.floor(points / (solid.spacing * 2.0**k) + 1e-6).astype(np.int64)
        some = np.unique(boxes, axis=0, return_index=True)[1] if k else np.arange(len(points))
        owner, hits = _near(solid, points[mine], points[some], reach[mine])
        sheet[mine] = _spreads_in_two(points[some][hits] - points[mine][owner], owner, reach[mine])
    return sheet


def _near(solid: Solid, points: np.ndarray, others: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a point and another within its reach, with flesh halfway between them."""
    near = KDTree(others).query_ball_point(points, reach, return_sorted=False)
    owner = np.repeat(np.arange(len(points)), [len(hits) for hits in near])
    hits = np.concatenate([np.asarray(found, np.intp) for found in near])
    flesh = solid.cells_at((points[owner] + others[hits]) / 2) >= 0
    return owner[flesh], hits[flesh]


def _spreads_in_two(apart: np.ndarray, owner: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Whether the neighbours of each point, at `apart` (N, 3) from their owner, spread like a surface, (M,) bool."""
    spread = _spread(apart, owner, len(reach))
    inner = np.linalg.norm(apart, axis=1) < reach[owner] / 2
    many = np.bincount(owner, minlength=len(reach))
    few = np.bincount(owner[inner], minlength=len(reach))
    growth = np.log2(np.maximum(many, 1) / np.maximum(few, 1))
    return (spread[:, 1] > FLAT * spread[:, 2]) & (growth > GROWTH)


def _centred(solid: Solid, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places and radii of medial cells, moved to the peak of the depth between the cells.

    Across a tube or a slab the depth falls with slope one on both sides of its middle.
    """
    h, depth = solid.spacing, solid.depth[cells]
    around = neighbours6(solid, cells)  # (M, 6)
    beside = np.where(around >= 0, solid.depth[around], depth[:, None] - h)
    shift = np.clip((beside[:, 1::2] - beside[:, 0::2]) / 2, -h / 2, h / 2)
    shift[solid.thin[cells]] = 0
    return solid.centres[cells] + shift, depth + np.abs(shift).max(1)


def _settled(sheet: np.ndarray, edges: np.ndarray, rounds: int = 3) -> np.ndarray:
    """Points take the label of most of their neighbours: single strays vanish, borders stay."""
    both = np.concatenate([edges, edges[:, ::-1]])
    degree = np.bincount(both[:, 0], minlength=len(sheet))
    for _ in range(rounds):
        votes = np.bincount(both[:, 0], sheet[both[:, 1]], len(sheet))
        sheet = np.where(2 * votes == degree, sheet, 2 * votes > degree)
    return sheet


def _spread(offsets: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """Standard deviations of each owner's offsets (N, 3) along their principal axes, ascending, (count, 3)."""
    total = np.maximum(np.bincount(owner, minlength=count), 1)
    mean = np.stack([np.bincount(owner, offsets[:, k], count) for k in range(3)], 1) / total[:, None]
    rest = offsets - mean[owner]
    square = [np.bincount(owner, rest[:, j] * rest[:, k], count) for j in range(3) for k in range(3)]
    covariance = (np.stack(square, 1) / total[:, None]).reshape(-1, 3, 3)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(covariance), 0))


def _drawn(ridge: Ridge, mesh: Mesh, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` places on the skeleton and the ridge point each belongs to.

    Each place of the skeleton gets as many as there is surface around it, as if the surface had sunk onto it; the
    points lie anywhere between neighbours.
    """
    rng = np.random.default_rng([0x5CE1, seed])
    surface, _ = sample_surface(mesh, SURFACE, seed)
    weight = np.bincount(KDTree(ridge.points).query(surface)[1], minlength=len(ridge.points)) + 0.1
    running = np.cumsum(weight)
    chosen = np.searchsorted(running, (np.arange(count) + rng.random(count)) / count * running[-1], side="right")
    chosen = np.minimum(chosen, len(ridge.points) - 1)
    both = np.concatenate([ridge.edges, ridge.edges[:, ::-1]])
    both = both[ridge.sheet[both[:, 0]] == ridge.sheet[both[:, 1]]]
    both = both[np.argsort(both[:, 0], kind="stable")]
    degree = np.bincount(both[:, 0], minlength=len(ridge.points))
    first = np.cumsum(degree) - degree
    pick = first[chosen] + (rng.random(count) * degree[chosen]).astype(np.int64)
    alone = degree[chosen] == 0
    other = np.where(alone, chosen, both[np.minimum(pick, len(both) - 1), 1]) if len(both) else chosen
    share = rng.random(count)[:, None] * 0.5  # the other half of the way belongs to the neighbour
    return ridge.points[chosen] + share * (ridge.points[other] - ridge.points[chosen]), chosen
