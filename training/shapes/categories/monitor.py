"""Monitors: flat, curved, tubes and twins, with bezels, on feet, discs, arms, V stands or none."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, box, disc, moved, slab, tube, turned
from .common import Parts, Random, chance, pick


def monitor(rng: Random) -> Parts:
    """One monitor, its picture towards -Y."""
    kind = pick(rng, "flat flat flat curved tube twin")
    width = 1.0
    high = width * {"flat": rng.uniform(0.54, 0.82), "tube": rng.uniform(0.75, 0.9)}.get(kind, rng.uniform(0.42, 0.6))
    lift = rng.uniform(0.12, 0.35)
    middle = lift + high / 2
    if kind == "tube":
        return _tube_set(rng, width, high, middle, lift)
    if kind == "twin":
        screens, rear = _twins(rng, width, high, middle)
    elif kind == "curved":
        screens, rear = _curved(rng, width, high, middle)
    else:
        screens, rear = _flat(rng, width, high, middle)
    parts = screens
    if kind == "flat" and chance(rng, 0.12):
        arm = tube([[0, rear - 0.02, middle], [0, rear + 0.15, middle]], 0.03)
        return [*parts, arm, box([0, rear + 0.15, middle], [0.25, 0.03, 0.25])]
    return parts + _stand(rng, kind, width, middle, high, rear)


def _flat(rng: Random, width: float, high: float, middle: float) -> tuple[Parts, float]:
    half = rng.uniform(0.014, 0.035)
    parts: Parts = [
        bar([[-width / 2, 0, middle], [width / 2, 0, middle]], [0, 0, 1], high / 2, half, rng.uniform(0, 1))
    ]
    if chance(rng, 0.75):
        parts += _bezel(width, high, middle, -half, rng.uniform(0.02, 0.05), rng.uniform(0.4, 0.8) * half)
    rear = half
    if chance(rng, 0.5):
        deep = rng.uniform(0.04, 0.09)
        parts.append(
            box([0, half + deep / 2 - 0.01, middle - 0.05 * high], [0.6 * width, deep + 0.02, 0.6 * high], 0.7)
        )
        rear = half + deep - 0.01
    if chance(rng, 0.3):
        speaker = box([0, -0.2 * half, middle - 0.54 * high], [0.8 * width, 1.6 * half, 0.12 * high], 0.6)
        parts.append(speaker)
    return parts, rear


def _bezel(width: float, high: float, middle: float, y: float, edge: float, half: float) -> Parts:
    """A raised frame around the picture. It stands out a little on all sides: faces in one plane may not be joined."""
    wide, tall = 1.01 * width, 1.01 * high
    parts: Parts = [box([0, y, middle + s * (tall - edge) / 2], [wide, 2 * half, edge]) for s in (-1, 1)]
    return parts + [box([s * (wide - edge) / 2, y, middle], [0.96 * edge, 1.9 * half, tall - edge]) for s in (-1, 1)]


def _curved(rng: Random, width: float, high: float, middle: float) -> tuple[Parts, float]:
    bend, half = rng.uniform(0.04, 0.16), rng.uniform(0.012, 0.025)
    u, v = np.linspace(-0.5, 0.5, 13)[:, None], np.linspace(-0.5, 0.5, 4)
    grid = np.stack([u * width + 0 * v, -bend * 4 * u**2 + 0 * v, middle + v * high + 0 * u], -1)
    parts: Parts = [slab(grid, half, pick(rng, "round sharp"))]
    if chance(rng, 0.6):
        for v0 in (-0.48, 0.48):
            line = grid[:, 0] * [1, 1, 0] + [0, -half, middle + v0 * high]
            parts.append(tube(line, 0.8 * half, sides=4, ends="flat"))
    parts.append(box([0, half + 0.01, middle], [0.3 * width, 0.06, 0.5 * high], 0.6))
    return parts, half + 0.03


def _twins(rng: Random, width: float, high: float, middle: float) -> tuple[Parts, float]:
    """Two screens side by side on a beam."""
    half, angle = rng.uniform(0.012, 0.022), rng.uniform(0, 22)
    screen = bar([[-width / 2, 0, 0], [width / 2, 0, 0]], [0, 0, 1], high / 2, half, rng.uniform(0, 0.8))
    reach = width * 0.53 * np.cos(np.radians(angle))
    turned_in = moved(screen, turned("z", angle), (reach, 0, middle))
    behind = half + 0.07
    beam = tube([[-reach, behind, middle], [reach, behind, middle]], 0.025)
    joint = tube([[reach, 0, middle], [reach, behind, middle]], 0.03, ends="flat")
    return [*both(turned_in), beam, *both(joint)], behind


def _tube_set(rng: Random, width: float, high: float, middle: float, lift: float) -> Parts:
    """The old deep kind."""
    deep = rng.uniform(0.6, 0.95)
    share = np.array([0, 0.22, 0.3, 0.75, 1.0])
    wide = width / 2 * np.array([1, 1, 0.95, 0.62, 0.5])
    tall = high / 2 * np.array([1, 1, 0.95, 0.65, 0.5])
    line = np.stack([0 * share, (share - 0.3) * deep, middle + (high / 2 - tall) * -0.4], 1)
    parts: Parts = [bar(line, [1, 0, 0], wide, tall, rng.uniform(0.05, 0.25))]
    front = -0.3 * deep
    parts += _bezel(width, high, middle, front, rng.uniform(0.06, 0.1), 0.03)
    if chance(rng, 0.4):
        # The case is shallow in front of x = y = 0 and narrows behind it: no leg shows in the picture or at the sides.
        legs = [
            tube([[x, y * deep, middle], [1.15 * x, y * deep, 0]], 0.025, ends="flat")
            for x in (-0.3, 0.3)
            for y in (-0.18, 0.25)
        ]
        return parts + legs
    rear, wide = 0.05 * deep, 0.24 * deep
    neck = tube([[0, rear, lift * 0.15], [0, rear, middle]], [wide, 0.9 * wide], ends="flat", sides=24)
    return [*parts, neck, disc([0, rear, 0.03], [0, 0, 1], 1.5 * wide, 0.03, "round", 28, power=pick_power(rng))]


def pick_power(rng: Random) -> float:
    """Round or squarish."""
    return 2.0 if chance(rng, 0.5) else 4.0


def _stand(rng: Random, screen: str, width: float, middle: float, high: float, rear: float) -> Parts:
    kind = pick(rng, "disc disc plate plate feet vee ring")
    low = middle + 0.02 if screen == "twin" else middle - high * rng.uniform(0.1, 0.3)
    if kind == "feet" and screen == "flat":
        x = width * rng.uniform(0.28, 0.42)
        foot = tube([[x, -0.13, 0.014], [x, 0, middle - 0.45 * high], [x, 0.16, 0.014]], 0.016, sides=8)
        return both(foot)
    neck = _neck(rng, rear, low)
    back = rear + 0.03
    if kind == "disc":
        radius = rng.uniform(0.15, 0.25)
        return [
            *neck,
            disc([0, back - 0.03, 0.012], [0, 0, 1], (radius * rng.uniform(1, 1.5), radius), 0.012, "round", 28),
        ]
    if kind == "plate":
        size = [rng.uniform(0.3, 0.55), rng.uniform(0.22, 0.32), 0.025]
        return [*neck, box([0, back - 0.03, 0.0125], size, rng.uniform(0, 1))]
    if kind == "ring":
        turn = 2 * np.pi * np.arange(24) / 24
        line = np.stack([0.22 * np.cos(turn), back - 0.16 + 0.16 * np.sin(turn), 0.015 + 0 * turn], 1)
        return [*neck, tube(line, 0.015, closed=True)]
    legs: list[Part] = both(tube([[0, back, 0.016], [0.3, back - rng.uniform(0.2, 0.32), 0.016]], 0.016))
    return [*neck, *legs, tube([[0, back, 0.016], [0, back + 0.1, 0.016]], 0.016)]


def _neck(rng: Random, rear: float, low: float) -> Parts:
    back = rear + 0.03
    if chance(rng, 0.5):
        return [
            tube([[0, back, 0.012], [0, back, low]], rng.uniform(0.018, 0.035), ends="flat"),
            tube([[0, back, low - 0.02], [0, -0.005, low - 0.02]], 0.03, ends="flat"),
        ]
    half = rng.uniform(0.04, 0.09)
    lean = rng.uniform(0, 0.06)
    return [
        bar([[0, back, 0.012], [0, back - 0.3 * lean, low]], [1, 0, 0], half, 0.014, rng.uniform(0, 1)),
        box([0, back / 2, low - 0.04], [2 * half, back + 0.02, 0.08], 0.4),
    ]
