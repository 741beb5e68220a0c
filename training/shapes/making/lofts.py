"""Meshes lofted through rings of points, and the lines and grids they follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

SPACING = 0.03  # between the truth's samples, for parts of about unit size; more where a part is thicker


def lofted(
    rings: np.ndarray, *, closed: bool = False, apexes: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles through rings (R, K, 3); ends fanned from their middle or from given apexes."""
    count, around = rings.shape[:2]
    vertices = rings.reshape(-1, 3)
    if not closed:
        first, last = apexes or (rings[0].mean(0), rings[-1].mean(0))
        vertices = np.concatenate([vertices, [first, last]])
    return outward(vertices, _loft_faces(count, around, closed=closed))


@cache
def _loft_faces(count: int, around: int, *, closed: bool) -> np.ndarray:
    index = np.arange(count * around).reshape(count, around)
    strips = [strip(index[k], index[(k + 1) % count]) for k in range(count if closed else count - 1)]
    if not closed:
        for ring, tip, turn in ((index[0], count * around, -1), (index[-1], count * around + 1, 1)):
            strips.append(np.stack([np.full(around, tip), ring, np.roll(ring, -1)], 1)[:, ::turn])
    return np.concatenate(strips).astype(np.int32)


def strip(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Triangles between two closed rings of vertex numbers."""
    a, b = np.append(first[1:], first[0]), np.append(second[1:], second[0])
    return np.concatenate([np.stack([first, a, b], 1), np.stack([first, b, second], 1)])


@cache
def slab_faces(rows: int, columns: int, *, wrap: bool) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Triangles of a grid, and the loops of vertex numbers around its rim."""
    index = np.arange(rows * columns).reshape(rows, columns)
    cells = np.concatenate([index, index[:, :1]], 1) if wrap else index
    a, b, c, d = (x.ravel() for x in (cells[:-1, :-1], cells[1:, :-1], cells[1:, 1:], cells[:-1, 1:]))
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    if wrap:
        return faces, (index[0], index[-1][::-1])
    return faces, (np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])[::-1],)


def outward(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    corners = (vertices - vertices[0])[triangles]
    volume = (corners[:, 0] * cross(corners[:, 1], corners[:, 2])).sum()
    return vertices, np.ascontiguousarray(triangles if volume > 0 else triangles[:, ::-1], np.int32)


def rim_rings(edge: np.ndarray, normal: np.ndarray, half: np.ndarray) -> list[np.ndarray]:
    """Three rings around the edge (N, 3) of a slab, from its top to its bottom."""
    along = np.roll(edge, -1, 0) - np.roll(edge, 1, 0)
    out = unit(cross(normal, along))
    bend = np.radians([45, 90, 135])
    return [edge + half[:, None] * (np.cos(b) * normal + np.sin(b) * out) for b in bend]


@cache
def rounded_rectangle(corner: float) -> np.ndarray:
    """(K, 4): which corner of the unit square a section's point belongs to, and its direction from there."""
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], float)
    if corner == 0:
        return np.concatenate([signs, np.zeros((4, 2))], 1)
    quarter = np.radians([0.0, 45.0, 90.0])
    start = np.radians([0, 90, 180, 270])
    turn = (start[:, None] + quarter).ravel()
    return np.concatenate([np.repeat(signs, 3, 0), np.stack([np.cos(turn), np.sin(turn)], 1)], 1)


# Lines and their frames.


def evenly(first: float, last: float, count: int) -> np.ndarray:
    """Numbers from the first to the last; a fraction of the time of NumPy's own for a few of them."""
    return first + np.arange(count) * ((last - first) / (count - 1))


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross products of rows; a fraction of the time of NumPy's own on short arrays."""
    x1, y1, z1 = a[..., 0], a[..., 1], a[..., 2]
    x2, y2, z2 = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2], -1)


def unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.sqrt((v * v).sum(-1, keepdims=True)), 1e-12)


def tangents(line: np.ndarray, *, closed: bool) -> np.ndarray:
    """Unit directions (N, 3); at a bend, halfway between both sides."""
    if not closed and len(line) == 2:
        return np.tile(unit(line[1] - line[0]), (2, 1))
    steps = unit(np.roll(line, -1, 0) - line)
    both = steps + np.roll(steps, 1, 0)
    if not closed:
        both[0], both[-1] = steps[0], steps[-2]
    return unit(both)


