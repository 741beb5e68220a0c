"""Long guns: stocks solid, framed or folding, magazines, grips, scopes, bipods, brakes; muzzle towards -Y."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, box, disc, tube
from .common import Parts, Random, chance, pick


def rifle(rng: Random) -> Parts:
    """One rifle, a metre long, the barrel's axis at z = 0."""
    kind = pick(rng, "assault assault hunting hunting sniper carbine lever shotgun")
    front, rear = -0.55, rng.uniform(0.12, 0.2)
    start = rng.uniform(-0.12, -0.04)
    radius = rng.uniform(0.008, 0.012) * (1.25 if kind in ("sniper", "shotgun") else 1)
    half, deep = rng.uniform(0.015, 0.022), rng.uniform(0.03, 0.042)
    wooden = kind in ("hunting", "lever", "shotgun") or (kind == "sniper" and chance(rng, 0.5))
    parts = _barrel(rng, kind, front, start, radius)
    corner = rng.uniform(0.1, 0.8)
    parts.append(bar([[0, start - 0.02, -0.4 * deep], [0, rear, -0.4 * deep]], [1, 0, 0], half, 0.85 * deep, corner))
    parts += _fore(rng, wooden=wooden, start=start, half=half, deep=deep, kind=kind)
    parts += _stock(rng, wooden=wooden, rear=rear, half=half, deep=deep)
    parts += _guard(rng, rear, deep)
    if not wooden:
        parts.append(_grip(rng, rear, half, deep))
    parts += _magazine(rng, kind, start, rear, half, deep)
    parts += _sights(rng, kind, front, start, rear, half, deep)
    if kind == "sniper" or chance(rng, 0.12):
        parts += _bipod(rng, start, deep)
    bolt = tube(
        [[0, rear - 0.07, 0.0], [half + 0.02, rear - 0.06, 0.0], [half + 0.045, rear - 0.05, -0.025]],
        [0.006, 0.006, 0.009],
        sides=8,
    )
    return [*parts, bolt] if wooden or chance(rng, 0.5) else parts


def _barrel(rng: Random, kind: str, front: float, start: float, radius: float) -> Parts:
    inner = start + 0.05
    parts: Parts = [
        tube(
            [[0, inner, 0], [0, 0.5 * (front + start), 0], [0, front, 0]],
            radius * np.array([1.3, 1.05, 1.0]),
            ends="flat",
            sides=14,
        )
    ]
    muzzle = pick(rng, "none brake silencer ring")
    if muzzle == "brake":
        parts += [
            tube([[0, front + 0.02, 0], [0, front - 0.03, 0]], 1.5 * radius, ends="flat", sides=14),
            disc([0, front - 0.01, 0], [0, 1, 0], 1.9 * radius, 0.004, "sharp", 16),
        ]
    if muzzle == "silencer":
        parts.append(tube([[0, front + 0.06, 0], [0, front - 0.1, 0]], 2.2 * radius, ends="flat", sides=18))
    if muzzle == "ring":
        parts.append(tube([[0, front + 0.025, 0], [0, front, 0]], 1.35 * radius, ends="flat", sides=14))
    if kind in ("lever", "shotgun"):
        long = front + (0.03 if kind == "shotgun" else 0.12)
        parts.append(tube([[0, inner, -2.2 * radius], [0, long, -2.2 * radius]], 1.05 * radius, sides=14))
        parts.append(box([0, long + 0.015, -1.1 * radius], [1.6 * radius, 0.015, 3 * radius]))
    if kind in ("assault", "carbine") and chance(rng, 0.5):
        y = front + rng.uniform(0.1, 0.2)
        parts += [
            tube([[0, inner, 0.026], [0, y, 0.026]], 0.6 * radius, sides=10),
            box([0, y, 0.014], [1.8 * radius, 0.02, 0.04]),
        ]
    return parts


