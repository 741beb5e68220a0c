"""Loudspeakers: boxes, columns, bars, pairs on stands, cylinders, horns; cones, domes, ports, feet, grilles."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, box, disc, ellipsoid, slab, tube
from .common import Parts, Random, chance, pick


def speaker(rng: Random) -> Parts:
    """One loudspeaker, its cones towards -Y."""
    kind = pick(rng, "box box column column bar cylinder horn ball stand")
    if kind == "bar":
        return _sound_bar(rng)
    if kind == "cylinder":
        return _cylinder(rng)
    if kind == "horn":
        return _horn(rng)
    if kind == "ball":
        return _ball(rng)
    width = rng.uniform(0.26, 0.42) if kind == "column" else rng.uniform(0.5, 0.75)
    high, deep = 1.0, rng.uniform(0.7, 1.15) * width
    if kind == "stand":
        return _on_stand(rng)
    parts = [_case(rng, width, high, deep, 0.0), *_front(rng, width, high, -deep / 2, 0.0)]
    return parts + _feet(rng, width, deep)


def _case(rng: Random, width: float, high: float, deep: float, foot: float) -> Part:
    """A box, rounded along its height, tapered or leaning at times."""
    corner = 0.0 if chance(rng, 0.4) else rng.uniform(0.1, 0.7)
    taper = 1.0 if chance(rng, 0.6) else rng.uniform(0.7, 0.95)
    lean = 0.0 if chance(rng, 0.7) else rng.uniform(0.0, 0.12) * deep
    line = np.array([[0, 0, foot], [0, lean / 2, foot + high / 2], [0, lean, foot + high]])
    grow = np.array([1, (1 + taper) / 2, taper])
    if taper == 1.0 and lean == 0.0:
        return box([0, 0, foot + high / 2], [width, deep, high], corner)
    # The front face stays upright: what the depth loses, the rear loses.
    line[:, 1] += deep / 2 * (grow - 1) - np.array([0, lean / 2, lean])
    return bar(line, [1, 0, 0], width / 2 * grow, deep / 2 * grow, corner)


def _driver(rng: Random, x: float, y: float, z: float, radius: float, style: str) -> Parts:
    """A surround and a cone or dome on a front at y."""
    turn = 2 * np.pi * np.arange(24) / 24
    ring = np.stack([x + radius * np.cos(turn), y + 0 * turn, z + radius * np.sin(turn)], 1)
    parts: Parts = [tube(ring, 0.11 * radius + 0.004, closed=True, sides=8)]
    if style == "dome":
        return [*parts, ellipsoid([x, y, z], [0.5 * radius, 0.3 * radius, 0.5 * radius], 14)]
    parts.append(
        tube([[x, y + 0.01, z], [x, y - 0.12 * radius, z]], [0.8 * radius, 0.5 * radius], ends="flat", sides=20)
    )
    return [*parts, ellipsoid([x, y - 0.1 * radius, z], [0.25 * radius, 0.12 * radius, 0.25 * radius], 12)]


def _front(rng: Random, width: float, high: float, y: float, foot: float) -> Parts:
    """One to four drivers from the tweeter down, a port, a grille's frame."""
    count = int(rng.integers(1, 5)) if high / width > 1.8 else int(rng.integers(1, 3))
    style = pick(rng, "cone cone dome")
    biggest = min(0.4 * width, 0.36 * high / count)
    sizes = biggest * (np.linspace(1, 0.75, count) if chance(rng, 0.5) else np.ones(count))
    sizes[-1] *= rng.uniform(0.35, 0.8) if count > 1 else 1
    gap = (high - 2.3 * sizes.sum()) / (count + 1)
    parts, z = [], foot + max(gap, 0.02)
    for radius in sizes:
        z += 1.15 * radius
        parts += _driver(rng, 0.0, y, z, 0.88 * radius, style if radius > 0.5 * biggest else "dome")
        z += 1.15 * radius + max(gap, 0.0)
    if gap > 0.08 and chance(rng, 0.5):
        turn = 2 * np.pi * np.arange(18) / 18
        size = min(0.3 * gap, 0.12 * width)
        ring = np.stack([0.25 * width + size * np.cos(turn), y + 0 * turn, foot + gap / 2 + size * np.sin(turn)], 1)
        parts.append(tube(ring, 0.2 * size + 0.003, closed=True, sides=8))
    if chance(rng, 0.25):
        edge = 0.04 * width
        parts += [box([s * (width / 2 - 2 * edge), y, foot + high / 2], [edge, 0.03, 0.92 * high]) for s in (-1, 1)]
        parts += [box([0, y, foot + high * (0.5 + s * 0.46)], [width - 3 * edge, 0.03, edge]) for s in (-1, 1)]
    return parts


