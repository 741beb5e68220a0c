"""Loose pieces of a mesh: what is inside them, and which of them move as one."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from ...anatomy import Mesh
from .reach import Segments

SMALL = 0.2  # a piece below this share of the whole's diagonal moves as one
AGREED = 0.6  # so does one where a single bone has at least this share of the weight
LARGEST_RING, FLAT = 0.5, 0.25  # a flat piece of up to this size moves as one where bones of one parent agree on it
LARGEST_RIGID = 0.6  # no piece above this share of the diagonal is taken to move as one
HOME_POINT = 0.3  # where on a bone we look which piece it lies in
RIVAL = 0.8  # bones with this share of the greatest weight have as good a claim to a piece
TOUCHED = 0.02  # a bone that carries rivals takes a piece from them only if it has this share of the weight itself
CLOSE_KIN = 2  # steps up the skeleton within which the claims of two bones meet
CLOSED = 0.9  # winding number of a place that a piece closes in on all sides
FOREIGN = 1.0  # how strongly a bone inside a small piece keeps to that piece


@dataclass(frozen=True)
class Islands:
    """Pieces of a surface that share no vertex."""

    size: np.ndarray  # (K,) diagonal of each piece's box over that of the whole
    flat: np.ndarray  # (K,) the shortest side of its box over the longest
    home: np.ndarray  # (B,) int32, the smallest piece that holds each bone, -1 for none or one as large as the body


def find_islands(mesh: Mesh, label: np.ndarray, bones: Segments) -> Islands:
    """Sizes of the pieces `label` (V,), and which bones each of them holds."""
    count = int(label.max()) + 1
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, label, mesh.vertices)
    np.maximum.at(high, label, mesh.vertices)
    whole = max(float(np.linalg.norm(high.max(0) - low.min(0))), 1e-30)
    size = np.linalg.norm(high - low, axis=1) / whole
    points = bones.heads * (1 - HOME_POINT) + bones.tails * HOME_POINT  # (B, 3)
    home = np.full(len(points), -1, np.int32)
    boxed = (points[None] > low[:, None]).all(2) & (points[None] < high[:, None]).all(2)  # (K, B)
    boxed &= np.linalg.norm(bones.tails - bones.heads, axis=1) < size[:, None] * whole  # a bead in an arm is no home
    owner = label[mesh.triangles[:, 0]]
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count + 1))
    for piece in sorted(np.flatnonzero(boxed.any(1) & (size < LARGEST_RIGID)), key=lambda k: -size[k]):
        inside = np.flatnonzero(boxed[piece])
        faces = mesh.triangles[order[starts[piece] : starts[piece + 1]]].astype(np.int64)
        # A hat, open below, holds the middle of the head's bone but not its joint: that is no home.
        places = np.concatenate([points[inside], bones.heads[inside]])
        middle, joint = np.abs(igl.fast_winding_number(mesh.vertices, faces, places)).reshape(2, -1)
        home[inside[(middle > CLOSED) | ((middle > 0.5) & (joint > 0.5))]] = piece  # smaller ones overwrite larger ones
    sides = np.sort(high - low, axis=1)
    return Islands(size, sides[:, 0] / np.maximum(sides[:, 2], 1e-30), home)


def foreignness(islands: Islands) -> np.ndarray:
    """What to multiply the distance to each bone (B,) with, seen from any piece but its own.

    An eye's bone lies closer to much of the face than the head's bone does, yet moves nothing but the eyeball.
    """
    size = np.where(islands.home >= 0, islands.size[islands.home], 1.0)
    return np.clip(size, 1e-3, 1.0) ** -FOREIGN


def stiffen(
    islands: Islands, label: np.ndarray, areas: np.ndarray, weights: np.ndarray, parents: np.ndarray
) -> np.ndarray:
    """Give pieces that move as one to the bone that has most of their weight, a belt to what carries both thighs.

    Labels and areas are (V,), weights (V, B); parents (B,) come before their children.
    """
    count = len(islands.size)
    if count == 1:
        return weights
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(count))
    area = np.maximum(areas, 1e-12)
    mean = np.add.reduceat((weights * area[:, None])[order], starts) / np.add.reduceat(area[order], starts)[:, None]
    held = np.bincount(islands.home[islands.home >= 0], minlength=count)
    carrier, agreed = np.zeros(count, np.int64), np.zeros(count)
    for piece in np.flatnonzero(islands.size < LARGEST_RIGID):
        carrier[piece], agreed[piece] = _carrier(mean[piece], parents)
    ring = (islands.size < LARGEST_RING) & (islands.flat < FLAT) & (agreed > AGREED)
    small = (islands.size < SMALL) | (mean.max(1) > AGREED) | ring
    rigid = small & (held < 2) & (islands.size < LARGEST_RIGID)
    moved = np.flatnonzero(rigid[label])
    stiff = weights.copy()
    stiff[moved] = 0
    stiff[moved, carrier[label[moved]]] = 1
    return stiff


def _carrier(weight: np.ndarray, parents: np.ndarray) -> tuple[int, float]:
    """The heaviest bone, or the one that carries all bones on branches of their own that weigh about the same.

    And how much they and it weigh together.
    """
    first = int(weight.argmax())
    claims, shared = {first}, _line_up(first, parents)
    for rival in np.flatnonzero(weight >= RIVAL * weight[first]):
        above = _line_up(int(rival), parents)
        if first in above or rival in shared:
            continue  # one carries the other: the heavier one keeps the piece
        shared = [bone for bone in shared if bone in above and weight[bone] > TOUCHED]
        if not shared:
            return first, float(weight[first])
        claims.add(int(rival))
    return shared[0], float(weight[[*(claims | {shared[0]})]].sum())


def _line_up(bone: int, parents: np.ndarray) -> list[int]:
    """A bone and those that carry it, up to where its claims still reach."""
    line = [bone]
    while len(line) <= CLOSE_KIN and parents[line[-1]] >= 0:
        line.append(int(parents[line[-1]]))
    return line