def _fore(rng: Random, *, wooden: bool, start: float, half: float, deep: float, kind: str) -> Parts:
    """What the front hand holds."""
    end = rng.uniform(-0.42, -0.28)
    if kind == "shotgun":
        return [tube([[0, end, -0.018], [0, end + 0.15, -0.018]], 0.024, sides=14)]
    if wooden:
        line = [[0, start + 0.02, -0.5 * deep], [0, 0.5 * (start + end), -0.38 * deep], [0, end, -0.2 * deep]]
        return [bar(line, [1, 0, 0], [0.95 * half, 0.9 * half, 0.7 * half], [0.5 * deep, 0.42 * deep, 0.3 * deep], 0.9)]
    shape = pick(rng, "tube box ribbed")
    if shape == "tube":
        parts: Parts = [
            tube([[0, start + 0.02, -0.003], [0, end, -0.003]], [1.25 * half, 1.05 * half], ends="flat", sides=16)
        ]
    else:
        parts = [
            bar(
                [[0, start + 0.02, -0.1 * deep], [0, end, -0.1 * deep]],
                [1, 0, 0],
                1.05 * half,
                rng.uniform(0.5, 0.65) * deep,
                0.4,
            )
        ]
    if shape == "ribbed":
        parts += [
            disc([0, y, -0.1 * deep], [0, 1, 0], (1.2 * half, 0.72 * deep), 0.004, "sharp", 16)
            for y in np.linspace(end + 0.02, start - 0.03, 6)
        ]
    if chance(rng, 0.25):
        y = end + rng.uniform(0.04, 0.1)
        parts.append(tube([[0, y, -0.2 * deep], [0, y + 0.01, -0.12]], [0.015, 0.012]))
    return parts


def _stock(rng: Random, *, wooden: bool, rear: float, half: float, deep: float) -> Parts:
    long, drop = rng.uniform(0.24, 0.32), rng.uniform(0.02, 0.06)
    end = rear + long
    if wooden:
        share = np.linspace(0, 1, 8)
        neck = deep * (0.5 + 0.0 * share) + (0.036 * share**1.3)
        if chance(rng, 0.4):
            neck = neck + 0.012 * np.exp(-(((share - 0.35) / 0.1) ** 2))
        z = -0.5 * deep - drop * share**0.8 - 0.4 * (neck - 0.5 * deep)
        line = np.stack([0 * share, rear - 0.03 + share * (long + 0.03), z], 1)
        wide = half * (0.8 + 0.15 * share)
        return [
            bar(line, [1, 0, 0], wide, neck, 0.85),
            box([0, end, z[-1]], [2 * wide[-1], 0.014, 2.1 * neck[-1]], 0.6),
        ]
    kind = pick(rng, "solid skeleton tube wire")
    pad = box([0, end, -0.035], [1.6 * half, 0.022, 0.115], 0.6)
    core = tube([[0, rear - 0.03, -0.2 * deep], [0, end, -0.2 * deep]], 0.0125, ends="flat", sides=12)
    if kind == "tube":
        butt = bar([[0, rear + 0.4 * long, -0.02], [0, end, -0.032]], [1, 0, 0], 0.9 * half, [0.028, 0.055], 0.6)
        return [core, butt, pad]
    if kind == "wire":
        line = [[0.8 * half, rear - 0.03, -0.2 * deep], [0.8 * half, end - 0.02, -0.2 * deep - 0.01]]
        brace = tube([[-0.9 * half, end, -0.2 * deep - 0.01], [0.9 * half, end, -0.2 * deep - 0.01]], 0.007)
        hoop = tube([[0, end - 0.012, -0.0], [0, end, -0.09]], 0.009)
        return [
            *both(tube(line, 0.006, sides=8)),
            *both(tube([[0.8 * half, end - 0.03, -0.2 * deep - 0.01], [0.8 * half, end, -0.2 * deep - 0.01]], 0.006)),
            brace,
            hoop,
        ]
    if kind == "skeleton":
        low = tube([[0, rear - 0.02, -0.9 * deep], [0, end - 0.01, -0.085]], 0.011, ends="flat")
        cross = tube([[0, rear + 0.55 * long, -0.2 * deep], [0, rear + 0.7 * long, -0.078]], 0.009, ends="flat")
        return [core, low, pad, cross] if chance(rng, 0.5) else [core, low, pad]
    share = np.linspace(0, 1, 5)
    line = np.stack([0 * share, rear - 0.02 + share * (long + 0.02), -0.4 * deep - 0.02 * share], 1)
    return [bar(line, [1, 0, 0], 0.85 * half, 0.02 + 0.034 * share, 0.5), pad]


def _guard(rng: Random, rear: float, deep: float) -> Parts:
    """Trigger and its bow."""
    low, y = -1.25 * deep, rear - 0.035
    bow = [
        [0, y - 0.065, low + 0.02],
        [0, y - 0.06, low - 0.022],
        [0, y - 0.005, low - 0.026],
        [0, y + 0.012, low + 0.02],
    ]
    trigger = tube([[0, y - 0.028, low + 0.02], [0, y - 0.026, low - 0.012]], [0.005, 0.004], sides=8)
    return [tube(bow, 0.0045, ends="flat", sides=8), trigger]


