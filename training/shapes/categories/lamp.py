"""Lamps: floor, table, desk, arc, tripod, hanging and chandelier; shades are thin shells open at both ends."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, box, disc, ellipsoid, moved, slab, tube, turned
from .common import Parts, Random, chance, pick


def lamp(rng: Random) -> Parts:
    """One lamp."""
    return KINDS[pick(rng, "floor floor table table desk desk arc tripod hanging hanging chandelier lantern")](rng)


def _shade(rng: Random, radius: float, high: float, socket: list[float] | np.ndarray) -> Parts:
    """A shell around z = 0 downward and upward, a bulb, and the spokes that hold it to a rod at the origin."""
    kind = pick(rng, "cone cone drum bell dome pleated")
    turn, share = 2 * np.pi * np.arange(24) / 24, np.linspace(0, 1, 7)[:, None]
    top = {"cone": rng.uniform(0.35, 0.8), "drum": 0.98, "bell": 0.3, "dome": 0.22, "pleated": rng.uniform(0.5, 0.8)}[
        kind
    ]
    outline = {
        "bell": 1 - (1 - top) * np.sin(share * np.pi / 2) ** 0.8,
        "dome": top + (1 - top) * np.sqrt(np.clip(1 - share**2, 0, 1)),
    }.get(kind, 1 - (1 - top) * share)
    ripple = 1 + (0.05 * np.cos(8 * turn) if kind == "pleated" else 0 * turn)
    grid = np.stack(
        [
            radius * outline * ripple * np.cos(turn),
            radius * outline * ripple * np.sin(turn),
            high * (share - 0.5) + 0 * turn,
        ],
        -1,
    )
    half = rng.uniform(0.006, 0.01)
    shell = slab(grid + np.asarray(socket), half, "round", wrap=True)
    # Spokes meet the shell between its two edges, on the rod's side.
    level = 0.72
    reach = float(np.interp(level, share[:, 0], outline[:, 0])) * radius * (1.0 if kind != "pleated" else 0.98)
    parts: Parts = [shell]
    for angle in 2 * np.pi * np.arange(3) / 3:
        spoke = np.array([np.cos(angle), np.sin(angle), 0]) * reach
        height = np.array([0, 0, (level - 0.5) * high])
        parts.append(tube([height + socket, spoke + height + socket], 0.005, ends="flat", sides=8))
    bulb = ellipsoid(
        np.asarray(socket) + np.array([0, 0, 0.05 * high]), [0.16 * radius, 0.16 * radius, 0.26 * high], 12
    )
    return [
        *parts,
        bulb,
        tube(
            [[*np.asarray(socket)[:2], socket[2] - 0.2 * high], np.asarray(socket) + np.array([0, 0, 0.3 * high])],
            0.011,
            sides=10,
        ),
    ]


def _foot(rng: Random, radius: float) -> Parts:
    kind = pick(rng, "disc disc square dome feet")
    if kind == "square":
        return [box([0, 0, 0.012], [1.8 * radius, 1.8 * radius, 0.024], 0.5)]
    if kind == "feet":
        count = int(rng.integers(3, 5))
        parts: Parts = []
        for angle in 2 * np.pi * np.arange(count) / count:
            out = np.array([np.cos(angle), np.sin(angle), 0])
            line = [[0, 0, 0.09], 0.5 * radius * out + [0, 0, 0.07], 1.1 * radius * out + [0, 0, 0.012]]
            parts.append(tube(line, [0.014, 0.012, 0.012]))
        return parts
    plate = disc([0, 0, 0.012], [0, 0, 1], radius, 0.012, "round", 26)
    return (
        [plate]
        if kind == "disc"
        else [plate, tube([[0, 0, 0.01], [0, 0, 0.06]], [0.7 * radius, 0.15 * radius], ends="flat", sides=20)]
    )


def _floor(rng: Random) -> Parts:
    high, radius = rng.uniform(0.75, 0.9), rng.uniform(0.14, 0.22)
    deep = radius * rng.uniform(0.8, 1.5)
    rod = rng.uniform(0.009, 0.016)
    parts = _foot(rng, rng.uniform(0.1, 0.15))
    parts.append(tube([[0, 0, 0.01], [0, 0, high + 0.2 * deep]], rod, ends="flat", sides=12))
    if chance(rng, 0.4):
        for z in rng.uniform(0.15, 0.8, 2) * high:
            parts.append(ellipsoid([0, 0, z], [2.2 * rod, 2.2 * rod, 3 * rod], 12))
    if chance(rng, 0.15):
        parts.append(disc([0, 0, 0.45 * high], [0, 0, 1], 0.15, 0.009, "round", 24))
    return parts + _shade(rng, radius, deep, [0, 0, high])


def _table(rng: Random) -> Parts:
    high, radius = rng.uniform(0.42, 0.7), rng.uniform(0.24, 0.36)
    deep = radius * rng.uniform(0.8, 1.3)
    body, share = rng.uniform(0.07, 0.14), np.linspace(0, 1, 15)
    kind = pick(rng, "vase vase gourd stack pillar")
    wave = {
        "vase": 0.35 + 0.65 * np.sin(np.pi * np.clip(share * 1.05 + 0.02, 0, 1)) ** 0.8,
        "gourd": 0.4 + 0.5 * np.abs(np.sin(2 * np.pi * share + 0.2)),
        "stack": 0.35 + 0.5 * np.abs(np.sin(int(rng.integers(3, 6)) * np.pi * share)),
        "pillar": np.where((share < 0.1) | (share > 0.9), 0.75, 0.45),
    }[kind]
    tall = high - 0.35 * deep
    line = np.stack([0 * share, 0 * share, 0.012 + share * (tall - 0.012)], 1)
    if kind == "pillar" and chance(rng, 0.5):
        parts: Parts = [box([0, 0, tall / 2], [0.9 * body, 0.9 * body, tall])]
    else:
        parts = [tube(line, body * wave, ends="flat", sides=18)]
    parts.append(tube([[0, 0, tall - 0.02], [0, 0, high + 0.25 * deep]], 0.014, ends="flat", sides=10))
    parts.append(disc([0, 0, 0.014], [0, 0, 1], body * rng.uniform(1.0, 1.4), 0.014, pick(rng, "sharp round"), 26))
    return parts + _shade(rng, radius, deep, [0, 0, high])


def _head(rng: Random, at: np.ndarray, pitch: float, radius: float) -> Parts:
    """A spot: a tapering shell with its back closed, tilted about x, opening along its own -Z."""
    turn, share = 2 * np.pi * np.arange(20) / 20, np.linspace(0, 1, 6)[:, None]
    outline = 1 - rng.uniform(0.55, 0.7) * share ** rng.uniform(0.8, 2)
    long = radius * rng.uniform(1.2, 1.8)
    grid = np.stack(
        [radius * outline * np.cos(turn), radius * outline * np.sin(turn), long * (share - 1) + 0 * turn], -1
    )
    end = radius * float(outline[-1, 0])
    parts = [
        slab(grid, 0.008, "round", wrap=True),
        tube([[0, 0, -0.02], [0, 0, 0.05]], end + 0.004, ends="flat", sides=20),
        tube([[0, 0, 0.0], [0, 0, -0.45 * long]], 0.3 * end, sides=10),
        ellipsoid([0, 0, -0.55 * long], [0.3 * radius, 0.3 * radius, 0.36 * radius], 12),
    ]
    return [moved(part, turned("x", pitch), at) for part in parts]


def _desk(rng: Random) -> Parts:
    """Two jointed arms and a spot."""
    low, elbow = rng.uniform(0.35, 0.5), rng.uniform(0.3, 0.45)
    a, b = np.radians(rng.uniform(95, 125)), np.radians(rng.uniform(20, 60))
    start = np.array([0, 0.1, 0.03])
    knee = start - low * np.array([0, np.cos(a), -np.sin(a)])
    tip = knee + elbow * np.array([0, -np.cos(b), np.sin(b)])
    rod = rng.uniform(0.009, 0.014)
    parts = _foot_at(rng, start)
    if chance(rng, 0.4):
        for x in (-0.022, 0.022):
            parts.append(
                tube([start + np.array([x, 0, 0]), knee + np.array([x, 0, 0])], 0.7 * rod, ends="flat", sides=8)
            )
            parts.append(tube([knee + np.array([x, 0, 0]), tip + np.array([x, 0, 0])], 0.7 * rod, ends="flat", sides=8))
    else:
        parts += [tube([start, knee], rod, sides=10), tube([knee, tip], rod, sides=10)]
    parts += [
        disc(p, [1, 0, 0], 2.2 * rod, 0.034, "sharp", 14, across=(0, 1, 0))
        for p in (start + np.array([0, 0, 0.01]), knee, tip)
    ]
    return parts + _head(rng, tip + np.array([0, 0, 0.0]), rng.uniform(-50, -5), rng.uniform(0.09, 0.15))


def _foot_at(rng: Random, at: np.ndarray) -> Parts:
    if chance(rng, 0.7):
        return [disc([at[0], at[1], 0.016], [0, 0, 1], rng.uniform(0.13, 0.19), 0.016, "round", 26)]
    return [box([at[0], at[1], 0.016], [0.3, 0.24, 0.032], rng.uniform(0, 1))]


def _arc(rng: Random) -> Parts:
    """A bow over the sitter's head."""
    reach, high = rng.uniform(0.45, 0.7), rng.uniform(0.75, 0.95)
    turn = np.linspace(0, np.pi * rng.uniform(0.75, 0.95), 20)
    line = np.stack([0 * turn, 0.3 - reach * (1 - np.cos(turn)) / 2, 0.02 + high * np.sin(turn / 2) ** 0.8], 1)
    radius = rng.uniform(0.09, 0.14)
    end = line[-1]
    parts: Parts = [tube(line, rng.uniform(0.01, 0.016), ends="flat"), *_foot_at(rng, np.array([0, 0.3, 0]))]
    if chance(rng, 0.3):
        return [*parts, ellipsoid(end, [radius] * 3, 20)]
    drop = end - np.array([0, 0, 0.12])
    cord = tube([end + np.array([0, 0, 0.005]), drop - [0, 0, 0.03]], 0.009, ends="flat", sides=8)
    return [*parts, cord, *_shade(rng, radius, 1.2 * radius, drop - [0, 0, 0.02])]


