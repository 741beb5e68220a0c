"""Medial meshes against the solids they stand for, without drawing their surface.

Places are asked directly: a place is inside when it is inside some sphere, cone or slab. Frame: longest side 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import MedialMesh, Mesh
from inference.geometry.medial.slabs import Slabs

from .skeleton import is_inside
from .volumes import MESH_GRID, cell_middles, grid_iou, occupancy

ALONG = np.linspace(0, 1, 8)[1:-1]
WITHIN = 0.85  # share of an edge that must be in the solid, or it counts as outside
AT_ONCE = 400_000  # places tried against primitives together


@dataclass(frozen=True)
class Places:
    """Where a solid is asked, and what it answers."""

    points: np.ndarray  # (N, 3)
    inside: np.ndarray  # (N,) bool


def random_places(mesh: Mesh, count: int, seed: int = 0) -> Places:
    """Places anywhere in a slightly larger box around a watertight mesh."""
    low, high = mesh.vertices.min(0) - 0.02, mesh.vertices.max(0) + 0.02
    points = low + np.random.default_rng(seed).random((count, 3)) * (high - low)
    return Places(points, is_inside(mesh, points))


def places_iou(medial: MedialMesh, places: Places) -> float:
    """Intersection over union of the envelope and the solid, as far as the places tell, 0..1."""
    return grid_iou(inside_medial(medial, places.points), places.inside)


def medial_iou(medial: MedialMesh, reference: Mesh, resolution: int = MESH_GRID) -> float:
    """As `volumes.mesh_iou`, of the envelope, in the box -0.5 .. 0.5 at 64^3."""
    inside = inside_medial(medial, cell_middles(resolution)).reshape((resolution,) * 3)
    return grid_iou(inside, occupancy(reference, resolution))


def inside_medial(medial: MedialMesh, points: np.ndarray) -> np.ndarray:
    """Which of points (N, 3) lie in the envelope, (N,) bool."""
    inside = np.zeros(len(points), bool)
    slabs = Slabs(medial)
    needed = slabs.needed
    if len(needed) == 0 or len(points) == 0:
        return inside
    low, high = (corner[needed] for corner in slabs.boxes())
    tree = KDTree(points)
    reach = np.linalg.norm(high - low, axis=1) / 2
    counts = tree.query_ball_point((low + high) / 2, reach, return_length=True)
    ends = np.cumsum(counts)
    group = (ends - 1) // AT_ONCE
    for number in np.unique(group[counts > 0]):
        some = np.flatnonzero((group == number) & (counts > 0))
        near = tree.query_ball_point((low + high)[some] / 2, reach[some], return_sorted=False)
        place = np.concatenate([np.asarray(hits, np.intp) for hits in near])
        primitive = np.repeat(some, [len(hits) for hits in near])
        within = ((points[place] >= low[primitive]) & (points[place] <= high[primitive])).all(1) & ~inside[place]
        place, primitive = place[within], primitive[within]
        inside[place[slabs.distance(needed[primitive], points[place], whole=False) < 0]] = True
    return inside


def edges_outside(medial: MedialMesh, mesh: Mesh) -> float:
    """Share of the edges of which less than 85 % lies inside a watertight mesh, 0..1."""
    if len(medial.edges) == 0:
        return 0.0
    ends = medial.spheres.centres[medial.edges]
    points = ends[:, None, 0] + ALONG[:, None] * (ends[:, None, 1] - ends[:, None, 0])
    inside = is_inside(mesh, points.reshape(-1, 3)).reshape(len(ends), len(ALONG))
    return float((inside.mean(1) < WITHIN).mean())