def _feet(rng: Random, width: float, deep: float) -> Parts:
    kind = pick(rng, "none plinth spikes feet rails")
    if kind == "plinth":
        return [box([0, 0, -0.005], [1.15 * width, 1.1 * deep, 0.04], 0.3)]
    if kind == "rails":
        return [
            tube([[s * 0.38 * width, -0.6 * deep, -0.01], [s * 0.38 * width, 0.6 * deep, -0.01]], 0.02) for s in (-1, 1)
        ]
    if kind in ("spikes", "feet"):
        size = [0.02, 0.006] if kind == "spikes" else [0.03, 0.03]
        return [
            tube(
                [[sx * 0.38 * width, sy * 0.38 * deep, 0.02], [sx * 0.38 * width, sy * 0.38 * deep, -0.05]],
                size,
                ends="flat",
                sides=12,
            )
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
    return []


def _on_stand(rng: Random) -> Parts:
    high, width, foot = rng.uniform(0.3, 0.42), rng.uniform(0.2, 0.28), rng.uniform(0.45, 0.62)
    deep = width * rng.uniform(0.9, 1.2)
    parts: Parts = [_case(rng, width, high, deep, foot), *_front(rng, width, high, -deep / 2, foot)]
    parts.append(box([0, 0, foot], [1.02 * width, 1.02 * deep, 0.024]))
    count = int(rng.integers(1, 4))
    for x in (np.arange(count) - (count - 1) / 2) * 0.3 * width:
        parts.append(tube([[x, 0, 0.01], [x, 0, foot]], rng.uniform(0.014, 0.028), ends="flat", sides=12))
    base = box([0, 0, 0.014], [1.25 * width, 1.2 * deep, 0.028], 0.4)
    return [*parts, base if chance(rng, 0.6) else disc([0, 0, 0.014], [0, 0, 1], 0.75 * width, 0.014, "round", 26)]


def _sound_bar(rng: Random) -> Parts:
    high, deep = rng.uniform(0.08, 0.13), rng.uniform(0.08, 0.13)
    parts: Parts = [bar([[-0.5, 0, high / 2], [0.5, 0, high / 2]], [0, 1, 0], deep / 2, high / 2, rng.uniform(0, 1))]
    for x in np.linspace(-0.4, 0.4, int(rng.integers(2, 7))):
        parts += _driver(rng, x, -deep / 2 + 0.004, high / 2, rng.uniform(0.25, 0.28) * high, "cone")
    parts += [box([s * 0.36, 0, 0.0], [0.1, 0.9 * deep, 0.03], 0.4) for s in (-1, 1)]
    if chance(rng, 0.5):
        parts.append(box([0, 0, high], [0.14, 0.3 * deep, 0.012]))
    return parts


def _cylinder(rng: Random) -> Parts:
    """A room speaker: an upright drum, banded."""
    high, radius = rng.uniform(0.55, 1.0), rng.uniform(0.2, 0.34)
    share = np.linspace(0, 1, 13)
    bulge = 1 + rng.uniform(-0.12, 0.2) * np.sin(np.pi * share)
    parts: Parts = [tube(np.stack([0 * share, 0 * share, share * high], 1), radius * bulge, ends="flat", sides=26)]
    for z in rng.uniform(0.08, 0.92, int(rng.integers(1, 4))) * high:
        turn = 2 * np.pi * np.arange(28) / 28
        size = radius * (1 + (float(np.interp(z / high, share, bulge)) - 1))
        parts.append(
            tube(np.stack([size * np.cos(turn), size * np.sin(turn), z + 0 * turn], 1), 0.014, closed=True, sides=8)
        )
    parts.append(disc([0, 0, high], [0, 0, 1], 0.8 * radius, 0.02, "round", 26))
    if chance(rng, 0.6):
        parts += _driver(rng, 0.0, -radius * 1.0, 0.35 * high, 0.3 * radius, "cone")
        parts.append(
            tube([[0, -0.5 * radius, 0.35 * high], [0, -radius, 0.35 * high]], 0.33 * radius, ends="flat", sides=20)
        )
    if chance(rng, 0.5):
        turn = np.linspace(0, np.pi, 12)
        reach = 0.85 * radius
        handle = np.stack([reach * np.cos(turn), 0 * turn, high - 0.02 + 0.5 * radius * np.sin(turn)], 1)
        parts.append(tube(handle, 0.022, ends="flat", sides=10))
    return [*parts, disc([0, 0, 0.0], [0, 0, 1], 0.85 * radius, 0.02, "round", 26)]


def _horn(rng: Random) -> Parts:
    """An open horn on a driver with a bracket."""
    long, mouth = rng.uniform(0.6, 0.9), rng.uniform(0.3, 0.42)
    turn, share = 2 * np.pi * np.arange(24) / 24, np.linspace(0, 1, 9)[:, None]
    outline = 0.09 + (mouth - 0.09) * share ** rng.uniform(1.6, 3)
    oval = rng.uniform(0.6, 1)
    grid = np.stack([outline * np.cos(turn), 0.25 - long * share + 0 * turn, oval * outline * np.sin(turn)], -1)
    motor = [
        tube([[0, 0.27, 0], [0, 0.45, 0]], [0.13, 0.15], ends="flat", sides=20),
        tube([[0, 0.15, 0], [0, 0.3, 0]], 0.1, ends="flat", sides=18),
    ]
    low = -mouth * oval - 0.12
    bracket = tube([[0.14, 0.36, 0], [0.2, 0.36, 0.3 * low], [0.2, 0.3, low]], 0.018, ends="flat", sides=8)
    foot = box([0, 0.3, low], [0.5, 0.3, 0.03])
    brace = tube([[-0.14, 0.36, 0], [-0.2, 0.36, 0.3 * low], [-0.2, 0.3, low]], 0.018, ends="flat", sides=8)
    cross = tube([[-0.15, 0.36, 0], [0.15, 0.36, 0]], 0.02, ends="flat")
    return [slab(grid, 0.011, "round", wrap=True), *motor, bracket, brace, foot, cross]


def _ball(rng: Random) -> Parts:
    """A round or egg-shaped case on a foot or legs."""
    radius = 0.4
    body = ellipsoid([0, 0, radius + 0.1], [radius, radius * rng.uniform(0.8, 1), radius * rng.uniform(0.85, 1.25)], 24)
    front = -0.8 * radius
    drive = tube([[0, -0.3 * radius, 0.5], [0, front - 0.05, 0.5]], 0.5 * radius, ends="flat", sides=22)
    parts: Parts = [body, drive, *_driver(rng, 0.0, front - 0.05, 0.5, 0.45 * radius, pick(rng, "cone dome"))]
    if chance(rng, 0.5):
        return [*parts, tube([[0, 0, 0.0], [0, 0, 0.25]], [0.22, 0.12], ends="flat", sides=22)]
    ways = 2 * np.pi * np.arange(3) / 3 + np.pi / 6
    return parts + [
        tube([[0.1 * np.cos(a), 0.1 * np.sin(a), 0.3], [0.32 * np.cos(a), 0.32 * np.sin(a), 0]], [0.03, 0.018])
        for a in ways
    ]
