"""Sofas: one to four seats, straight or with a long side, cushions, rolled, boxed or no arms, legs or a plinth."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, box, moved, tube, turned
from .common import Parts, Random, Style, chance, leg, pick, style_of


def sofa(rng: Random) -> Parts:
    """One sofa."""
    style = style_of(rng)
    seats = int(rng.integers(1, 5))
    inner, depth = seats * rng.uniform(0.52, 0.72), rng.uniform(0.75, 1.0)
    foot, low = rng.uniform(0.03, 0.16), rng.uniform(0.16, 0.26)
    soft = rng.uniform(0.3, 0.9)
    arm = 0.0 if chance(rng, 0.12) else rng.uniform(0.09, 0.24)
    width = inner + 2 * arm
    base = _cushion([0, 0, foot + low / 2], [width, depth, low], 0.25 * soft)
    back, thick = rng.uniform(0.32, 0.58), rng.uniform(0.14, 0.24)
    top = foot + low
    parts = [base, _back(rng, width, depth, top, back, thick, soft)]
    if arm:
        parts += _arms(rng, style, width, depth, top, arm, soft)
    side = int(rng.integers(-1, 2)) if chance(rng, 0.3) and seats > 1 else 0
    reach = rng.uniform(0.4, 0.8) if side else 0.0
    wide = inner / max(seats, 1)
    if side:
        x = side * (width / 2 - arm * 0.5 - wide / 2)
        parts.append(
            _cushion(
                [x, -depth / 2 - reach / 2 + 0.1, foot + low / 2], [wide + 0.5 * arm, reach + 0.2, low], 0.25 * soft
            )
        )
    cushioned = chance(rng, 0.85)
    if cushioned:
        parts += _cushions(rng, inner, seats, depth, top, back, thick, soft, side, reach, arm)
    parts += _feet(rng, style, width, depth, foot, side, reach, wide, arm)
    if chance(rng, 0.3):
        parts += _pillows(rng, inner, depth, top + (0.07 if cushioned else -0.02), thick)
    return parts


def _cushion(centre: list[float], size: list[float], soft: float) -> Part:
    """Upholstery: rounded along and at its ends."""
    return box(centre, size, max(soft, 0.05), soft * min(size) / 2)


def _back(rng: Random, width: float, depth: float, top: float, high: float, thick: float, soft: float) -> Part:
    tilt, rear = rng.uniform(0, 0.2), depth / 2 - thick / 2
    lean = [0, tilt, 1]
    kind = pick(rng, "straight straight humped")
    if kind == "straight":
        line = [
            [-width / 2, rear + tilt * high / 2, top - 0.05 + high / 2],
            [width / 2, rear + tilt * high / 2, top - 0.05 + high / 2],
        ]
        return bar(line, lean, high / 2 + 0.05, thick / 2, soft, 0.4 * soft * thick)
    x = np.linspace(-1, 1, 13)
    hump = 1 - rng.uniform(0.1, 0.35) * np.abs(x) ** rng.uniform(1.5, 3)
    half = high * hump / 2 + 0.05
    line = np.stack([x * width / 2, rear + 0 * x, top - 0.1 + half], 1)
    return bar(line, [0, 0, 1], half, thick / 2, soft)


def _arms(rng: Random, style: Style, width: float, depth: float, top: float, arm: float, soft: float) -> Parts:
    high, x = rng.uniform(0.14, 0.3), width / 2 - arm / 2
    kind = pick(rng, "box box rolled rail slope")
    if kind == "box":
        return both(_cushion([x, 0, top + high / 2 - 0.05], [arm, 0.99 * depth, high + 0.1], soft))
    if kind == "rolled":
        wall = box([x, 0, top + high / 2 - 0.08], [0.7 * arm, 0.96 * depth, high + 0.06], 0.3)
        roll = tube(
            [[x + 0.1 * arm, -0.49 * depth, top + high], [x + 0.1 * arm, 0.47 * depth, top + high]],
            0.58 * arm,
            ends="flat",
        )
        return [*both(wall), *both(roll)]
    if kind == "slope":
        share = np.linspace(0, 1, 7)
        half = (high * (0.45 + 0.55 * share**2) + 0.1) / 2
        line = np.stack([0 * share + x, (share - 0.5) * 0.98 * depth, top - 0.1 + half], 1)
        return both(bar(line, [1, 0, 0], arm / 2, half, soft))
    radius = 0.022 * style.thick
    loop = [[x, -0.45 * depth, top - 0.06], [x, -0.46 * depth, top + high], [x, 0.45 * depth, top + high]]
    extra = [tube([[x, y * depth, top - 0.06], [x, y * depth, top + high]], 0.8 * radius) for y in (-0.15, 0.15)]
    rails = both(tube(loop, radius, sides=4 if style.square else 12, ends="flat"))
    return rails + [half for part in extra for half in both(part)]


def _cushions(
    rng: Random,
    inner: float,
    seats: int,
    depth: float,
    top: float,
    back: float,
    thick: float,
    soft: float,
    side: int,
    reach: float,
    arm: float,
) -> Parts:
    parts: Parts = []
    high, one = rng.uniform(0.1, 0.18), chance(rng, 0.15)
    count = 1 if one and not side else seats
    wide = inner / count
    front, rear = -depth / 2 - 0.01, depth / 2 - thick + 0.02
    upright = chance(rng, 0.75)
    for k in range(count):
        x = (k + 0.5) * wide - inner / 2
        far = reach if (side == 1 and k == count - 1) or (side == -1 and k == 0) else 0.0
        middle = (front - far + rear) / 2
        parts.append(_cushion([x, middle, top + high / 2 - 0.03], [0.985 * wide, rear - front + far, high], soft))
        if upright:
            tall = back * rng.uniform(0.75, 0.8)
            pad = box([0, 0, 0], [0.96 * wide, rng.uniform(0.13, 0.135) + 0.04, tall], 0.9, 0.06)
            parts.append(moved(pad, turned("x", -12), (x, rear - 0.04, top + high + tall / 2 - 0.07)))
    return parts


def _feet(
    rng: Random, style: Style, width: float, depth: float, foot: float, side: int, reach: float, wide: float, arm: float
) -> Parts:
    sink = 0.05
    spots = [(sx * (width / 2 - 0.09), sy * (depth / 2 - 0.09)) for sx in (-1, 1) for sy in (-1, 1)]
    if side:
        x = side * (width / 2 - arm * 0.5 - wide / 2)
        spots += [(x + s * (wide / 2 - 0.09), -depth / 2 - reach + 0.16) for s in (-1, 1)]
    if width > 1.6:
        spots += [(0.0, -depth / 2 + 0.09), (0.0, depth / 2 - 0.09)]
    if foot < 0.06:
        parts: Parts = [box([0, 0, (foot + sink) / 2], [0.94 * width, 0.9 * depth, foot + sink])]
        if side:
            parts += [box([x, y, (foot + sink) / 2], [0.1, 0.1, foot + sink]) for x, y in spots[4:6]]
        return parts
    if chance(rng, 0.2):
        radius = 0.02
        made: Parts = []
        for x in (-0.42 * width, 0.42 * width):
            y = 0.4 * depth
            made.append(
                tube([[x, -y, foot + sink], [x, -y, radius], [x, y, radius], [x, y, foot + sink]], radius, ends="flat")
            )
        return made + [tube([[x, y, foot + sink], [x, y, 0]], radius, ends="flat") for x, y in spots[4:]]
    kind, splay = pick(rng, "plain tapered tapered turned"), rng.uniform(0, 0.3) * foot
    return [
        leg(
            rng,
            style,
            kind,
            [x, y, foot + sink],
            [x + splay * np.sign(x), y + splay * np.sign(y), 0],
            0.03 * style.thick,
        )
        for x, y in spots
    ]


def _pillows(rng: Random, inner: float, depth: float, top: float, thick: float) -> Parts:
    parts: Parts = []
    for side in (-1, 1):
        if chance(rng, 0.7):
            size = rng.uniform(0.16, 0.21)
            pillow = box([0, 0, 0], [2 * size, 0.13, 1.9 * size], 1.0, 0.055)
            at = (side * (inner / 2 - size - 0.02), depth / 2 - thick - 0.14, top + 0.85 * size)
            parts.append(moved(pillow, turned("x", -18), at))
    return parts
