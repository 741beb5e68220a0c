"""Chairs and stools: seats, backs, arms and supports in every mixture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..making.parts import both, box, disc, slab, tube
from .common import Parts, Random, Style, board, chance, pick, rail, style_of, supports


@dataclass(frozen=True)
class Frame:
    """The back's own coordinates: u -1 .. 1 from right to left, v 0 .. 1 upward from the seat."""

    half_width: float
    height: float
    base: float  # z of the seat's top
    rear: float  # y of the seat's rear edge
    tilt: float
    bow: float  # how far the middle lies behind the sides
    flare: float  # how much wider the top is

    def at(self, u: np.ndarray | float, v: np.ndarray | float) -> np.ndarray:
        """Points (..., 3)."""
        u, v = np.broadcast_arrays(np.asarray(u, float), np.asarray(v, float))
        x = u * self.half_width * (1 + self.flare * v)
        y = self.rear + v * self.height * self.tilt + self.bow * (1 - u * u)
        return np.stack([x, y, self.base + v * self.height], -1)

    def sheet(self, left: float, right: float, low: float, high: float) -> np.ndarray:
        """A grid (R, C, 3) over part of the back."""
        u, v = np.linspace(left, right, 6), np.linspace(low, high, 4)
        return self.at(u[:, None], v)


def chair(rng: Random) -> Parts:
    """One chair."""
    style = style_of(rng)
    width, depth = rng.uniform(0.4, 0.62), rng.uniform(0.4, 0.56)
    height, thick = rng.uniform(0.36, 0.5), rng.uniform(0.025, 0.05)
    kind = pick(rng, "board board cushion round curved slats")
    stool = chance(rng, 0.06)
    if stool:
        height, kind = rng.uniform(0.4, 0.8), pick(rng, "round cushion board")
    if kind == "cushion":
        thick = rng.uniform(0.07, 0.14)
    if kind == "round":
        depth = width
    below = pick(rng, "four four four four sled star pedestal cross hairpin panels")
    if kind == "slats" and below in ("pedestal", "star"):
        below = "four"
    parts = _seat(rng, style, kind, width, depth, height, thick)
    shrink = 0.72 if kind == "round" and below not in ("pedestal", "star") else 0.96
    parts += supports(rng, style, below, width * shrink, depth * shrink, height, 0.6 * thick)
    if stool:
        return parts
    frame = Frame(
        half_width=width / 2 * (0.75 if kind == "round" else 0.93),
        height=rng.uniform(0.3, 0.62),
        base=height + 0.6 * thick,
        rear=depth / 2 * (0.7 if kind == "round" else 0.93) - 0.02,
        tilt=rng.uniform(0, 0.3),
        bow=rng.uniform(0, 0.08) * (style.bent > -0.3),
        flare=rng.uniform(-0.15, 0.2),
    )
    back = pick(rng, "solid solid upright ladder spindles hoop splat lattice cross padded holed")
    parts += BACKS[back](rng, style, frame)
    if chance(rng, 0.4):
        parts += _arms(rng, style, frame, width, depth, height + thick)
    return parts


def _seat(rng: Random, style: Style, kind: str, width: float, depth: float, height: float, thick: float) -> Parts:
    z = height + thick / 2
    if kind == "round":
        return [disc([0, 0, z], [0, 0, 1], width / 2, thick / 2, pick(rng, "round sharp"), 32, power=pick_power(rng))]
    if kind == "curved":
        u, v = np.linspace(-1, 1, 7)[:, None], np.linspace(-1, 1, 7)
        dip = 0.03 * (u**2 - 0.5) + rng.uniform(0, 0.06) * (np.abs(v) ** 3) * np.where(v > 0, 1, -1)
        grid = np.stack([u * width / 2 + 0 * v, v * depth / 2 + 0 * u, z + dip], -1)
        return [slab(grid, thick / 2, rim="round")]
    if kind == "slats":
        count = int(rng.integers(4, 8))
        gap = depth / count
        frame = [box([s * 0.42 * width, 0, height + 0.35 * thick], [0.05, depth, 0.7 * thick]) for s in (-1, 1)]
        lines = (np.arange(count) + 0.5) * gap - depth / 2
        return frame + [board(style, [0, y, z], [width, gap * 0.7, thick * 0.75]) for y in lines]
    if kind == "cushion":
        plate = board(style, [0, 0, height + 0.012], [width * 0.97, depth * 0.97, 0.024])
        return [plate, box([0, 0, z], [width, depth, thick], 1.0, 0.6 * thick / 2)]
    return [board(style, [0, 0, z], [width, depth, thick])]


