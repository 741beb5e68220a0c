"""Loose pieces of a mesh: what is inside them, and which of them move as one."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from ...anatomy import Mesh
from .reach import Segments

SMALL = 0.2  # a piece below this share of the whole's diagonal moves as one
AGREED = 0.6  # so does one where a single bone has at least this share of the weight
LARGEST_RIGID = 0.6  # no piece above this share of the diagonal is taken to move as one
HOME_POINT = 0.3  # where on a bone we look which piece it lies in
FOREIGN = 1.0  # how strongly a bone inside a small piece keeps to that piece


@dataclass(frozen=True)
class Islands:
    """Pieces of a surface that share no vertex."""

    size: np.ndarray  # (K,) diagonal of each piece's box over that of the whole
    home: np.ndarray  # (B,) int32, the smallest piece that holds each bone, -1 for none or one as large as the body


def find_islands(mesh: Mesh, label: np.ndarray, bones: Segments) -> Islands:
    """Sizes of the pieces `label` (V,), and which bones each of them holds."""
    count = int(label.max()) + 1
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, label, mesh.vertices)
    np.maximum.at(high, label, mesh.vertices)
    whole = max(float(np.linalg.norm(high.max(0) - low.min(0))), 1e-30)
    size = np.linalg.norm(high - low, axis=1) / whole
    points = bones.heads * (1 - HOME_POINT) + bones.tails * HOME_POINT
    home = np.full(len(points), -1, np.int32)
    boxed = (points[None] > low[:, None]).all(2) & (points[None] < high[:, None]).all(2)  # (K, B)
    boxed &= np.linalg.norm(bones.tails - bones.heads, axis=1) < size[:, None] * whole  # a bead in an arm is no home
    owner = label[mesh.triangles[:, 0]]
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count + 1))
    for piece in sorted(np.flatnonzero(boxed.any(1) & (size < LARGEST_RIGID)), key=lambda k: -size[k]):
        inside = np.flatnonzero(boxed[piece])
        faces = mesh.triangles[order[starts[piece] : starts[piece + 1]]].astype(np.int64)
        winding = igl.fast_winding_number(mesh.vertices, faces, points[inside])
        home[inside[np.abs(winding) > 0.5]] = piece  # smaller ones overwrite larger ones
    return Islands(size, home)


def foreignness(islands: Islands) -> np.ndarray:
    """What to multiply the distance to each bone (B,) with, seen from any piece but its own.

    An eye's bone lies closer to much of the face than the head's bone does, yet moves nothing but the eyeball.
    """
    size = np.where(islands.home >= 0, islands.size[islands.home], 1.0)
    return np.clip(size, 1e-3, 1.0) ** -FOREIGN


def stiffen(islands: Islands, label: np.ndarray, areas: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give pieces that move as one to the bone that has most of their weight; labels and areas (V,), weights (V, B)."""
    count = len(islands.size)
    if count == 1:
        return weights
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(count))
    area = np.maximum(areas, 1e-12)
    mean = np.add.reduceat((weights * area[:, None])[order], starts) / np.add.reduceat(area[order], starts)[:, None]
    held = np.bincount(islands.home[islands.home >= 0], minlength=count)
    small = (islands.size < SMALL) | (mean.max(1) > AGREED)
    rigid = small & (held < 2) & (islands.size < LARGEST_RIGID)
    moved = np.flatnonzero(rigid[label])
    stiff = weights.copy()
    stiff[moved] = 0
    stiff[moved, mean.argmax(1)[label[moved]]] = 1
    return stiff
