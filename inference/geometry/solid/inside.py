"""Which cells of a grid lie inside a mesh, and between which neighbours a gap runs.

The signed crossings of a grid line, summed from either end, give the winding number at every cell it passes. Where the
lines of three axes tell the same story the sums are exact; where they differ (holes, loose flaps, wrong sides) the
generalised winding number decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import igl
import numpy as np
from scipy import ndimage

from ..mesh.orientation import Shells
from ..mesh.rasterize import Crossings, expand, ordered, pierce, winding

MOST_FACES = 60_000  # larger meshes are simplified to the grid before winding numbers are asked for
MOST_WORK = 6e6  # questions times faces looked at for each, about half a second
FAR_WORK = 12  # groups of far faces that are looked at for each question
MOSTLY, SURELY = 0.5, 0.75  # winding from which a cell is inside when two axes say so, and when fewer do
CAVITY = 0.97  # share of an inward shell's crossings that must have the inside of another around them
AXES = (0, 1, 2)

Ask = Callable[[np.ndarray], np.ndarray]  # points (N, 3) in grid units -> (N,) winding numbers


class Winding:
    """The generalised winding number of a mesh, prepared when it is first asked for."""

    def __init__(self, points: np.ndarray, triangles: np.ndarray, signs: np.ndarray) -> None:
        self._points, self._triangles, self._signs = points, triangles, signs

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """At places (N, 3) in grid units, (N,)."""
        if len(places) == 0:
            return np.zeros(0)
        corners, faces = self._prepared
        if len(faces) == 0:
            return np.zeros(len(places))
        return np.asarray(igl.fast_winding_number(corners, faces, np.ascontiguousarray(places)))

    def on_the_way(self, places: np.ndarray) -> np.ndarray:
        """The same on ways that begin and end inside: they are taken to stay there where asking would take too long."""
        return self(places) if self.affords(len(places)) else np.ones(len(places))

    def affords(self, count: int) -> bool:
        """Whether so many questions can be answered in reasonable time: large faces through each other make it long."""
        return count * (self._near + FAR_WORK) <= MOST_WORK

    @cached_property
    def _prepared(self) -> tuple[np.ndarray, np.ndarray]:
        faces = np.where(self._signs[:, None] < 0, self._triangles[:, ::-1], self._triangles)[self._signs != 0]
        return _simplified(self._points, faces) if len(faces) > MOST_FACES else (self._points, faces)

    @cached_property
    def _near(self) -> float:
        """To how many faces a place is too near, in the mean, for them to be summed up with others."""
        corners = self._points[self._prepared[1]]
        if len(corners) == 0:
            return 0.0
        box = float(np.prod(np.ptp(corners.reshape(-1, 3), axis=0) + 1.0))
        size = np.linalg.norm(corners - corners.mean(1, keepdims=True), axis=2).max(1)
        return float(np.minimum(4 / 3 * np.pi * (2 * size) ** 3 / box, 1.0).sum())


@dataclass(frozen=True)
class Inside:
    """The inside of a mesh on a grid; all lengths in grid units."""

    mask: np.ndarray  # (X, Y, Z) bool
    blocked: tuple[np.ndarray, ...]  # per axis (N,) flat places of cells with a gap before their next cell
    crossings: tuple[Crossings, ...]  # per axis, ordered, faces turned outward
    shells: Shells
    winding: Winding


def fill(points: np.ndarray, triangles: np.ndarray, shells: Shells, shape: np.ndarray) -> Inside:
    """The inside of `triangles` over `points` (V, 3) in grid units on a grid of `shape` cells."""
    raw = [pierce(points, triangles, axis, shape) for axis in AXES]
    crossings = [ordered(raw[axis], shells.signs, int(shape[axis])) for axis in AXES]
    wrong = _inverted(shells, crossings)
    if wrong.any():
        signs = np.where(wrong[shells.label], -shells.signs, shells.signs).astype(np.int8)
        shells = Shells(shells.label, shells.closed, shells.volume, signs)
        crossings = [ordered(raw[axis], signs, int(shape[axis])) for axis in AXES]
    ask = Winding(points, triangles, shells.signs)
    mask = _decide(crossings, shape, ask, closed=bool(shells.closed.all()))
    windings = [winding(c) for c in crossings]
    blocked = tuple(_gaps(crossings[axis], windings[axis][0], mask, axis) for axis in AXES)
    return Inside(mask, blocked, tuple(crossings), shells, ask)


def volume(points: np.ndarray, triangles: np.ndarray, shells: Shells, shape: np.ndarray) -> float:
    """Cells' worth of inside, from the lines of the shortest axis."""
    axis = int(np.argmin(shape))
    crossings = ordered(pierce(points, triangles, axis, shape), shells.signs, int(shape[axis]))
    behind, left = winding(crossings)
    same = crossings.line[1:] == crossings.line[:-1]
    lengths = np.maximum(crossings.place[1:] - crossings.place[:-1], 0.0)
    certainty = ((behind > 0).astype(float) + (behind - left > 0))[:-1] / 2
    return float((lengths * certainty)[same].sum())


def place_of(line: np.ndarray, position: np.ndarray, shape: Sequence[int] | np.ndarray, axis: int) -> np.ndarray:
    """Flat index of the cell at `position` on a line of `axis`."""
    strides = (shape[1] * shape[2], shape[2], 1)
    u, v = (axis + 1) % 3, (axis + 2) % 3
    return line // shape[v] * strides[u] + line % shape[v] * strides[v] + position * strides[axis]


