"""How deep cells lie below the surface of a solid."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from .inside import AXES, Inside
from .rasterize import winding

CANDIDATES = 3  # nearest crossings whose faces are measured exactly
SMALL = 1.0  # faces with sides below this many cells stand for the smooth surface they are part of
DISC = 0.5  # how far such a face is taken to go on in its plane


def depths(inside: Inside, places: np.ndarray, points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Distance from inside places (N, 3) to the outer surface, (N,): walls buried in the solid do not count."""
    crossing, face = _outer_crossings(inside)
    if len(crossing) == 0 or len(places) == 0:
        return np.zeros(len(places))
    tree = KDTree(crossing, compact_nodes=False)
    count = min(CANDIDATES, len(crossing))
    nearest = tree.query(places, k=count, workers=-1)[1].reshape(len(places), count)
    best = np.full(len(places), np.inf)
    for k in range(count):
        best = np.minimum(best, _to_faces(places, points[triangles[face[nearest[:, k]]]]))
    return best


def _outer_crossings(inside: Inside) -> tuple[np.ndarray, np.ndarray]:
    """Where grid lines pass between inside and outside: points (N, 3) and faces (N,)."""
    mask = inside.mask
    found, faces = [], []
    for axis in AXES:
        crossings = inside.crossings[axis]
        if len(crossings.line) == 0:
            continue
        behind, left = winding(crossings)
        u, v = (axis + 1) % 3, (axis + 2) % 3
        point = np.empty((len(behind), 3))
        point[:, axis] = crossings.place
        point[:, u], point[:, v] = np.divmod(crossings.line, mask.shape[v])
        outer = (left == 0) & ((behind > 0) != (behind - crossings.enters > 0))
        here = np.floor(point).astype(np.int64)
        there = here + (np.arange(3) == axis)
        outer |= mask[tuple(here.T)] != mask[tuple(there.T)]
        found.append(point[outer])
        faces.append(crossings.face[outer])
    if not found:
        return np.zeros((0, 3)), np.zeros(0, np.int64)
    return np.concatenate(found), np.concatenate(faces)


def _to_faces(places: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Distance of each place (N, 3) to its triangle (N, 3, 3), small triangles being continued in their plane."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    above = _dot(places - a, normal)
    foot = places - above[:, None] * normal
    aside, over = np.full(len(places), np.inf), np.zeros(len(places), bool)
    longest = np.zeros(len(places))
    for start, end in ((a, b), (b, c), (c, a)):
        side = end - start
        from_start = foot - start
        square = _dot(side, side)
        share = np.clip(_dot(from_start, side) / square, 0.0, 1.0)
        gap = from_start - share[:, None] * side
        aside = np.minimum(aside, _dot(gap, gap))
        over |= _dot(np.cross(normal, side), from_start) < 0
        longest = np.maximum(longest, square)
    aside = np.where(over, np.sqrt(aside), 0.0)
    aside = np.where(longest < SMALL**2, np.maximum(aside - DISC, 0.0), aside)
    return np.hypot(above, aside)


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", one, other)
