"""Chains of joints: along a strip from its root to its tip, and down a cone in the directions that it covers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .cones import Cone

# by how far they are turned from the front to the left
DIRECTIONS = ("F", "F.L", "L", "B.L", "B", "B.R", "R", "F.R")
TURN = 2 * np.pi / len(DIRECTIONS)
COVERED = 0.5  # share of a cone's heights at which a direction must meet it to get a chain
FEWEST, MOST = 2, 5  # bones of a chain


@dataclass(frozen=True)
class Lane:
    """A chain to be: its joints, and where it lies among those beside it."""

    name: str  # without number: `skirt.F.L`
    joints: np.ndarray  # (n + 1, 3) from the body outwards
    angle: float = 0.0  # radians from the front to the left, of a cone's


@dataclass(frozen=True)
class Hanging:
    """Something that hangs: its vertices, its lanes, and what it hangs on."""

    base: str
    carrier: int
    vertices: np.ndarray  # (V,) bool
    lanes: tuple[Lane, ...]
    angle: np.ndarray | None = None  # (V,) of each vertex, of a cone's


def angles(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """How far points (N, 2) are turned from the front to the left, seen from the centres: -pi..pi."""
    away = points - centres
    return np.arctan2(away[:, 0], -away[:, 1])


def down_cone(cone: Cone, points: np.ndarray, bone: float, *, mirrored: bool) -> Hanging | None:
    """Chains of bones about `bone` long down a cone of vertices (V, 3); those across mirror each other if asked."""
    turned = [angles(ring, centre[None]) for ring, centre in zip(cone.rings, cone.centres, strict=True)]
    axis = np.stack([np.interp(points[:, 2], cone.heights[::-1], cone.centres[::-1, k]) for k in (0, 1)], 1)
    own = angles(points[:, :2], axis)
    turns = own[cone.vertices]
    lanes = []
    for number, word in enumerate(DIRECTIONS):
        angle = (number * TURN + np.pi) % (2 * np.pi) - np.pi
        reach = np.array([_reach(*at, angle) for at in zip(cone.rings, cone.centres, turned, strict=True)])
        there = np.flatnonzero(np.isfinite(reach))
        if len(there) < max(2, COVERED * len(reach)):
            continue
        lower = there[-1]
        heights, reach = cone.heights[: lower + 1], np.interp(np.arange(lower + 1), there, reach[there])
        out = np.array([np.sin(angle), -np.cos(angle)])
        line = np.concatenate([cone.centres[: lower + 1] + reach[:, None] * out, heights[:, None]], 1)
        lanes.append(Lane(f"{cone.base}.{word}", _to_hem(line, points[cone.vertices], turns, angle), angle))
    if not lanes:
        return None
    longest = max(_length(lane.joints) for lane in lanes)
    count = int(np.clip(round(longest / bone), FEWEST, MOST))
    even = tuple(Lane(lane.name, resampled(lane.joints, count), lane.angle) for lane in lanes)
    if mirrored:
        even = _mirrored(even)
    return Hanging(cone.base, cone.carrier, cone.vertices, even, own)


def along_strip(points: np.ndarray, start: np.ndarray, count: int) -> np.ndarray:
    """Joints (count + 1, 3) through the middle of points (N, 3) of a strip, from the end next to `start`."""
    axis = np.linalg.svd(points - points.mean(0), full_matrices=False)[2][0]
    place = (points - points.mean(0)) @ axis
    if np.linalg.norm(points[place.argmax()] - start) < np.linalg.norm(points[place.argmin()] - start):
        axis, place = -axis, -place
    slices = 2 * count
    edge = np.linspace(place.min(), place.max() + 1e-9, slices + 1)
    line = []
    for low, high in pairwise(edge):
        inside = (place >= low) & (place <= high)
        if inside.any():
            line.append(points[inside].mean(0))
    middle = np.stack(line)
    first = middle[0] + (place.min() - (middle[0] - points.mean(0)) @ axis) * axis
    last = middle[-1] + (place.max() - (middle[-1] - points.mean(0)) @ axis) * axis
    return resampled(np.concatenate([first[None], middle, last[None]]), count)


def resampled(line: np.ndarray, count: int) -> np.ndarray:
    """`count` stretches of the same length along a line (N, 3): (count + 1, 3)."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    gone = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-12))])
    wanted = np.linspace(0, gone[-1], count + 1)
    return np.stack([np.interp(wanted, gone, line[:, axis]) for axis in range(3)], 1)


def _to_hem(line: np.ndarray, points: np.ndarray, turned: np.ndarray, angle: float) -> np.ndarray:
    """The line led on to where the points (N, 3) end in its direction, where that is lower."""
    below = points[_near(turned, angle, TURN / 2) & (points[:, 2] < line[-1, 2] - 1e-6)]
    if len(below) == 0:
        return line
    low = below[:, 2].min()
    end = below[below[:, 2] <= low + 0.3 * (line[-1, 2] - low)].mean(0)
    return np.concatenate([line, [[end[0], end[1], low]]])


def _near(turned: np.ndarray, angle: float, width: float) -> np.ndarray:
    return np.abs((turned - angle + np.pi) % (2 * np.pi) - np.pi) < width


def _reach(ring: np.ndarray, centre: np.ndarray, turned: np.ndarray, angle: float) -> float:
    """How far from its centre a ring is in a direction; not a number where it is not there."""
    near = _near(turned, angle, TURN / 3)
    return float(np.linalg.norm(ring[near] - centre, axis=1).mean()) if near.any() else np.nan


def _length(line: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def _mirrored(lanes: tuple[Lane, ...]) -> tuple[Lane, ...]:
    """The same, those of both sides each other's mirror image in x = 0, those of the middle upon it."""
    flip = np.array([-1.0, 1.0, 1.0])
    known = {lane.name: lane for lane in lanes}
    made = []
    for lane in lanes:
        across = known.get(other(lane.name))
        joints = lane.joints if across is None else (lane.joints + flip * across.joints) / 2
        made.append(Lane(lane.name, joints, lane.angle))
    return tuple(made)


def other(name: str) -> str:
    """The name of the lane across."""
    swapped = {"L": "R", "R": "L"}
    return ".".join(swapped.get(word, word) for word in name.split("."))
