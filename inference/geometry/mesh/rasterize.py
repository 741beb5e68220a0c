"""Where the grid lines of a solid pierce a mesh.

Lengths here are in grid units: a cell's centre has integer coordinates. Grid line (u, v) of an axis runs through the
centres (., u, v); the other two axes follow it in cyclic order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOUCH = 2e-4  # overlaps of shells below this share of a cell count as touching


@dataclass(frozen=True)
class Crossings:
    """Piercings of the lines of one axis, ordered along each line; leaving comes before entering at one place."""

    line: np.ndarray  # (N,) int64, u * width of v + v
    place: np.ndarray  # (N,) float64, coordinate along the axis
    face: np.ndarray  # (N,) int64
    enters: np.ndarray  # (N,) int8, +1 when the line goes in through the face's outer side, -1 when out, 0 ignored


def pierce(points: np.ndarray, triangles: np.ndarray, axis: int, shape: np.ndarray) -> Crossings:
    """All crossings of the lines along `axis` with triangles over `points` (V, 3), unordered.

    A line that runs through a shared edge or corner is counted on one side only, so closed meshes stay closed.
    """
    u, v = (axis + 1) % 3, (axis + 2) % 3
    ceiling_u = np.ceil(points[:, u]).astype(np.int32)
    ceiling_v = np.ceil(points[:, v]).astype(np.int32)
    first, last = _span(ceiling_u, triangles)
    low, high = _span(ceiling_v, triangles)
    met = np.flatnonzero((last > first) & (high > low))
    owner, row = expand(first[met], last[met])
    face = met[owner]
    corners = triangles[face]  # (R, 3)
    below = ceiling_u[corners] <= row[:, None]
    lone = np.where(below[:, 1] == below[:, 2], 0, np.where(below[:, 0] == below[:, 2], 1, 2))
    index = np.arange(len(face))
    apex = corners[index, lone]
    v1, t1 = _along(points, apex, corners[index, (lone + 1) % 3], row, u, v, axis)
    v2, t2 = _along(points, apex, corners[index, (lone + 2) % 3], row, u, v, axis)
    outward = np.where((v2 > v1) == below[index, lone], 1, -1).astype(np.int8)  # the normal points along the axis
    swap = v2 < v1
    v1, v2, t1, t2 = np.where(swap, v2, v1), np.where(swap, v1, v2), np.where(swap, t2, t1), np.where(swap, t1, t2)
    piece, column = expand(np.ceil(v1).astype(np.int64), np.ceil(v2).astype(np.int64))
    share = (column - v1[piece]) / (v2[piece] - v1[piece])
    place = t1[piece] + share * (t2[piece] - t1[piece])
    line = row[piece].astype(np.int64) * int(shape[v]) + column
    return Crossings(line, place, face[piece], -outward[piece])


def ordered(crossings: Crossings, signs: np.ndarray, length: int) -> Crossings:
    """The same in order along the lines, each face turned by `signs` (F,): 1 as it is, -1 turned over, 0 ignored."""
    enters = (crossings.enters * signs[crossings.face]).astype(np.int8)
    place = crossings.line * float(length + 4) + crossings.place + TOUCH * enters
    order = np.argsort(place, kind="stable")
    order = order[enters[order] != 0]
    return Crossings(crossings.line[order], crossings.place[order], crossings.face[order], enters[order])


def winding(crossings: Crossings) -> tuple[np.ndarray, np.ndarray]:
    """Windings behind each crossing counted from the line's start, (N,) int32, and what is left at the line's end."""
    if len(crossings.line) == 0:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    total = np.cumsum(crossings.enters, dtype=np.int32)
    starts = np.flatnonzero(np.r_[True, crossings.line[1:] != crossings.line[:-1]])
    ends = np.r_[starts[1:], len(total)]
    before = np.r_[0, total][starts].astype(np.int32)
    counts = ends - starts
    return total - np.repeat(before, counts), np.repeat(total[ends - 1] - before, counts)


def _span(ceiling: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c = ceiling[triangles[:, 0]], ceiling[triangles[:, 1]], ceiling[triangles[:, 2]]
    return np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)


def expand(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every integer of each half-open range: (owner, value)."""
    counts = (last - first).astype(np.int64)
    owner = np.repeat(np.arange(len(counts)), counts)
    start = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - start[owner] + first[owner]


def _along(
    points: np.ndarray, one: np.ndarray, other: np.ndarray, row: np.ndarray, u: int, v: int, axis: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where edges meet row planes: the same bits whichever way round the edge is given."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    a, b = points[low], points[high]
    share = (row - a[:, u]) / (b[:, u] - a[:, u])
    return a[:, v] + share * (b[:, v] - a[:, v]), a[:, axis] + share * (b[:, axis] - a[:, axis])
