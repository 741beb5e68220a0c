"""Telephones: slates, bars with keys, flips, slides, wireless handsets and old ones on a cradle; upright, facing -Y."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, box, disc, moved, tube, turned
from .common import Parts, Random, chance, pick


def phone(rng: Random) -> Parts:
    """One telephone."""
    return KINDS[pick(rng, "slate slate bar bar flip slide handset receiver desk")](rng)


def _body(
    width: float, high: float, half: float, corner: float, round_ends: float, centre: float = 0.0, y: float = 0.0
) -> Part:
    """A flat case, its outline rounded at the corners by `round_ends` (a length)."""
    r = min(round_ends, 0.49 * width, 0.49 * high)
    turn = np.radians([90.0, 65.0, 40.0, 15.0, 0.0])
    near, shrink = r * (1 - np.sin(turn)), r * (1 - np.cos(turn))
    place = np.concatenate([near, [high / 2], high - near[::-1]])
    wide = width / 2 - np.concatenate([shrink, [0.0], shrink[::-1]])
    line = np.stack([0 * place, y + 0 * place, centre - high / 2 + place], 1)
    return bar(line, [1, 0, 0], np.maximum(wide, 0.02), half, corner)


def _keys(rng: Random, width: float, low: float, high: float, y: float, columns: int, rows: int) -> Parts:
    """Raised keys on a front at y."""
    parts: Parts = []
    w, h = 0.82 * width / columns, (high - low) / rows
    round_keys = chance(rng, 0.3)
    for i in range(columns):
        for k in range(rows):
            x, z = (i - (columns - 1) / 2) * w, low + (k + 0.5) * h
            if round_keys:
                parts.append(tube([[x, y + 0.012, z], [x, y - 0.012, z]], 0.36 * min(w, h), ends="flat", sides=10))
            else:
                parts.append(box([x, y, z], [0.76 * w, 0.024, 0.68 * h]))
    return parts


def _screen(width: float, low: float, high: float, y: float, out: float = 0.008) -> Part:
    return box([0, y, (low + high) / 2], [width, 2 * out, high - low])


def _cameras(rng: Random, width: float, high: float, half: float) -> Parts:
    """A bump with lenses on the back."""
    side, size = rng.uniform(-0.25, -0.15) * width, rng.uniform(0.07, 0.1)
    count = int(rng.integers(1, 4))
    z = high / 2 - 1.4 * size - 0.04
    parts: Parts = [
        box([side, half, z - (count - 1) * 0.6 * size], [1.7 * size, 0.024, (1.2 * count + 0.7) * size], 0.6)
    ]
    for k in range(count):
        parts.append(
            tube(
                [[side, half, z - 1.2 * k * size], [side, half + 0.022, z - 1.2 * k * size]],
                0.42 * size,
                ends="flat",
                sides=16,
            )
        )
    return parts


def _slate(rng: Random) -> Parts:
    width, half = rng.uniform(0.44, 0.56), rng.uniform(0.022, 0.04)
    parts: Parts = [_body(width, 1.0, half, rng.uniform(0, 1), rng.uniform(0.03, 0.12))]
    edge = rng.uniform(0.015, 0.08)
    parts.append(_screen(width - 2 * edge - 0.02, -0.5 + 1.6 * edge + 0.02, 0.5 - 1.6 * edge - 0.02, -half))
    if chance(rng, 0.8):
        parts += _cameras(rng, width, 1.0, half)
    if edge > 0.05:
        parts.append(disc([0, -half, -0.5 + 0.9 * edge], [0, 1, 0], 0.4 * edge, 0.012, "sharp", 18))
    for z in rng.uniform(0.05, 0.35, int(rng.integers(1, 4))):
        parts.append(box([width / 2, 0, z], [0.024, 0.7 * half, 0.06], 0.5))
    if chance(rng, 0.2):
        turn = 2 * np.pi * np.arange(18) / 18
        ring = np.stack([0.09 * np.cos(turn), half + 0.012 + 0 * turn, -0.1 + 0.09 * np.sin(turn)], 1)
        parts.append(tube(ring, 0.014, closed=True, sides=8))
    return parts


def _antenna(rng: Random, x: float, low: float, long: float) -> Parts:
    size = rng.uniform(0.02, 0.034)
    return [tube([[x, 0, low], [x, 0, low + long]], [size, 0.8 * size], sides=12)]


def _bar(rng: Random) -> Parts:
    """A bar with a small screen over keys."""
    width, half = rng.uniform(0.34, 0.46), rng.uniform(0.05, 0.09)
    high = 0.85
    parts: Parts = [_body(width, high, half, rng.uniform(0.2, 0.9), rng.uniform(0.03, 0.1))]
    split = rng.uniform(-0.02, 0.1)
    parts.append(_screen(0.78 * width, split, 0.36, -half))
    parts += _keys(rng, width, -0.37, split - 0.12, -half, 3, int(rng.integers(3, 5)))
    parts.append(disc([0, -half, split - 0.06], [0, 1, 0], (0.14 * width, 0.045), 0.014, "sharp", 18))
    if chance(rng, 0.55):
        parts += _antenna(rng, rng.uniform(0.25, 0.33) * width, 0.3, rng.uniform(0.2, 0.4))
    if chance(rng, 0.4):
        parts.append(box([0, half, -0.1], [0.8 * width, 0.05, 0.5 * high], 0.6))
    return parts


def _flip(rng: Random) -> Parts:
    """Two leaves on a hinge."""
    width, high, half = rng.uniform(0.4, 0.52), rng.uniform(0.46, 0.52), rng.uniform(0.032, 0.05)
    angle, corner, ends = rng.uniform(0, 60), rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.15)
    lower = [
        _body(width, high, half, corner, ends, -high / 2),
        *_keys(rng, width, -0.9 * high, -0.42 * high, -half, 3, int(rng.integers(3, 5))),
    ]
    lower.append(disc([0, -half, -0.26 * high], [0, 1, 0], 0.15 * width, 0.014, "sharp", 20))
    upper = [
        _body(width, high, 0.8 * half, corner, ends, high / 2),
        _screen(0.76 * width, 0.22 * high, 0.85 * high, -0.8 * half),
    ]
    if chance(rng, 0.4):
        upper.append(_screen(0.4 * width, 0.4 * high, 0.65 * high, 0.8 * half))
    parts = lower + [moved(part, turned("x", angle), (0, 0, 0)) for part in upper]
    parts.append(tube([[-0.46 * width, 0, 0], [0.46 * width, 0, 0]], 1.25 * half, ends="flat", sides=16))
    if chance(rng, 0.5):
        # From the lower leaf's back corner up behind the hinge.
        x = 0.32 * width
        parts.append(
            tube([[x, 0.2 * half, -0.3 * high], [x, 1.6 * half, -0.02], [x, 1.8 * half, 0.16]], 0.022, sides=10)
        )
    return parts


def _slide(rng: Random) -> Parts:
    width, half = rng.uniform(0.42, 0.5), rng.uniform(0.03, 0.045)
    shift, corner = rng.uniform(0.2, 0.34), rng.uniform(0.2, 0.9)
    front = _body(width, 0.8, half, corner, 0.07, shift / 2, -0.9 * half)
    rear = _body(width, 0.8, half, corner, 0.07, -shift / 2, 0.9 * half)
    parts: Parts = [front, rear, _screen(0.82 * width, shift / 2 - 0.3, shift / 2 + 0.34, -1.9 * half)]
    parts += _keys(rng, width, -shift / 2 - 0.37, shift / 2 - 0.43, -0.1 * half, int(rng.integers(3, 7)), 3)
    return parts + _cameras(rng, width, 0.8 - shift, 1.9 * half)


def _handset(rng: Random) -> Parts:
    """A wireless handset, waisted, in its cradle at times."""
    half, share = rng.uniform(0.05, 0.07), np.linspace(0, 1, 13)
    wide = rng.uniform(0.12, 0.16) * (1 + 0.18 * np.cos(2 * np.pi * share) - 0.55 * np.abs(2 * share - 1) ** 8)
    bend = -0.1 * np.abs(2 * share - 1) ** 2
    line = np.stack([0 * share, bend, -0.42 + 0.84 * share], 1)
    parts: Parts = [bar(line, [1, 0, 0], wide, half * (1 - 0.35 * np.abs(2 * share - 1) ** 6), 0.8)]
    front = -half
    parts.append(_screen(0.17, 0.06, 0.2, front - 0.012, 0.022))
    for k in range(4):
        for x in (-0.07, 0.0, 0.07):
            z = -0.05 - 0.065 * k
            parts.append(box([x, front - 0.1 * (2 * z / 0.84) ** 2, z], [0.05, 0.04, 0.04]))
    if chance(rng, 0.6):
        parts.append(tube([[0.08, 0.0, 0.3], [0.08, -0.06, 0.55]], [0.024, 0.018]))
    if chance(rng, 0.5):
        parts.append(box([0, -0.02, -0.42], [0.4, 0.36, 0.16], 0.5))
    return parts


def _receiver(rng: Random) -> Parts:
    """A bow with an ear and a mouth piece, perhaps with a coiled cord."""
    bow, share = rng.uniform(0.08, 0.18), np.linspace(-1, 1, 15)
    line = np.stack([0 * share, bow * (1 - share**2), 0.42 * share], 1)
    parts: Parts = [bar(line, [1, 0, 0], rng.uniform(0.05, 0.07), 0.04 + 0.01 * share**4, 0.9)]
    for z in (-0.42, 0.42):
        parts.append(tube([[0, 0.05, z], [0, -0.09, z]], [0.09, 0.13], ends="flat", sides=24))
        parts.append(disc([0, -0.09, z], [0, 1, 0], 0.1, 0.02, "round", 22))
    if chance(rng, 0.5):
        turn = np.linspace(0, 2 * np.pi * 5, 60)
        coil = np.stack([0.05 * np.cos(turn), 0.02 + 0.05 * np.sin(turn), -0.46 - 0.012 * turn], 1)
        parts.append(tube(coil, 0.012, sides=8))
        parts.append(tube([[0.05, 0.02, -0.4], coil[0], coil[1]], 0.012, sides=8))
    return parts


def _desk(rng: Random) -> Parts:
    """A body with a dial or keys, the receiver across its top."""
    wide, deep = rng.uniform(0.32, 0.4), rng.uniform(0.32, 0.4)
    share = np.linspace(0, 1, 6)
    line = np.stack([0 * share, 0.1 * deep * share, 0.34 * share], 1)
    shrink = 1 - rng.uniform(0.3, 0.5) * share**1.5
    parts: Parts = [bar(line, [1, 0, 0], wide * shrink, deep * (shrink - 0.08 * share), rng.uniform(0.2, 0.6))]
    parts += [tube([[x, 0.04, 0.28], [x, 0.04, 0.42]], 0.04, ends="flat", sides=14) for x in (-0.14, 0.14)]
    bow = np.linspace(-1, 1, 11)
    parts.append(tube(np.stack([0.42 * bow, 0.04 + 0 * bow, 0.45 - 0.02 * bow**2], 1), 0.045, sides=14))
    parts += [tube([[x, 0.04, 0.45], [x, 0.04, 0.34]], [0.06, 0.085], ends="flat", sides=20) for x in (-0.4, 0.4)]
    normal = np.array([0, -0.75, 0.66])
    centre = np.array([0, -0.68 * deep, 0.17])
    if chance(rng, 0.6):
        parts.append(disc(centre, normal, 0.15, 0.06, "sharp", 28))
        parts.append(disc(centre + 0.06 * normal, normal, 0.06, 0.02, "round", 18))
        turn = np.radians(np.arange(30, 330, 30))
        side, up = np.array([1, 0, 0]), np.array([0, 0.66, 0.75])
        for c, s in zip(np.cos(turn), np.sin(turn), strict=True):
            spot = centre + 0.11 * (c * side + s * up)
            parts.append(tube([spot, spot + 0.075 * normal], 0.018, ends="flat", sides=8))
        return parts
    up = np.array([0, 0.66, 0.75])
    plate = bar([centre - 0.15 * up, centre + 0.15 * up], [1, 0, 0], 0.14, 0.06)
    keys = [
        tube(
            [centre + [0.09 * i, 0, 0] + 0.075 * k * up, centre + [0.09 * i, 0, 0] + 0.075 * k * up + 0.085 * normal],
            0.03,
            sides=4,
            ends="flat",
        )
        for i in (-1, 0, 1)
        for k in (-1.5, -0.5, 0.5, 1.5)
    ]
    return [*parts, plate, *keys]


KINDS = {
    "slate": _slate,
    "bar": _bar,
    "flip": _flip,
    "slide": _slide,
    "handset": _handset,
    "receiver": _receiver,
    "desk": _desk,
}
