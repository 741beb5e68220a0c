"""Pictures of meshes and of what lies in them, drawn by NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PAPER = np.array([0.96, 0.96, 0.955])
CLAY = np.array([0.78, 0.75, 0.70])
LIGHT = np.array([-0.45, -0.65, 0.62]) / np.linalg.norm([-0.45, -0.65, 0.62])


@dataclass(frozen=True)
class DrawnFrom:
    """A picture's frame: parallel rays, Z up; turned about Z and tipped towards the viewer."""

    size: int  # pixels of a side
    azimuth: float = 35.0  # degrees; 0 looks along +Y, at the front of what faces -Y
    elevation: float = 18.0
    reach: float = 0.62  # half the side, in the shape's units

    @property
    def axes(self) -> np.ndarray:
        """Rows: right, up, towards the viewer (3, 3)."""
        a, e = np.radians([self.azimuth, self.elevation])
        right = np.array([np.cos(a), np.sin(a), 0])
        back = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
        return np.stack([right, np.cross(back, right), back])

    def place(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) as (column, row, nearness)."""
        seen = points @ self.axes.T
        scale = self.size / (2 * self.reach)
        return np.stack([self.size / 2 + scale * seen[:, 0], self.size / 2 - scale * seen[:, 1], seen[:, 2]], 1)


def shade(vertices: np.ndarray, triangles: np.ndarray, view: DrawnFrom, colour: np.ndarray = CLAY) -> np.ndarray:
    """The shaded mesh on paper, (size, size, 3) in 0..1. Back faces show darker and red: holes are seen."""
    owner = rasterise(view.place(vertices), triangles, view.size)
    corners = vertices[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    facing = normal @ view.axes[2] >= 0
    bright = 0.38 + 0.62 * np.clip(normal @ (LIGHT @ _turn(view.azimuth)), 0, 1) + 0.10 * normal[:, 2]
    tint = np.where(facing[:, None], colour, colour * [0.95, 0.45, 0.40])
    flat = np.clip(bright[:, None] * tint * 1.12, 0, 1)
    picture = np.tile(PAPER, (view.size, view.size, 1))
    seen = owner >= 0
    picture[seen] = flat[owner[seen]]
    return picture


def _turn(azimuth: float) -> np.ndarray:
    """The light turns with the viewer."""
    a = np.radians(azimuth)
    return np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])


def rasterise(placed: np.ndarray, triangles: np.ndarray, size: int) -> np.ndarray:
    """Number (size, size) of the nearest triangle, -1 where there is none.

    Every pair of a triangle and a pixel in its box is tried at once.
    """
    corners = placed[triangles]  # (F, 3, 3)
    low = np.clip(np.floor(corners[..., :2].min(1)), 0, size).astype(int)
    high = np.clip(np.ceil(corners[..., :2].max(1)), 0, size).astype(int)
    wide, tall = (np.maximum(high - low, 0)).T
    count = wide * tall
    face = np.repeat(np.arange(len(triangles)), count)
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column, row = low[face, 0] + rank % wide[face], low[face, 1] + rank // wide[face]
    (a, b, c), x, y = corners[face].transpose(1, 0, 2), column + 0.5, row + 0.5
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    area = np.where(area == 0, np.inf, area)
    v = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (y - a[:, 1])) / area
    w = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (x - a[:, 0]) * (b[:, 1] - a[:, 1])) / area
    hit = (v >= 0) & (w >= 0) & (v + w <= 1) & np.isfinite(area)
    near = (a[:, 2] + v * (b[:, 2] - a[:, 2]) + w * (c[:, 2] - a[:, 2]))[hit]
    pixel = (row * size + column)[hit]
    order = np.lexsort((near, pixel))  # the last of each pixel is the nearest
    last = order[np.append(np.diff(pixel[order]) > 0, True)] if len(order) else order
    owner = np.full(size * size, -1)
    owner[pixel[last]] = face[hit][last]
    return owner.reshape(size, size)


def balls(
    picture: np.ndarray, centres: np.ndarray, radii: np.ndarray, colours: np.ndarray, view: DrawnFrom
) -> np.ndarray:
    """Shaded balls (N,) drawn over a picture, the nearer before the farther."""
    size, scale = view.size, view.size / (2 * view.reach)
    if len(centres) == 0:
        return picture
    placed, reach = view.place(centres), np.maximum(radii * scale, 0.8)
    low = np.clip(np.floor(placed[:, :2] - reach[:, None]), 0, size).astype(int)
    high = np.clip(np.ceil(placed[:, :2] + reach[:, None]), 0, size).astype(int)
    wide, tall = np.maximum(high - low, 0).T
    count = wide * tall
    ball = np.repeat(np.arange(len(centres)), count)
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column, row = low[ball, 0] + rank % wide[ball], low[ball, 1] + rank // wide[ball]
    aside = np.stack([column + 0.5 - placed[ball, 0], placed[ball, 1] - row - 0.5], 1) / reach[ball, None]
    squared = (aside**2).sum(1)
    hit = squared <= 1
    front = np.sqrt(1 - squared[hit])
    near = placed[ball[hit], 2] + front * reach[ball[hit]] / scale
    pixel = (row * size + column)[hit]
    order = np.lexsort((near, pixel))
    last = order[np.append(np.diff(pixel[order]) > 0, True)] if len(order) else order
    bright = 0.45 + 0.45 * front[last] + 0.15 * (aside[hit][last, 1] - aside[hit][last, 0])
    drawn = picture.reshape(-1, 3).copy()
    drawn[pixel[last]] = np.clip(bright[:, None] * colours[ball[hit][last]], 0, 1)
    return drawn.reshape(picture.shape)


def along(line: np.ndarray, view: DrawnFrom) -> np.ndarray:
    """Points along a line (N, 3), close enough to look like one when they are drawn as balls; (M, 3)."""
    step = np.linalg.norm(np.diff(line, axis=0), axis=1)
    counts = np.maximum(np.ceil(step * view.size / view.reach).astype(int), 1)
    start = np.repeat(np.arange(len(step)), counts)
    share = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[start]
    return np.concatenate([line[start] + share[:, None] * (line[start + 1] - line[start]), line[-1:]])
