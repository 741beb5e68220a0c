"""Feet on the ground: when they touch it, and how they stay where they touch it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..anatomy import Armature
from .clips import heads_of, replaced
from .legs import Leg, reaching, too_far

LOW = 0.05  # of the height: a ball that is no higher than this above its lowest
SLOW = 0.28  # of the height a second: and no faster than this touches the ground
SHORTEST, GAP = 0.08, 0.06  # seconds: touches that are shorter are none, gaps that are shorter neither
BLEND = 0.18  # seconds in which a foot goes from its own way to where it stays, and back
SMOOTH = 0.12  # seconds over which the body sinks so that legs reach


@dataclass(frozen=True)
class Touch:
    """A foot on the ground from one frame to another, that one not included."""

    leg: int
    start: int
    stop: int


def touches_of(balls: np.ndarray, height: float, rate: float) -> list[tuple[int, int]]:
    """When a ball that goes along `balls` (T, 3) touches the ground: the first frame, and the one after the last."""
    if len(balls) < 3:
        return [(0, len(balls))]
    speed = np.linalg.norm(np.gradient(balls[:, :2], axis=0), axis=1) * rate
    floor = float(np.percentile(balls[:, 2], 2))
    down = (balls[:, 2] < floor + LOW * height) & (speed < SLOW * height)
    down = _filled(down, max(round(GAP * rate), 1), value=True)
    down = _filled(down, max(round(SHORTEST * rate), 1), value=False)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], down, [False]]).astype(int)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _filled(flags: np.ndarray, longest: int, *, value: bool) -> np.ndarray:
    """Runs of the other value that are no longer than `longest` frames and lie between two of this one are filled."""
    result, start = flags.copy(), 0
    for frame in range(1, len(flags) + 1):
        if frame == len(flags) or flags[frame] != flags[start]:
            inner = start > 0 and frame < len(flags)
            if flags[start] != value and frame - start <= longest and (inner or not value):
                result[start:frame] = value
            start = frame
    return result


def planted(balls: np.ndarray, touches: Sequence[tuple[int, int]], floor: float, rate: float) -> np.ndarray:
    """The way (T, 3) of a ball that stays where it touches the ground, at the height `floor`, and is never below."""
    frames = np.arange(len(balls), dtype=float)
    offset, weight = np.zeros_like(balls), np.zeros(len(balls))
    blend = max(BLEND * rate, 1.0)
    for start, stop in touches:
        place = np.array([*np.median(balls[start:stop, :2], axis=0), floor])
        away = np.maximum(np.maximum(start - frames, frames - (stop - 1)), 0.0)
        share = np.clip(1.0 - away / blend, 0.0, 1.0)
        share = share**2 * (3.0 - 2.0 * share)
        held = np.clip(frames, start, stop - 1).astype(int)
        stronger = share > weight
        offset[stronger] = (share[:, None] * (place - balls[held]))[stronger]
        weight = np.maximum(weight, share)
        offset[start:stop], weight[start:stop] = place - balls[start:stop], 1.0
    way = balls + offset
    way[:, 2] = np.maximum(way[:, 2], floor)
    for start, stop in touches:
        way[start:stop, :2] = way[start, :2]
    return way


def on_their_feet(
    armature: Armature,
    legs: Sequence[Leg],
    turns: np.ndarray,
    roots: np.ndarray,
    ways: Sequence[np.ndarray],
    rate: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Turns and roots with which each leg's ball goes its way (T, 3); the body sinks where a leg would not reach."""
    heads = heads_of(armature, turns, roots)
    sink = np.max([too_far(armature, leg, turns, heads, way) for leg, way in zip(legs, ways, strict=True)], axis=0)
    roots = roots - np.array([0.0, 0.0, 1.0]) * _covering(sink, max(round(SMOOTH * rate), 1))[:, None]
    heads = heads_of(armature, turns, roots)
    fresh: dict[int, np.ndarray] = {}
    for leg, way in zip(legs, ways, strict=True):
        fresh[leg.upper], fresh[leg.lower] = reaching(armature, leg, turns, heads, way)
        fresh[leg.foot] = turns[:, leg.foot]
    return replaced(armature, turns, fresh), roots


def _covering(values: np.ndarray, reach: int) -> np.ndarray:
    """Smooth values that are nowhere less than `values` (T,)."""
    if not values.any():
        return values
    padded = np.pad(values, 2 * reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    highest = windows.max(1)
    weights = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(highest, weights / weights.sum(), mode="valid")
