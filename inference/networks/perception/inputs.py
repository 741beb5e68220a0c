"""What perception sees of surfaces: points, the places that stand for their surroundings, and who is near whom."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

POINTS = 1024
TOKENS = 255  # places that speak for their surroundings
CLOSE, WIDE, STRIDE = 16, 16, 3  # nearest points of a place; and every third of the next 48
BACK = 3  # places that each point hears of
FLAT = 0.25  # sine below which the step to another point lies in the surface, and no ball fits between
LARGEST = 0.5  # radius of a ball


@dataclass(frozen=True)
class Inputs:
    """What the network is given of N shapes. Each lies in a box of longest side 1 around the origin."""

    cloud: np.ndarray  # (N, P, 6) float32, places and unit normals
    tokens: np.ndarray  # (N, T) int64, points that speak for their surroundings
    near: np.ndarray  # (N, T, CLOSE + WIDE) int64, points around each
    back: np.ndarray  # (N, P, BACK) int64, tokens around each point
    ball: np.ndarray  # (N, T) float32, radius of the largest ball that touches the surface there from inside
    facts: np.ndarray  # (N, 4) float32: vertices known, log of their number, joints known, log of their number
    known_plan: np.ndarray  # (N,) int64, 0 or 1 + index of the body plan where it is known

    def arrays(self) -> dict[str, np.ndarray]:
        """By the names that the network knows them by."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


def place(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Points (P, 3) moved into the unit box, and the middle (3,) and size that they were moved by."""
    low, high = points.min(0), points.max(0)
    middle, size = (low + high) / 2, max(float((high - low).max()), 1e-12)
    return (points - middle) / size, middle, size


def inputs_of(clouds: np.ndarray, vertices: np.ndarray, joints: np.ndarray, plans: np.ndarray) -> Inputs:
    """Inputs from clouds (N, P, 6) and what is known of each (N,), 0 = not: numbers of vertices and joints, plan."""
    clouds = np.ascontiguousarray(clouds, np.float32)
    at = clouds[:, :, :3]
    tokens = spread(at, TOKENS)
    rows = np.arange(len(clouds))[:, None]
    chosen = clouds[rows, tokens]
    apart = _squares(chosen[:, :, :3], at)
    wide = CLOSE + STRIDE * WIDE
    near = nearest(apart, wide)
    near = np.concatenate([near[:, :, :CLOSE], near[:, :, CLOSE::STRIDE]], 2)
    back = least(np.ascontiguousarray(apart.transpose(0, 2, 1)), BACK)
    facts = np.stack([vertices > 0, _log(vertices, 1000, 2), joints > 0, _log(joints, 30, 1)], 1).astype(np.float32)
    return Inputs(clouds, tokens, near, back, balls(chosen, at, apart), facts, plans.astype(np.int64))


def spread(points: np.ndarray, count: int) -> np.ndarray:
    """Of each of the sets (N, P, 3) `count` points far from one another, (N, count); the first point is the first."""
    rows = np.arange(len(points))
    x, y, z = (np.ascontiguousarray(points[:, :, k]) for k in range(3))
    chosen = np.zeros((len(points), count), np.int64)
    gap = np.full(points.shape[:2], np.inf, np.float32)
    for turn in range(1, count):
        last = chosen[:, turn - 1]
        step = x - x[rows, last][:, None]
        apart = step * step
        for axis in (y, z):
            step = axis - axis[rows, last][:, None]
            apart += step * step
        np.minimum(gap, apart, out=gap)
        chosen[:, turn] = gap.argmax(1)
    return chosen


def nearest(apart: np.ndarray, count: int) -> np.ndarray:
    """Along the last axis, of at most 1,024, the places of the `count` smallest of positive numbers, in rising order.

    The place takes the last ten bits of each number, so that sorting the numbers sorts the places.
    """
    apart = np.ascontiguousarray(apart, np.float32)
    keys = (apart.view(np.int32) & ~1023) | np.arange(apart.shape[-1], dtype=np.int32)
    keys = np.partition(keys, count - 1, axis=-1)[..., :count]
    keys.sort(axis=-1)
    return (keys & 1023).astype(np.int64)


def least(apart: np.ndarray, count: int) -> np.ndarray:
    """The same for a very small count."""
    left, found = apart.copy(), []
    for _ in range(count):
        found.append(left.argmin(-1))
        np.put_along_axis(left, found[-1][..., None], np.inf, -1)
    return np.stack(found, -1)


def balls(chosen: np.ndarray, points: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Radius of the largest ball inside the surface that touches it at each chosen place, (N, T) float32.

    `chosen` (N, T, 6) with normals, `points` (N, P, 3), `apart` (N, T, P) their squared distances. A ball that touches
    at p, with the outward normal n, and at q has the radius |p - q|^2 / (2 n . (p - q)).
    """
    normals = chosen[:, :, 3:]
    deep = (normals * chosen[:, :, :3]).sum(2, keepdims=True) - normals @ points.transpose(0, 2, 1)
    length = np.sqrt(apart)
    radius = apart / (2 * np.maximum(deep, 1e-9))
    radius[deep < FLAT * length + 1e-6] = LARGEST
    return np.minimum(radius.min(2), LARGEST).astype(np.float32)


def _squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances between the points of a (N, A, 3) and b (N, B, 3), (N, A, B)."""
    squares = (a * a).sum(2)[:, :, None] + (b * b).sum(2)[:, None] - 2 * (a @ b.transpose(0, 2, 1))
    return np.maximum(squares, 0.0)


def _log(number: np.ndarray, usual: float, width: float) -> np.ndarray:
    """The logarithm of a number beside a usual one; 0 where it is not known."""
    return np.where(number > 0, np.log(np.maximum(number, 1) / usual) / width, 0.0)