def pick_power(rng: Random) -> float:
    """From a circle to nearly a square."""
    return 2.0 if chance(rng, 0.5) else rng.uniform(2.5, 5)


def _posts(rng: Random, style: Style, frame: Frame, radius: float, top: float = 1.0) -> Parts:
    v = np.linspace(-0.04, top, 5)
    return [rail(style, frame.at(u, v), radius, flat=False) for u in (-1, 1)]


def _solid_back(rng: Random, style: Style, frame: Frame) -> Parts:
    low = 0.0 if chance(rng, 0.6) else rng.uniform(0.15, 0.4)
    low = -0.03 if low == 0 else low
    panel = slab(frame.sheet(-1, 1, low, 1), rng.uniform(0.01, 0.022), rim=pick(rng, "round sharp"))
    return [panel, *(_posts(rng, style, frame, 0.02 * style.thick, 0.95) if low > 0 else [])]


def _padded(rng: Random, style: Style, frame: Frame) -> Parts:
    panel = slab(frame.sheet(-0.88, 0.88, 0.06, 0.94), rng.uniform(0.03, 0.06), rim="round")
    if chance(rng, 0.5):
        return [panel, tube(frame.at(0, np.linspace(-0.06, 0.3, 4)), 0.03)]
    return [panel, *_posts(rng, style, frame, 0.022, 0.8)]


def _across(style: Style, frame: Frame, v: float, radius: float, reach: float = 1.0) -> Parts:
    return [rail(style, frame.at(np.linspace(-reach, reach, 7), v), radius, flat=False)]


def _upright(rng: Random, style: Style, frame: Frame) -> Parts:
    """Flat slats between two rails."""
    count, radius = int(rng.integers(3, 7)), 0.018 * style.thick
    low = rng.uniform(0.08, 0.2)
    parts = _posts(rng, style, frame, radius) + _across(style, frame, low, radius) + _across(style, frame, 0.97, radius)
    edge = np.linspace(-0.88, 0.88, 2 * count + 1)
    slats = zip(edge[:-1:2] + 0.03, edge[1::2] + 0.03, strict=True)
    thin = 0.55 * radius
    return parts + [slab(frame.at(np.linspace(a, b, 3)[:, None], np.linspace(low, 0.97, 3)), thin) for a, b in slats]


def _ladder(rng: Random, style: Style, frame: Frame) -> Parts:
    """Slats from post to post."""
    count, radius = int(rng.integers(2, 6)), 0.018 * style.thick
    edge = np.linspace(rng.uniform(0.05, 0.4), 1.0, 2 * count)
    slats = [frame.sheet(-1, 1, a, b) for a, b in zip(edge[::2], edge[1::2], strict=True)]
    return _posts(rng, style, frame, radius) + [slab(grid, 0.55 * radius, pick(rng, "sharp round")) for grid in slats]


def _spindles(rng: Random, style: Style, frame: Frame) -> Parts:
    """Thin rods under a heavy top rail."""
    count, thin = int(rng.integers(4, 9)), rng.uniform(0.006, 0.011)
    top = slab(frame.sheet(-1.05, 1.05, 0.84, 1), 0.015 * style.thick, rim="round")
    posts = _posts(rng, style, frame, 0.016 * style.thick, 0.95)
    inner = np.linspace(-1, 1, count + 2)[1:-1]
    return [top, *posts, *(tube(frame.at(u, np.linspace(-0.03, 0.9, 3)), thin, ends="flat") for u in inner)]


def _hoop(rng: Random, style: Style, frame: Frame) -> Parts:
    """A bent bow with rods in it."""
    turn = np.linspace(0, np.pi, 15)
    swell = rng.uniform(0.85, 1.1)
    line = frame.at(np.cos(turn) * swell, np.where(np.sin(turn) < 0.01, -0.04, np.sin(turn)))
    count, thin = int(rng.integers(2, 8)), rng.uniform(0.007, 0.011)
    inner = np.linspace(-0.75, 0.75, count)
    tops = np.sqrt(1 - (inner / swell) ** 2)
    rods = [tube(frame.at(u, np.linspace(-0.03, v, 3)), thin, ends="flat") for u, v in zip(inner, tops, strict=True)]
    return [tube(line, 0.016 * style.thick), *rods]