def _tripod(rng: Random) -> Parts:
    high, radius = rng.uniform(0.6, 0.72), rng.uniform(0.18, 0.26)
    spread, rod = rng.uniform(0.2, 0.3), rng.uniform(0.011, 0.018)
    count = int(rng.integers(3, 5))
    deep = radius * rng.uniform(0.8, 1.2)
    parts: Parts = [tube([[0, 0, high - 0.08], [0, 0, high + 0.4 * deep]], 0.016, ends="flat", sides=10)]
    for angle in 2 * np.pi * np.arange(count) / count + 0.3:
        out = np.array([np.cos(angle), np.sin(angle), 0])
        parts.append(tube([[0, 0, high - 0.05], spread * out + [0, 0, rod]], [rod, 0.7 * rod], sides=10))
        if chance(rng, 0.5):
            middle = 0.5 * (np.array([0, 0, high - 0.05]) + spread * out)
            parts.append(tube([middle, [0, 0, middle[2]]], 0.006, ends="flat", sides=8))
    # Struts meet at a hub.
    parts.append(ellipsoid([0, 0, 0.5 * (high - 0.05)], [0.022, 0.022, 0.022], 12))
    return parts + _shade(rng, radius, deep, [0, 0, high + 0.15 * deep])


def _hanging(rng: Random) -> Parts:
    radius, drop = rng.uniform(0.18, 0.34), rng.uniform(0.3, 0.7)
    parts: Parts = [disc([0, 0, drop], [0, 0, 1], rng.uniform(0.05, 0.09), 0.014, "round", 20)]
    deep = radius * rng.uniform(0.6, 1.4)
    kind = pick(rng, "shade shade globe ring plates")
    cord = rng.uniform(0.006, 0.01)
    if kind == "globe":
        body = ellipsoid([0, 0, 0], [radius, radius, radius * rng.uniform(0.6, 1.2)], 22)
        return [*parts, body, tube([[0, 0, 0.3 * radius], [0, 0, drop]], cord, ends="flat", sides=8)]
    if kind == "ring":
        turn = 2 * np.pi * np.arange(28) / 28
        ring = tube(
            np.stack([radius * np.cos(turn), radius * np.sin(turn), 0 * turn], 1), rng.uniform(0.012, 0.03), closed=True
        )
        ways = 2 * np.pi * np.arange(3) / 3
        cords = [
            tube([[radius * np.cos(a), radius * np.sin(a), 0], [0, 0, drop]], cord, ends="flat", sides=8) for a in ways
        ]
        return [*parts, ring, *cords]
    if kind == "plates":
        stem = tube([[0, 0, -0.1], [0, 0, drop]], 0.012, sides=10)
        levels = np.linspace(-0.08, 0.15, int(rng.integers(2, 5)))
        plates = [
            disc([0, 0, z], [0, 0, 1], radius * s, 0.009, "round", 26)
            for z, s in zip(levels, np.linspace(1, 0.5, len(levels)), strict=True)
        ]
        return [*parts, stem, *plates]
    return [*parts, tube([[0, 0, 0], [0, 0, drop]], cord, ends="flat", sides=8), *_shade(rng, radius, deep, [0, 0, 0])]