def _grip(rng: Random, rear: float, half: float, deep: float) -> Part:
    lean = rng.uniform(0.01, 0.04)
    line = [[0, rear - 0.012, -0.8 * deep], [0, rear - 0.008 + lean, -1.2 * deep - 0.07]]
    return bar(line, [0, 1, 0], 0.019, 0.75 * half, 0.9)


def _magazine(rng: Random, kind: str, start: float, rear: float, half: float, deep: float) -> Parts:
    if kind in ("lever", "shotgun"):
        return []
    y, low = 0.55 * start + 0.45 * rear - 0.02, -1.1 * deep
    shape = "short" if kind in ("hunting", "sniper") else pick(rng, "straight curved curved drum short")
    wide = 0.75 * half
    if shape == "drum":
        return [
            bar([[0, y, low + 0.01], [0, y - 0.01, low - 0.05]], [0, 1, 0], 0.024, wide, 0.2),
            disc([0, y - 0.015, low - 0.075], [1, 0, 0], 0.05, 1.3 * half, "sharp", 26, across=(0, 1, 0)),
        ]
    long = {"short": rng.uniform(0.02, 0.035)}.get(shape, rng.uniform(0.09, 0.15))
    bend = rng.uniform(0.3, 0.6) if shape == "curved" else rng.uniform(0, 0.12)
    share = np.linspace(0, 1, 7)
    line = np.stack([0 * share, y - bend * long * share**1.8, low + 0.012 - (long + 0.012) * share], 1)
    return [bar(line, [0, 1, 0], rng.uniform(0.022, 0.03), wide, 0.3)]


def _sights(rng: Random, kind: str, front: float, start: float, rear: float, half: float, deep: float) -> Parts:
    top = 0.45 * deep
    choice = "scope" if kind == "sniper" else pick(rng, "iron iron scope rail dot carry")
    if kind in ("lever", "shotgun", "hunting"):
        choice = pick(rng, "iron scope")
    if choice == "iron":
        post = bar([[0, front + 0.03, 0], [0, front + 0.035, 0.032]], [1, 0, 0], 0.003, 0.006)
        return [post, box([0, rear - 0.14, top + 0.002], [0.02, 0.03, 0.02])]
    rail = box([0, (start + rear) / 2, top], [0.9 * half, 0.8 * (rear - start), 0.014])
    if choice == "rail":
        teeth = [
            box([0, y, top + 0.008], [0.9 * half, 0.008, 0.012]) for y in np.linspace(start + 0.05, rear - 0.05, 6)
        ]
        return [rail, *teeth]
    if choice == "dot":
        y = rng.uniform(start + 0.08, rear - 0.08)
        return [
            rail,
            box([0, y, top + 0.014], [0.03, 0.05, 0.02]),
            tube([[0, y - 0.03, top + 0.036], [0, y + 0.03, top + 0.036]], 0.02, ends="flat", sides=18),
        ]
    if choice == "carry":
        loop = [
            [0, start + 0.03, top - 0.012],
            [0, start + 0.06, top + 0.04],
            [0, rear - 0.04, top + 0.045],
            [0, rear - 0.03, top - 0.012],
        ]
        return [rail, tube(loop, 0.009, ends="flat", sides=4)]
    middle, z, size = (
        (start + rear) / 2 + rng.uniform(-0.02, 0.02),
        top + rng.uniform(0.03, 0.042),
        rng.uniform(0.011, 0.014),
    )
    reach = rng.uniform(0.1, 0.15)
    at = np.array([-1.0, -0.65, -0.45, 0.5, 0.65, 1.0])
    line = np.stack([0 * at, middle + reach * at, z + 0 * at], 1)
    glass = tube(line, size * np.array([rng.uniform(1.5, 2), 1.75, 1, 1, 1.5, 1.5]), ends="flat", sides=16)
    mounts = [box([0, middle + s * 0.32 * reach, (top + z) / 2], [0.016, 0.018, z - top + 0.016]) for s in (-1, 1)]
    knobs = [
        tube([[0, middle, z], [0, middle, z + 2.1 * size]], 0.75 * size, ends="flat", sides=12),
        tube([[0, middle, z], [2.1 * size, middle, z]], 0.75 * size, ends="flat", sides=12),
    ]
    return [rail, glass, *mounts, *knobs]


def _bipod(rng: Random, start: float, deep: float) -> Parts:
    y, low, splay = start - rng.uniform(0.1, 0.18), -rng.uniform(0.16, 0.22), rng.uniform(0.04, 0.09)
    leg = tube([[0.004, y, -0.4 * deep], [splay, y - rng.uniform(0, 0.05), low]], [0.006, 0.005], sides=8)
    return [*both(leg), box([0, y, -0.35 * deep], [0.03, 0.03, 0.8 * deep])]