def _splat(rng: Random, style: Style, frame: Frame) -> Parts:
    """One shaped board in the middle."""
    radius, v = 0.018 * style.thick, np.linspace(-0.02, 0.97, 9)
    half = rng.uniform(0.15, 0.35) * (1 + 0.45 * np.sin(v * rng.uniform(4, 9) + 1))
    grid = frame.at(np.linspace(-1, 1, 4)[:, None] * half, v)
    return [*_posts(rng, style, frame, radius), *_across(style, frame, 0.97, 1.2 * radius), slab(grid, 0.55 * radius)]


def _lattice(rng: Random, style: Style, frame: Frame) -> Parts:
    """Rods both ways."""
    radius, low = 0.016 * style.thick, rng.uniform(0.1, 0.35)
    ups, rows = np.linspace(-1, 1, int(rng.integers(3, 7)))[1:-1], np.linspace(low, 0.97, int(rng.integers(3, 6)))
    parts = _posts(rng, style, frame, radius)
    for k, v in enumerate(rows):
        parts += _across(style, frame, v, radius if k in (0, len(rows) - 1) else 0.6 * radius)
    return parts + [tube(frame.at(u, np.linspace(low, 0.97, 3)), 0.6 * radius, ends="flat") for u in ups]


def _crossed(rng: Random, style: Style, frame: Frame) -> Parts:
    """An X between two rails."""
    radius, low = 0.018 * style.thick, rng.uniform(0.1, 0.3)
    parts = _posts(rng, style, frame, radius) + _across(style, frame, low, radius) + _across(style, frame, 0.97, radius)
    u, v = np.linspace(-0.95, 0.95, 7), np.linspace(low, 0.97, 7)
    return [*parts, tube(frame.at(u, v), 0.7 * radius), tube(frame.at(-u, v), 0.7 * radius)]


def _holed(rng: Random, style: Style, frame: Frame) -> Parts:
    """A panel with one or two windows."""
    half, edge = 0.014 * style.thick, rng.uniform(0.2, 0.4)
    low, high = rng.uniform(0.2, 0.4), rng.uniform(0.55, 0.85)
    parts = [slab(frame.sheet(-1, 1, -0.03, low), half), slab(frame.sheet(-1, 1, high, 1), half, "round")]
    parts += [
        slab(frame.sheet(a, b, low - 0.1, high + 0.06), 0.97 * half) for a, b in ((-0.99, edge - 1), (1 - edge, 0.99))
    ]
    if chance(rng, 0.4):
        parts.append(slab(frame.sheet(-0.12, 0.12, low - 0.1, high + 0.06), 0.95 * half))
    return parts


BACKS: dict[str, Callable[[Random, Style, Frame], Parts]] = {
    "solid": _solid_back,
    "padded": _padded,
    "upright": _upright,
    "ladder": _ladder,
    "spindles": _spindles,
    "hoop": _hoop,
    "splat": _splat,
    "lattice": _lattice,
    "cross": _crossed,
    "holed": _holed,
}


def _arms(rng: Random, style: Style, frame: Frame, width: float, depth: float, top: float) -> Parts:
    """Rests from the back's sides forward, on posts, as loops, or as panels."""
    level, radius = rng.uniform(0.16, 0.26), 0.016 * style.thick
    v = min(level / frame.height, 0.85)
    start = frame.at(1.0, v)
    x, front = max(float(start[0]), width / 2 - 0.01), -depth / 2 * rng.uniform(0.3, 0.85)
    z = float(start[2])
    kind = pick(rng, "post post loop panel swept")
    if kind == "panel":
        side = box([x, (front + start[1]) / 2, (z + top) / 2 - 0.02], [2.4 * radius, start[1] - front, z - top + 0.06])
        return both(side)
    lean = rng.uniform(-0.02, 0.06)
    corner = [x + lean, front, z + 0.3 * lean]
    foot = [width / 2 - 1.5 * radius, front * rng.uniform(0.75, 1), top - 0.02]
    if kind == "loop":
        return both(tube([start, corner, foot], radius, ends="flat", sides=4 if style.square else 10))
    if kind == "swept":
        share = np.linspace(0, 1, 8)[:, None]
        curve = (1 - share) ** 2 * start + 2 * share * (1 - share) * np.array(corner) + share**2 * np.array(foot)
        return both(tube(curve, radius, ends="flat"))
    rest = board(style, [x + lean / 2, (front + start[1]) / 2, z], [0.05 * style.thick, start[1] - front + 0.04, 0.025])
    return [*both(rest), *both(rail(style, [foot, [x + lean / 2, front + 0.04, z]], 0.8 * radius))]