def _chandelier(rng: Random) -> Parts:
    count, reach, rod = int(rng.integers(3, 9)), rng.uniform(0.25, 0.38), rng.uniform(0.009, 0.014)
    drop = rng.uniform(0.3, 0.55)
    share = np.linspace(0, 1, 10)
    body = tube(
        np.stack([0 * share, 0 * share, -0.12 + 0.26 * share], 1),
        0.02 + 0.035 * np.abs(np.sin(2.6 * np.pi * share)),
        sides=14,
    )
    parts: Parts = [body, tube([[0, 0, 0.1], [0, 0, drop]], rod, ends="flat", sides=10)]
    parts.append(disc([0, 0, drop], [0, 0, 1], 0.07, 0.016, "round", 20))
    globes, sag = chance(rng, 0.5), rng.uniform(0.05, 0.16)
    for angle in 2 * np.pi * np.arange(count) / count:
        out = np.array([np.cos(angle), np.sin(angle), 0])
        t = np.linspace(0, 1, 9)
        arm = t[:, None] * reach * out + (-sag * np.sin(np.pi * 1.25 * t))[:, None] * [0, 0, 1]
        tip = arm[-1]
        parts.append(tube(arm, rod, sides=8))
        if globes:
            parts.append(ellipsoid(tip + np.array([0, 0, 0.05]), [0.055, 0.055, 0.055], 14))
        else:
            parts.append(disc(tip + np.array([0, 0, 0.008]), [0, 0, 1], 0.035, 0.008, "round", 14))
            parts.append(tube([tip, tip + np.array([0, 0, 0.1])], [0.014, 0.012], sides=8))
    return parts


