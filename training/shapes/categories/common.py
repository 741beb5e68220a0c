"""What the categories share: dice, style, boards, rails, legs and other supports. Lengths are free; floor at z = 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..making.parts import Part, Vector, bar, both, box, disc, ellipsoid, tube, turned, wing

Random = np.random.Generator
Parts = list[Part]


@dataclass(frozen=True)
class Style:
    """One hand for a whole piece."""

    corner: float  # 0 sharp .. 1 round long edges
    soft: float  # rounding of ends, as a share of the thickness
    thick: float  # 0.6 slender .. 1.5 stout
    square: bool  # square or round bars
    bent: float  # -1 .. 1, how far lines that may bend do


def style_of(rng: Random) -> Style:
    """A style of chance."""
    corner = 0.0 if rng.random() < 0.3 else rng.uniform(0.3, 1)
    return Style(corner, corner * rng.uniform(0, 0.9), rng.uniform(0.65, 1.4), rng.random() < 0.45, rng.uniform(-1, 1))


def pick(rng: Random, names: str) -> str:
    """One of the words; a word written twice is twice as likely."""
    words = names.split()
    return words[int(rng.integers(len(words)))]


def chance(rng: Random, share: float) -> bool:
    return bool(rng.random() < share)


def board(style: Style, centre: Vector, size: Vector) -> Part:
    """A box in the style."""
    return box(centre, size, style.corner, style.soft * min(size) / 2)


def rail(style: Style, points: Vector | list[list[float]], radius: float | Vector, *, flat: bool = True) -> Part:
    """A rod in the style."""
    if style.square:
        return tube(np.asarray(points), radius, sides=4, ends="flat")
    return tube(np.asarray(points), radius, ends="flat" if flat else "round")


def leg(rng: Random, style: Style, kind: str, top: Vector, foot: Vector, radius: float) -> Part:
    """One leg from `top` down to `foot`: plain, tapered, turned (round and bulged) or bent."""
    start, stop = np.asarray(top, float), np.asarray(foot, float)
    share = np.linspace(0, 1, {"plain": 2, "tapered": 2, "turned": 11, "bent": 8}[kind])
    line = start + share[:, None] * (stop - start)
    if kind == "turned":
        wave = 0.75 + 0.45 * np.abs(np.sin(np.pi * share * 3)) * (1 - 0.4 * share)
        return tube(line, radius * wave, ends="flat", sides=12)
    if kind == "bent":
        outward = line * [1, 1, 0]
        outward = outward / max(float(np.linalg.norm(outward[0])), 1e-6)
        line = line + 0.07 * (start[2] - stop[2]) * np.sin(2 * np.pi * share)[:, None] * outward
        return tube(line, radius * (1.1 - 0.5 * share), ends="flat", sides=4 if style.square else 10)
    taper = 0.55 if kind == "tapered" else 1.0
    return rail(style, line, radius * np.array([1.1, 1.1 * taper]))


def supports(rng: Random, style: Style, kind: str, width: float, depth: float, height: float, sink: float) -> Parts:
    """What holds up a plate of `width` x `depth` at `height`; tops reach `sink` into it."""
    return SUPPORTS[kind](rng, style, width, depth, height, sink)


def _four(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    radius = 0.022 * style.thick * (0.6 + 0.8 * height)
    x, y = width / 2 - 1.6 * radius, depth / 2 - 1.6 * radius
    splay = rng.uniform(0, 0.22) * height if chance(rng, 0.5) else 0.0
    return _legs(rng, style, pick(rng, "plain plain tapered tapered turned bent"), x, y, splay, height, sink, radius)


def _upright(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    """Four legs straight down, so that a plate between them meets each."""
    radius = 0.022 * style.thick * (0.6 + 0.8 * height)
    kind = pick(rng, "plain tapered turned")
    return _legs(rng, style, kind, width / 2 - 1.6 * radius, depth / 2 - 1.6 * radius, 0.0, height, sink, radius)


def _legs(
    rng: Random,
    style: Style,
    kind: str,
    x: float,
    y: float,
    splay: float,
    height: float,
    sink: float,
    radius: float,
) -> Parts:
    legs = [
        leg(rng, style, kind, [sx * x, sy * y, height + sink], [sx * (x + splay * 0.7), sy * (y + splay), 0], radius)
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return legs + _stretchers(rng, style, kind, x, y, splay, height, radius)


def _stretchers(
    rng: Random, style: Style, kind: str, x: float, y: float, splay: float, height: float, radius: float
) -> Parts:
    """Rails between four legs: none, sides, box or H."""
    layout = pick(rng, "none none sides box h") if kind != "bent" else "none"
    if layout == "none":
        return []
    level = height * rng.uniform(0.2, 0.55)
    share = 1 - level / height
    fx, fy, thin = x + splay * 0.7 * share, y + splay * share, 0.5 * radius
    sides = [rail(style, [[sx * fx, -fy, level], [sx * fx, fy, level]], thin) for sx in (-1, 1)]
    if layout == "sides":
        return sides
    if layout == "h":
        return [*sides, rail(style, [[-fx, 0, level], [fx, 0, level]], thin)]
    up = level + 0.12 * height
    share = 1 - up / height
    fx, fy = x + splay * 0.7 * share, y + splay * share
    return sides + [rail(style, [[-fx, sy * fy, up], [fx, sy * fy, up]], thin) for sy in (-1, 1)]


def _column(rng: Random, height: float, sink: float, radius: float, low: float) -> Part:
    """An upright: straight, waisted or turned."""
    share = np.linspace(0, 1, 12)
    shape = pick(rng, "straight waisted turned")
    wave = {"straight": 1 + 0 * share, "waisted": 0.8 + 0.8 * (2 * share - 1) ** 4}.get(
        shape, 0.9 + 0.4 * np.sin(share * rng.uniform(5, 12) + 1)
    )
    line = np.stack([0 * share, 0 * share, low + share * (height + sink - low)], 1)
    return tube(line, radius * wave, ends="flat", sides=16)


def _pedestal(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    small, radius = min(width, depth), 0.045 * style.thick * (0.5 + height)
    column = _column(rng, height, sink, radius, 0.02 * height)
    if chance(rng, 0.5):
        thick, wide = rng.uniform(0.015, 0.03), small * rng.uniform(0.28, 0.42)
        foot = disc([0, 0, thick], [0, 0, 1], max(wide, 2 * radius), thick, pick(rng, "sharp round"))
        cone = tube([[0, 0, thick], [0, 0, 0.1 * height + thick]], [2 * radius, 0.8 * radius], ends="flat")
        return [column, foot, cone]
    count, feet = int(rng.integers(3, 6)), []
    reach, rise = small * rng.uniform(0.35, 0.5), rng.uniform(0.1, 0.4) * height
    for turn in 2 * np.pi * (np.arange(count) + 0.5) / count:
        out = np.array([np.cos(turn), np.sin(turn), 0])
        share = np.linspace(0, 1, 7)
        bow = rise * (1 - share) ** (1.5 + style.bent) + 0.4 * radius
        feet.append(tube(share[:, None] * reach * out + bow[:, None] * [0, 0, 1], radius * (0.8 - 0.4 * share)))
    return [column, *feet]


def _star(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    """An office chair's base with castors."""
    count, reach = int(rng.integers(4, 7)), 0.55 * min(width, depth)
    radius = 0.026 * style.thick
    parts = [
        tube([[0, 0, 0.16 * height], [0, 0, 0.5 * height]], 1.5 * radius, ends="flat"),
        tube([[0, 0, 0.3 * height], [0, 0, height + sink]], 0.9 * radius, ends="flat"),
    ]
    for turn in 2 * np.pi * np.arange(count) / count:
        out = np.array([np.cos(turn), np.sin(turn), 0])
        wheel = 0.07 * height
        tip = reach * out + [0, 0, 1.9 * wheel]
        parts.append(tube([[0, 0, 0.26 * height], tip], [1.2 * radius, 0.7 * radius]))
        parts.append(disc(reach * out + [0, 0, wheel], [out[1], -out[0], 0], wheel, 0.45 * wheel, "round", 12))
    # The spokes come down onto the wheels' upper halves.
    return parts


