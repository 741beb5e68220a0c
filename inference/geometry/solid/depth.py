"""How deep cells lie below the surface of a solid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from ..mesh.rasterize import winding
from .inside import AXES, Inside

CANDIDATES = 3  # nearest crossings whose faces are measured exactly
SMALL = 1.0  # faces with sides below this many cells stand for the smooth surface they are part of
DISC = 0.5  # how far such a face is taken to go on in its plane
LEAF = 32  # crossings in a leaf of the search tree: the fastest of 4 to 64


def depths(inside: Inside, places: np.ndarray, points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Distance from inside places (N, 3) to the outer surface, (N,): walls buried in the solid do not count."""
    crossing, face = _outer_crossings(inside)
    if len(crossing) == 0 or len(places) == 0:
        return np.zeros(len(places))
    tree = KDTree(crossing, LEAF, compact_nodes=False, balanced_tree=False)
    count = min(CANDIDATES, len(crossing))
    away, nearest = (found.reshape(len(places), count) for found in tree.query(places, k=count, workers=-1))
    flat = _lay_flat(points[triangles[face]])
    columns = np.ascontiguousarray(places.T)
    best = away[:, 0].copy()
    for k in range(count):  # a face whose area was lost in rounding has no distance
        np.fmin(best, _to_faces(columns, flat, nearest[:, k]), out=best)
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


@dataclass(frozen=True)
class _Flat:
    """Triangles in frames of their own: the first corner is the origin, the second lies on the first axis."""

    axes: np.ndarray  # (3, 3, T): along the first side, across it and normal, each x, y, z
    origin: np.ndarray  # (3, T) first corner along these axes
    base: np.ndarray  # (T,) length of the first side
    apex: np.ndarray  # (2, T) third corner
    disc: np.ndarray  # (T,) how far the triangle is continued in its plane


def _lay_flat(corners: np.ndarray) -> _Flat:
    """Triangles (T, 3, 3) in frames of their own."""
    a, b, c = corners.transpose(1, 2, 0)  # (3, T) each
    base = np.sqrt(_dot(b - a, b - a))
    with np.errstate(divide="ignore", invalid="ignore"):
        along = (b - a) / base
        normal = _cross(along, c - a)
        normal /= np.sqrt(_dot(normal, normal))
    axes = np.stack([along, _cross(normal, along), normal])
    apex = np.stack([_dot(c - a, axes[0]), _dot(c - a, axes[1])])
    longest = np.maximum(np.maximum(base, np.hypot(*apex)), np.hypot(apex[0] - base, apex[1]))
    return _Flat(axes, np.stack([_dot(a, axis) for axis in axes]), base, apex, np.where(longest < SMALL, DISC, 0.0))


def _to_faces(places: np.ndarray, flat: _Flat, face: np.ndarray) -> np.ndarray:
    """Distance of each place (3, N) to its triangle (N,)."""
    x, y, above = (_along(places, flat.axes[k], face) - flat.origin[k][face] for k in range(3))
    base, apex_x, apex_y = flat.base[face], flat.apex[0][face], flat.apex[1][face]
    ahead, back = x - base, apex_x - base
    over = (y < 0) | (back * y < apex_y * ahead) | (apex_y * x < apex_x * y)
    aside = np.square(x - np.clip(x, 0.0, base)) + y * y
    for from_start, side_x in ((x, apex_x), (ahead, back)):
        share = ((from_start * side_x + y * apex_y) / (side_x * side_x + apex_y * apex_y)).clip(0.0, 1.0)
        np.minimum(aside, np.square(from_start - share * side_x) + np.square(y - share * apex_y), out=aside)
    aside = np.where(over, np.maximum(np.sqrt(aside) - flat.disc[face], 0.0), 0.0)
    return np.sqrt(above * above + aside * aside)


def _along(places: np.ndarray, axis: np.ndarray, face: np.ndarray) -> np.ndarray:
    return places[0] * axis[0][face] + places[1] * axis[1][face] + places[2] * axis[2][face]


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of vectors whose coordinates come as rows, (3, N)."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    (a, b, c), (x, y, z) = one, other
    return np.stack([b * z - c * y, c * x - a * z, a * y - b * x])