def _lantern(rng: Random) -> Parts:
    """A caged light to stand or hang: four to eight bars between two plates."""
    count, radius, high = int(rng.integers(4, 9)), rng.uniform(0.14, 0.22), rng.uniform(0.35, 0.6)
    parts: Parts = [disc([0, 0, z], [0, 0, 1], radius, 0.018, pick(rng, "sharp round"), 26) for z in (0.018, high)]
    swell = rng.uniform(0, 0.5)
    t = np.linspace(0, 1, 7)
    for angle in 2 * np.pi * np.arange(count) / count:
        out = np.array([np.cos(angle), np.sin(angle), 0])
        bow = radius * (0.85 + swell * np.sin(np.pi * t))
        parts.append(
            tube(bow[:, None] * out + (0.018 + t * (high - 0.018))[:, None] * [0, 0, 1], 0.009, ends="flat", sides=8)
        )
    parts.append(tube([[0, 0, 0.01], [0, 0, 0.4 * high]], 0.3 * radius, sides=16))
    turn = np.linspace(0.0, np.pi, 12)
    handle: Part = tube(
        np.stack([0.6 * radius * np.cos(turn), 0 * turn, high + 0.75 * radius * np.sin(turn)], 1),
        0.009,
        ends="flat",
        sides=8,
    )
    roof = tube([[0, 0, high], [0, 0, high + 0.3 * radius]], [0.9 * radius, 0.3 * radius], ends="flat", sides=20)
    return (
        [*parts, handle, roof]
        if chance(rng, 0.7)
        else [*parts, handle, bar([[0, 0, high], [0, 0, high + 0.05]], [1, 0, 0], 0.05, 0.05)]
    )


KINDS = {
    "floor": _floor,
    "table": _table,
    "desk": _desk,
    "arc": _arc,
    "tripod": _tripod,
    "hanging": _hanging,
    "chandelier": _chandelier,
    "lantern": _lantern,
}