def square_to(direction: np.ndarray, tangent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors (N, 3) square to a tangent, the first as near to `direction` as can be."""
    wanted = np.broadcast_to(direction, tangent.shape)
    side = wanted - (wanted * tangent).sum(-1, keepdims=True) * tangent
    lost = (side * side).sum(-1) < 1e-8
    if lost.any():
        wanted = np.where(lost[:, None], np.roll(wanted, 1, -1) + 0.01, wanted)
        side = wanted - (wanted * tangent).sum(-1, keepdims=True) * tangent
    side = unit(side)
    return side, cross(tangent, side)


def frames(line: np.ndarray, *, closed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Across, upward and stretch vectors (N, 3) of a line's sections.

    An offset o in a section becomes o + (o . stretch) stretch, so that a tube keeps its width around a bend.
    """
    straight = _straight(line) if not closed else None
    if straight is not None:
        # Square to a main axis, so that square bars stand square.
        normal = np.eye(3)[[1, 0, 0][int(np.abs(straight).argmax())]]
        side = np.tile(unit(normal - (straight @ normal) * straight), (len(line), 1))
        return side, cross(np.broadcast_to(straight, line.shape), side), np.zeros_like(line)
    tangent = tangents(line, closed=closed)
    steps = unit(np.roll(line, -1, 0) - line)
    before, after = np.roll(steps, 1, 0), steps
    if not closed:
        before, after = before.copy(), after.copy()
        before[0], after[-1] = after[0], before[-1]
    cosine = np.clip(np.sqrt(((before + after) ** 2).sum(-1)) / 2, 0.6, 1)
    stretch = unit(after - before) * np.sqrt(1 / cosine - 1)[:, None]
    # A flat line's own normal is never along it; only lines that wind through space need more care.
    normal = np.linalg.svd(tangent, full_matrices=False)[2][-1]
    main = np.abs(normal).argmax()
    normal = np.eye(3)[main] if abs(normal[main]) > 0.98 else normal * np.sign(normal[main])
    if np.abs(tangent @ normal).max() > 0.8:
        side = _carried(tangent, normal)
    else:
        side = unit(normal - (tangent @ normal)[:, None] * tangent)
    return side, cross(tangent, side), stretch


def _straight(line: np.ndarray) -> np.ndarray | None:
    """The direction of a line that does not bend."""
    whole = line[-1] - line[0]
    length = float(np.sqrt(whole @ whole))
    if len(line) == 2:
        return whole / length
    off = cross(np.broadcast_to(whole / max(length, 1e-12), line.shape), line - line[0])
    return whole / length if float((off * off).max()) < 1e-12 * length * length else None


def _carried(tangent: np.ndarray, start: np.ndarray) -> np.ndarray:
    """A direction carried along a line with as little twist as can be."""
    side = np.empty_like(tangent)
    first = np.eye(3)[int(np.abs(tangent[0]).argmin())] if abs(tangent[0] @ start) > 0.8 else start
    current = first
    for k, direction in enumerate(tangent):
        current = current - (current @ direction) * direction
        current = current / max(float(np.sqrt(current @ current)), 1e-12)
        side[k] = current
    return side


def along(
    line: np.ndarray, inset: tuple[float, float], *, closed: bool, radius: np.ndarray
) -> Callable[..., tuple[np.ndarray, ...]]:
    """A function that reads arrays (N, ...) given along the line at evenly spaced places on it.

    The places start and end `inset` from the line's ends and lie SPACING or half a radius apart.
    """
    path = np.concatenate([line, line[:1]]) if closed else line
    length = np.concatenate([[0.0], np.cumsum(np.sqrt(((path[1:] - path[:-1]) ** 2).sum(-1)))])
    whole = float(length[-1])
    first, last = min(inset[0], 0.49 * whole), whole - min(inset[1], 0.49 * whole)
    step = max(SPACING, 0.5 * float(radius.sum()) / radius.size)
    place = evenly(first, last, max(2, int(np.ceil((last - first) / step)) + 1))
    index = np.clip(np.searchsorted(length, place, side="right") - 1, 0, len(path) - 2)
    share = np.clip((place - length[index]) / np.maximum(length[index + 1] - length[index], 1e-12), 0, 1)

    def read(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        results = []
        for array in arrays:
            values = np.concatenate([array, array[:1]]) if closed else array
            part = share.reshape(-1, *[1] * (values.ndim - 1))
            results.append(values[index] * (1 - part) + values[index + 1] * part)
        return tuple(results)

    return read


def resampled_sheet(
    points: np.ndarray, radii: np.ndarray, *, inset: bool = False, wrapped: bool = False, columns: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A grid (R, C, 3) and its radii read evenly; `inset` leaves one radius free at an open rim."""
    for axis in (0, 1):
        if axis == 0 or columns is None:
            line = points.mean(1 - axis) if not (wrapped and axis == 1) else points[len(points) // 2]
            edge = float(np.mean(radii)) if inset and not (wrapped and axis == 1) else 0.0
            read = along(line, (edge, edge), closed=False, radius=radii)
            points, radii = read(np.swapaxes(points, 0, axis), np.swapaxes(radii, 0, axis))
            points, radii = np.swapaxes(points, 0, axis), np.swapaxes(radii, 0, axis)
    return points, radii


def grid_normals(grid: np.ndarray, *, wrap: bool) -> np.ndarray:
    """Unit normals (R, C, 3) of a grid; `wrap` when its last column is followed by its first."""
    down = np.empty_like(grid)
    down[1:-1] = grid[2:] - grid[:-2]
    down[0], down[-1] = grid[1] - grid[0], grid[-1] - grid[-2]
    right = np.roll(grid, -1, 1) - np.roll(grid, 1, 1)
    if not wrap:
        right[:, 0], right[:, -1] = grid[:, 1] - grid[:, 0], grid[:, -1] - grid[:, -2]
    return unit(cross(down, right))


def rounded(line: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The line and radii with the rings of a half ball at each end, and the two poles."""
    bend = np.radians([65.0, 35.0])
    start, stop = unit(line[0] - line[1]), unit(line[-1] - line[-2])
    first = line[0] + radius[0] * np.sin(bend)[:, None] * start
    last = line[-1] + radius[-1] * np.sin(bend)[::-1, None] * stop
    radii = np.concatenate([radius[0] * np.cos(bend), radius, radius[-1] * np.cos(bend)[::-1]])
    return np.concatenate([first, line, last]), radii, (line[0] + radius[0] * start, line[-1] + radius[-1] * stop)


def softened(
    line: np.ndarray, wide: np.ndarray, high: np.ndarray, direction: np.ndarray, soft: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Line, widths, heights and directions with more places near both ends, and how far the section shrinks there."""
    length = np.concatenate([[0.0], np.cumsum(np.sqrt(((line[1:] - line[:-1]) ** 2).sum(-1)))])
    whole = float(length[-1])
    soft = min(soft, 0.45 * whole, 0.9 * float(np.minimum(wide, high).min()))
    turn = np.radians([90.0, 45.0, 0.0])
    near, shrink = soft * (1 - np.sin(turn)), soft * (1 - np.cos(turn))
    middle = length[(length > 1.01 * soft) & (length < whole - 1.01 * soft)]
    place = np.concatenate([near, middle, whole - near[::-1]])
    read = [np.interp(place, length, column) for column in (*line.T, wide, high, *direction.T)]
    inset = np.concatenate([shrink, np.zeros(len(middle)), shrink[::-1]])
    return np.stack(read[:3], 1), read[3], read[4], np.stack(read[5:], 1), inset


def domed(
    line: np.ndarray, wide: np.ndarray, high: np.ndarray, side: np.ndarray, up: np.ndarray, *, first: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ellipses along a line with more of them beyond its last end, or both, shrinking to nearly nothing."""
    bend = np.radians([25.0, 50.0, 75.0])
    results = [line, wide, high, side, up]
    for at, inner in ((-1, -2), (0, 1)) if first else ((-1, -2),):
        reach = min(float(wide[at]), float(high[at])) * np.sin(bend)[:, None] * unit(line[at] - line[inner])
        shrink = np.cos(bend)
        more = [
            line[at] + reach,
            wide[at] * shrink,
            high[at] * shrink,
            np.tile(side[at], (3, 1)),
            np.tile(up[at], (3, 1)),
        ]
        if at == 0:
            results = [np.concatenate([new[::-1], old]) for new, old in zip(more, results, strict=True)]
        else:
            results = [np.concatenate([old, new]) for new, old in zip(more, results, strict=True)]
    return results[0], results[1], results[2], results[3], results[4]