def _inverted(shells: Shells, crossings: Sequence[Crossings]) -> np.ndarray:
    """(K,) closed pieces that look inward although they bound no cavity of the shape around them."""
    inward = shells.closed & (shells.volume < 0)
    if not inward.any() or not shells.closed.all():
        return inward
    seen, bounding = np.zeros(len(inward)), np.zeros(len(inward))
    for c in crossings:
        behind, _ = winding(c)
        piece = shells.label[c.face]
        seen += np.bincount(piece, minlength=len(inward))
        bounding += np.bincount(piece[np.maximum(behind, behind - c.enters) >= 1], minlength=len(inward))
    return inward & (bounding < CAVITY * seen)


def _decide(crossings: Sequence[Crossings], shape: np.ndarray, ask: Winding, *, closed: bool) -> np.ndarray:
    votes = np.zeros(int(np.prod(shape)), np.int8)
    doubts = np.zeros(len(votes), np.int8)
    for axis in AXES:
        inside, unsure = _opinions(crossings[axis], shape, axis)
        votes[inside] += 1
        doubts[unsure] += 1
    if closed:
        return (votes >= 2).reshape(shape)
    mask = (votes == 3) | ((votes == 2) & (doubts == 1))
    open_question = np.flatnonzero(((votes > 0) | (doubts > 1)) & ~mask)
    if not ask.affords(len(open_question)):
        mask = votes >= 2
    elif len(open_question):
        cells = np.stack(np.unravel_index(open_question, tuple(shape)), 1).astype(np.float64)
        mask[open_question] = ask(cells) > np.where(votes[open_question] >= 2, MOSTLY, SURELY)
    return _without_voids(mask.reshape(shape))


def _opinions(crossings: Crossings, shape: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Flat places of the cells that the lines of one axis call inside, and of those they cannot decide."""
    behind, left = winding(crossings)
    if len(behind) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    line, length = crossings.line, int(shape[axis])
    last = np.r_[line[1:] != line[:-1], True]
    first = np.r_[True, last[:-1]]
    start = np.ceil(crossings.place).astype(np.int64)
    stop = np.where(last, length, np.r_[start[1:], length])
    from_start, from_end = behind > 0, behind - left > 0
    inside = _cells(line, start, stop, from_start & from_end & ~last, shape, axis)
    doubtful = (from_start != from_end) & (~last | (left > 0))
    unsure = _cells(line, start, stop, doubtful, shape, axis)
    ahead = _cells(line, np.zeros_like(start), start, first & (left < 0), shape, axis)
    return inside, np.concatenate([unsure, ahead])


def _cells(
    line: np.ndarray, start: np.ndarray, stop: np.ndarray, chosen: np.ndarray, shape: np.ndarray, axis: int
) -> np.ndarray:
    chosen = chosen & (stop > start)
    owner, position = expand(start[chosen], stop[chosen])
    return place_of(line[chosen][owner], position, shape, axis)


def _gaps(crossings: Crossings, behind: np.ndarray, mask: np.ndarray, axis: int) -> np.ndarray:
    """Flat places of inside cells that a gap parts from the next one along the axis, also inside."""
    if len(behind) == 0:
        return np.zeros(0, np.int64)
    step = np.floor(crossings.place).astype(np.int64)
    new = np.r_[True, (crossings.line[1:] != crossings.line[:-1]) | (step[1:] != step[:-1])]
    start = np.flatnonzero(new)
    end = np.r_[start[1:], len(behind)] - 1
    several = end > start
    start, end = start[several], end[several]
    here = place_of(crossings.line[start], step[start], mask.shape, axis)
    strides = (mask.shape[1] * mask.shape[2], mask.shape[2], 1)
    both = mask.reshape(-1)[here] & mask.reshape(-1)[here + strides[axis]]
    start, end, here = start[both], end[both], here[both]
    if len(here) == 0:
        return here
    between = np.minimum.reduceat(behind, np.stack([start, end], 1).ravel())[::2]  # all but the last of each group
    at_start = behind[start] - crossings.enters[start]
    lift = np.maximum(0, 1 - np.maximum(at_start, behind[end]))  # both ends are known to be inside
    return here[between + lift <= 0]


def _without_voids(mask: np.ndarray) -> np.ndarray:
    """Hollows that nothing leads into are filled: badly drawn shells bound no cavities on purpose."""
    label, count = cast(tuple[np.ndarray, int], ndimage.label(~mask))
    return mask | (label > 1) if count > 1 and _outside_is_first(label) else mask


def _outside_is_first(label: np.ndarray) -> bool:
    return bool(label[0, 0, 0] == 1)


def _simplified(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners within half a cell of each other become one: what is left winds around as before."""
    keys = np.round(points * 2).astype(np.int64)
    keys -= keys.min(0)
    width = keys.max(0) + 1
    _, first, group = np.unique(
        (keys[:, 0] * width[1] + keys[:, 1]) * width[2] + keys[:, 2], return_index=True, return_inverse=True
    )
    faces = group.reshape(-1)[triangles]
    a, b, c = faces.T
    return points[first], faces[(a != b) & (b != c) & (c != a)]
