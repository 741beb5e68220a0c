"""Distance to flesh, on a grid and at points, and the surface where it is zero."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from inference.anatomy import Mesh

from .plan import Flesh

FAR = np.float32(1e3)


@dataclass(frozen=True)
class Segments:
    """Pieces of flesh between two points of its line, as arrays."""

    first: np.ndarray  # (S, 3)
    frames: np.ndarray  # (S, 3, 3) rows: across, the third direction, along
    lengths: np.ndarray  # (S,)
    radii: np.ndarray  # (S, 2, 2) [first or last end][across or third]
    caps: np.ndarray  # (S, 2) how far the first and the last end stand out
    boxy: bool


def segments(flesh: Flesh) -> Segments:
    """A lone point is a segment without length."""
    line, radii = flesh.line, flesh.radii
    if len(line) == 1:
        line, radii = np.repeat(line, 2, 0), np.repeat(radii, 2, 0)
    ways = np.diff(line, axis=0)
    lengths = np.linalg.norm(ways, axis=1)
    ways = np.where(lengths[:, None] > 1e-9, ways / np.maximum(lengths, 1e-9)[:, None], [0.0, 0.0, 1.0])
    across = flesh.across - (ways @ flesh.across)[:, None] * ways
    size = np.linalg.norm(across, axis=1)
    if (size < 1e-3).any():
        other = np.cross(ways, [0.36, 0.48, 0.8])
        across[size < 1e-3] = other[size < 1e-3]
    across /= np.linalg.norm(across, axis=1)[:, None]
    frames = np.stack([across, np.cross(ways, across), ways], 1)
    ends = np.stack([radii[:-1], radii[1:]], 1)
    # Between the pieces of one line the ends only fill the bends: longer ones would stand out as ribs.
    caps = np.minimum(0.8 * ends.min(2), 0.35 * lengths[:, None])
    caps[0, 0], caps[-1, 1] = flesh.cap * radii[0].min(), flesh.cap * radii[-1].min()
    return Segments(line[:-1], frames, lengths, ends, caps, flesh.boxy)


def _distance(u: np.ndarray, v: np.ndarray, w: np.ndarray, parts: Segments, at: int) -> np.ndarray:
    """About the distance to segment `at`, given coordinates in its frame; exact on its surface."""
    length = np.float32(parts.lengths[at])
    on = np.clip(w, 0, length)
    share = on / max(length, np.float32(1e-6))
    (u0, v0), (u1, v1) = parts.radii[at].astype(np.float32)
    first, last = np.maximum(parts.caps[at], 1e-5).astype(np.float32)
    cap = np.where(w < 0, first, last)
    across, third = u / (u0 + share * (u1 - u0)), v / (v0 + share * (v1 - v0))
    beyond = (w - on) / cap
    if parts.boxy:
        outside = np.sqrt(np.sqrt(across**4 + third**4 + beyond**4))
        return (outside - 1) * np.float32(min(u0, v0, u1, v1))
    outside = np.sqrt(across**2 + third**2 + beyond**2)
    least = np.float32(min(u0, v0, u1, v1, first, last))
    slope = np.sqrt((across / (0.5 * (u0 + u1))) ** 2 + (third / (0.5 * (v0 + v1))) ** 2 + (beyond / cap) ** 2)
    return (outside - 1) * (outside + np.float32(1e-4)) / (slope + np.float32(1e-4) / max(least, np.float32(1e-6)))


def distance_at(points: np.ndarray, flesh: Flesh) -> np.ndarray:
    """About the distance of points (N, 3) to a flesh, (N,); negative inside."""
    parts = segments(flesh)
    nearest = np.full(len(points), FAR, np.float32)
    for at in range(len(parts.lengths)):
        u, v, w = ((points - parts.first[at]) @ parts.frames[at].T).astype(np.float32).T
        np.minimum(nearest, _distance(u, v, w, parts, at), out=nearest)
    return nearest


def surface(pieces: list[Flesh], step: float, *, half: bool) -> Mesh:
    """The blended surface of several pieces; `half`: they mirror each other in x = 0 and one half is worked out."""
    low = np.min([(f.line - f.radii.max(1)[:, None]).min(0) for f in pieces], 0)
    high = np.max([(f.line + f.radii.max(1)[:, None]).max(0) for f in pieces], 0)
    low, high = low - 2.37 * step, high + 2.37 * step
    if half:
        low[0] = 0.0
    counts = np.ceil((high - low) / step).astype(int) + 1
    axes = [(low[k] + step * np.arange(counts[k])).astype(np.float32) for k in range(3)]
    field = np.full(tuple(counts), FAR, np.float32)
    for flesh in pieces:
        _lower(field, axes, flesh, step)
    return _zero(field, axes, half=half)


def _lower(field: np.ndarray, axes: list[np.ndarray], flesh: Flesh, step: float) -> None:
    """Smooth union of the field with one piece of flesh, in the box around it."""
    parts = segments(flesh)
    blend = max(flesh.blend, 0.02 * step)
    margin = blend + 2.0 * step
    reach = np.maximum(parts.radii.max((1, 2)), parts.caps.max(1)) + margin
    last = parts.first + parts.lengths[:, None] * parts.frames[:, 2]
    low = np.minimum(parts.first, last) - reach[:, None]
    high = np.maximum(parts.first, last) + reach[:, None]
    box, corner = _box(axes, low.min(0), high.max(0))
    shape = tuple(part.stop - part.start for part in box)
    if 0 in shape:
        return
    own = np.full(shape, FAR, np.float32)
    for at in range(len(parts.lengths)):
        inner, _ = _box(axes, low[at], high[at])
        if any(part.stop <= part.start for part in inner):
            continue
        x, y, z = (axes[k][inner[k]] - np.float32(parts.first[at, k]) for k in range(3))
        u, v, w = (
            (x * row[0])[:, None, None] + (y * row[1])[None, :, None] + (z * row[2])[None, None, :]
            for row in parts.frames[at].astype(np.float32)
        )
        place = tuple(slice(part.start - first, part.stop - first) for part, first in zip(inner, corner, strict=True))
        own[place] = np.minimum(own[place], _distance(u, v, w, parts, at))
    here = field[box]
    overlap = np.maximum(blend - np.abs(here - own), 0)
    field[box] = np.minimum(here, own) - overlap * overlap / np.float32(4 * blend)


def _box(axes: list[np.ndarray], low: np.ndarray, high: np.ndarray) -> tuple[tuple[slice, slice, slice], list[int]]:
    found = [np.searchsorted(axes[k], [low[k], high[k]]) for k in range(3)]
    first = [int(pair[0]) for pair in found]
    return (
        slice(first[0], int(found[0][1])),
        slice(first[1], int(found[1][1])),
        slice(first[2], int(found[2][1])),
    ), first


def _zero(field: np.ndarray, axes: list[np.ndarray], *, half: bool) -> Mesh:
    """The surface where the field is 0, turned outwards; half a field's is mirrored and sewn together."""
    field = np.minimum(field, FAR)
    # A value of exactly zero would make triangles without area.
    field[np.abs(field) < 1e-7] = 1e-7
    grid = np.empty((*field.shape[::-1], 3))
    grid[..., 0], grid[..., 1], grid[..., 2] = axes[0], axes[1][:, None], axes[2][:, None, None]
    nx, ny, nz = field.shape
    values = np.ascontiguousarray(field.transpose(2, 1, 0), float).ravel()
    vertices, triangles, _ = igl.marching_cubes(values, grid.reshape(-1, 3), nx, ny, nz, 0.0)
    vertices, triangles = np.asarray(vertices, float), np.asarray(triangles, np.int32)
    if half:
        vertices, triangles = mirrored(vertices, triangles)
    corners = vertices[triangles]
    volume = (np.cross(corners[:, 0], corners[:, 1]) * corners[:, 2]).sum()
    return Mesh(vertices, triangles if volume > 0 else triangles[:, ::-1].copy())


def mirrored(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Half a surface and its mirror image, sharing the vertices at x = 0."""
    seam = vertices[:, 0] == 0.0
    other = np.arange(len(vertices))
    other[~seam] = len(vertices) + np.arange(int((~seam).sum()))
    both = np.concatenate([vertices, vertices[~seam] * [-1.0, 1.0, 1.0]])
    return both, np.concatenate([triangles, other[triangles][:, ::-1]]).astype(np.int32)
