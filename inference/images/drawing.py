"""Triangles drawn into a picture by NumPy alone, lit like the pictures that networks learn from.

A ray of sight meets a triangle where it is on the inner side of the three planes through the eye and an edge. So
nothing needs to be clipped: triangles may reach past the eye.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..geometry.mesh.rasterize import expand
from .viewpoint import Viewpoint, pixels_of

SAMPLES = 2  # along each side of a pixel
AT_ONCE = 1 << 20  # pixels of triangles that are drawn together at most, or rows of triangles if these are short
AMBIENT = 0.25
# towards a light (right, forward, up) and its strength: a key from the upper left, a fill from the right
LIGHTS = (((-0.45, -0.65, 0.62), 0.8), ((0.75, -0.6, 0.3), 0.2))


@dataclass(frozen=True)
class Drawing:
    """A picture, and what is seen in it."""

    picture: np.ndarray  # (H, W, 4) uint8, sRGB and straight alpha, the upper row first
    triangle: np.ndarray  # (SAMPLES H, SAMPLES W) int32, the nearest one at each sample, -1 where nothing is


def draw(
    vertices: np.ndarray, triangles: np.ndarray, colours: np.ndarray, viewpoint: Viewpoint, longer: int
) -> Drawing:
    """Vertices (V, 3) of the world and triangles (F, 3) with linear colours (F, 3), both sides of each."""
    width, height = pixels_of(viewpoint, longer)
    fine = (SAMPLES * width, SAMPLES * height)
    owner = _nearest(viewpoint.seen(vertices), triangles, viewpoint, fine)
    there = owner >= 0
    shown = np.zeros(len(triangles), bool)
    shown[owner[there]] = True
    lit = np.zeros((len(triangles), 3))
    lit[shown] = _lit(vertices[triangles[shown]], colours[shown], viewpoint)
    linear = np.zeros((*owner.shape, 3))
    linear[there] = lit[owner[there]]
    share = _pooled(there[..., None].astype(float), width, height)
    colour = _pooled(linear, width, height) / np.maximum(share, 1e-9)
    picture = np.concatenate([to_srgb(colour), share], 2)
    return Drawing(np.round(255 * picture).astype(np.uint8), owner)


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Linear light as a screen shows it, clipped to 0..1."""
    clipped = np.clip(linear, 0.0, 1.0)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055)


def _nearest(seen: np.ndarray, triangles: np.ndarray, viewpoint: Viewpoint, size: tuple[int, int]) -> np.ndarray:
    """Number (H, W) of the nearest triangle at the centre of each of `size` pixels, -1 where there is none."""
    (width, height), (left, right, bottom, top) = size, viewpoint.window
    depth = seen[:, 1]
    weight = np.ones(len(seen)) if viewpoint.parallel else depth
    column = (seen[:, 0] - left * weight) * width / (right - left)
    row = (top * weight - seen[:, 2]) * height / (top - bottom)
    corners = np.stack([column, row, weight], 1)[triangles]  # (F, 3, 3)
    a, b, c = corners.transpose(1, 0, 2)
    planes = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], 1)  # (F, 3, 3)
    volume = np.einsum("fi,fi->f", a, planes[:, 0])
    planes *= np.sign(volume)[:, None, None]  # the inner sides are the positive ones
    over, under = (planes * depth[triangles][..., None]).sum(1), planes.sum(1)  # depth is over . ray / under . ray
    low, high = _rows(corners, depth[triangles] > viewpoint.near, volume != 0, height)
    owner, closest = np.full(width * height, -1, np.int32), np.full(width * height, np.inf)
    for face, row in _shares(low, high, width):
        first, last = _columns(planes[face], row + 0.5, width)
        line, column = expand(first, last)
        middle = column + 0.5
        above, below = (part[face, 0][line] * middle + _at(part[face], row + 0.5)[line] for part in (over, under))
        away = above / np.maximum(below, 1e-300)
        face, pixel = face[line], row[line] * width + column
        hit = np.flatnonzero(away > viewpoint.near)
        face, pixel, away = face[hit], pixel[hit], away[hit]
        np.minimum.at(closest, pixel, away)
        nearest = away == closest[pixel]
        owner[pixel[nearest]] = face[nearest]
    return owner.reshape(height, width)


def _rows(corners: np.ndarray, before: np.ndarray, usable: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """First row and one past the last, (F,) each, where a triangle may be; all rows if it reaches past the eye."""
    flat = corners[..., 1] / np.where(before, corners[..., 2], 1.0)
    whole, nothing = before.all(1), ~(before.any(1) & usable)
    low = np.where(whole, np.clip(np.ceil(flat.min(1) - 0.5), 0, height), 0)
    high = np.where(whole, np.clip(np.floor(flat.max(1) - 0.5) + 1, 0, height), height)
    return np.where(nothing, 0, low).astype(np.int64), np.where(nothing, 0, high).astype(np.int64)


def _at(planes: np.ndarray, row: np.ndarray) -> np.ndarray:
    """What planes (N, 3) give at `row` (N,), column 0."""
    return planes[:, 1] * row + planes[:, 2]


def _columns(planes: np.ndarray, row: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """First column and one past the last, (N,) each, within the planes (N, 3, 3) of the edges at `row` (N,)."""
    slope, rest = planes[..., 0], planes[..., 1] * row[:, None] + planes[..., 2]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossing = -rest / slope
    low = np.where(slope > 0, crossing, -np.inf).max(1)
    high = np.where(slope < 0, crossing, np.inf).min(1)
    nothing = ((slope == 0) & (rest < 0)).any(1)
    first = np.clip(np.ceil(low - 0.5), 0, width)
    last = np.where(nothing, 0, np.clip(np.floor(high - 0.5) + 1, 0, width))
    return first.astype(np.int64), np.maximum(last, first).astype(np.int64)


def _shares(low: np.ndarray, high: np.ndarray, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every triangle with every row it may be in, so many at a time that their pixels fit into memory."""
    ends = np.cumsum(high - low)
    most = max(AT_ONCE // width, 1)
    start = 0
    while start < len(low):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + most, side="right")), start + 1)
        owner, row = expand(low[start:stop], high[start:stop])
        if len(owner):
            yield owner + start, row
        start = stop


def _lit(corners: np.ndarray, colours: np.ndarray, viewpoint: Viewpoint) -> np.ndarray:
    """Linear colours (N, 3) of matt triangles with these corners (N, 3, 3)."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) @ viewpoint.axes.T
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    middle = viewpoint.seen(corners.mean(1))
    towards = np.array([[0.0, 1.0, 0.0]]) if viewpoint.parallel else middle
    normals = np.where((normals * towards).sum(1, keepdims=True) > 0, -normals, normals)
    bright = np.full(len(normals), AMBIENT)
    for direction, strength in LIGHTS:
        bright += strength * np.maximum(normals @ (np.array(direction) / np.linalg.norm(direction)), 0.0)
    return colours * bright[:, None]


def _pooled(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """The mean over the samples of each pixel, (height, width, K)."""
    return values.reshape(height, SAMPLES, width, SAMPLES, -1).mean((1, 3))