def _sled(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    radius, x = 0.016 * style.thick * (0.6 + height), width / 2 * rng.uniform(0.75, 0.95)
    y, lean = depth / 2 * 0.9, rng.uniform(-0.1, 0.15) * depth
    loop = chance(rng, 0.3)
    top = height + sink - (radius if loop else 0)
    runner = [[x, -y, top], [x, -y - lean, radius], [x, y + lean, radius], [x, y, top]]
    sides = both(tube(runner, radius, closed=loop, ends="flat", sides=4 if style.square else None))
    if chance(rng, 0.5):
        sides.append(rail(style, [[-x, y + lean, radius], [x, y + lean, radius]], radius))
    if chance(rng, 0.5):
        sides.append(rail(style, [[-x, 0, height], [x, 0, height]], radius))
    return sides


def _trestle(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    thick, x = 0.028 * style.thick, width / 2 * rng.uniform(0.6, 0.85)
    foot = board(style, [x, 0, thick], [2.4 * thick, depth * 0.85, 2 * thick])
    wide = rng.uniform(1.2, 5) * thick
    post = bar(
        [[x, 0, thick], [x, 0, height + sink]], [0, 1, 0], [wide, wide * rng.uniform(0.5, 1)], thick, style.corner
    )
    beam = board(style, [0, 0, height * rng.uniform(0.25, 0.6)], [2 * x, 1.2 * thick, rng.uniform(1.5, 3) * thick])
    return [*both(foot), *both(post), beam]


def _cross(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    radius, x, y = 0.02 * style.thick * (0.5 + height), width / 2 * 0.85, depth / 2 * 0.85
    top = height + 0.5 * sink
    legs = [both(rail(style, [[x, s * y, top], [x, -s * y, radius]], radius)) for s in (-1, 1)]
    brace = rail(style, [[-x, 0, height / 2], [x, 0, height / 2]], 0.8 * radius)
    return [*legs[0], *legs[1], brace]


def _panels(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    thick, inset = rng.uniform(0.03, 0.05) * style.thick, rng.uniform(0.03, 0.12) * width
    sides = both(board(style, [width / 2 - inset, 0, (height + sink) / 2], [thick, 0.92 * depth, height + sink]))
    if chance(rng, 0.6):
        high = rng.uniform(0.2, 0.7) * height
        sides.append(
            board(style, [0, depth * rng.uniform(0, 0.35), height - high / 2], [width - 2 * inset, thick, high])
        )
    return sides


def _hairpin(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    radius, parts = 0.011 * style.thick * (0.6 + height), []
    gap = 0.1 * min(width, depth) + 3 * radius
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (width / 2 - 2 * radius), sy * (depth / 2 - 2 * radius)
            bend = 2.2 * radius  # half the way around the foot: a rod cannot turn back on itself
            first, last = ([x * 1.05 - a * sx * bend, y * 1.05 - b * sy * bend, radius] for a, b in ((1, 0), (0, 1)))
            hoop = [[x - sx * gap, y, height + sink], first, last, [x, y - sy * gap, height + sink]]
            parts.append(tube(hoop, radius, ends="flat", sides=8))
    return parts


def _solid(rng: Random, style: Style, width: float, depth: float, height: float, sink: float) -> Parts:
    """A block or drum."""
    if chance(rng, 0.5):
        return [board(style, [0, 0, (height + sink) / 2], [0.7 * width, 0.7 * depth, height + sink])]
    return [_column(rng, height, sink, 0.3 * min(width, depth), 0.0)]


Support = Callable[[Random, Style, float, float, float, float], Parts]
SUPPORTS: dict[str, Support] = {
    "four": _four,
    "upright": _upright,
    "pedestal": _pedestal,
    "star": _star,
    "sled": _sled,
    "trestle": _trestle,
    "cross": _cross,
    "panels": _panels,
    "hairpin": _hairpin,
    "solid": _solid,
}


def knob(style: Style, centre: Vector, size: float) -> Part:
    """A small handle on a front that faces -Y."""
    x, y, z = (float(v) for v in centre)
    if style.square:
        return box([x, y, z], [2.4 * size, 2 * size, 0.8 * size])
    return tube([[x, y + size, z], [x, y - size, z]], [0.4 * size, 0.7 * size], sides=10)


def pull(centre: Vector, length: float, size: float, *, upright: bool = False) -> Part:
    """A bow handle on a front that faces -Y."""
    x, y, z = (float(v) for v in centre)
    half, out = length / 2, 2.2 * size
    line = np.array([[-half, size, 0], [-half, -out, 0], [half, -out, 0], [half, size, 0]])
    if upright:
        line = line[:, [2, 1, 0]]
    return tube(line + np.array([x, y, z]), 0.5 * size, ends="flat", sides=8)


def blades(count: int, centre: Vector, radius: float, chord: float, phase: float = 0.0) -> Parts:
    """A propeller that faces -Y."""
    made = []
    for k in range(count):
        matrix = turned("y", 360 * k / count + phase)
        root, tip = matrix @ [0, 0, 0], matrix @ [0, 0, radius]
        lean = matrix @ [1, 0.6, 0]
        made.append(
            wing(
                np.array([root, (root + tip) / 2, tip]) + centre,
                lean,
                [0.6 * chord, chord, 0.5 * chord],
                0.22 * chord,
                8,
            )
        )
    return [*made, ellipsoid(centre, [0.16 * radius, 0.35 * radius, 0.16 * radius], 8)]
