"""Aircraft: airliners, light planes, jets, gliders, biplanes; wings high or low, tails plain, T, twin or V."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, disc, tube, wing
from .common import Parts, Random, blades, chance, pick


def plane(rng: Random) -> Parts:
    """One aircraft, nose towards -Y."""
    kind = pick(rng, "airliner airliner light light jet glider biplane transport")
    radius = {"airliner": 0.055, "light": 0.062, "jet": 0.05, "glider": 0.035, "biplane": 0.06, "transport": 0.075}[
        kind
    ]
    radius *= rng.uniform(0.85, 1.2)
    body, height = _fuselage(rng, kind, radius)
    parts: Parts = [body]
    span = {"airliner": 0.5, "light": 0.58, "jet": 0.34, "glider": 0.85, "biplane": 0.5, "transport": 0.55}[kind]
    span *= rng.uniform(0.85, 1.15)
    high = kind in ("transport", "glider") or (kind == "light" and chance(rng, 0.6))
    level = (0.75 if high else rng.uniform(-0.6, -0.2)) * radius
    sweep = {"airliner": rng.uniform(0.3, 0.65), "jet": rng.uniform(0.5, 1.1), "transport": rng.uniform(0, 0.4)}.get(
        kind, rng.uniform(-0.05, 0.12)
    )
    chord = {"airliner": 0.1, "light": 0.08, "jet": 0.16, "glider": 0.045, "biplane": 0.09, "transport": 0.09}[
        kind
    ] * rng.uniform(0.85, 1.2)
    at = {"jet": 0.05, "light": -0.12, "biplane": -0.18}.get(kind, -0.04) + rng.uniform(-0.03, 0.03)
    rise = rng.uniform(-0.02, 0.12) if not high else rng.uniform(-0.05, 0.06)
    taper = rng.uniform(0.25, 0.5) if kind in ("airliner", "jet", "glider") else rng.uniform(0.6, 1.0)
    main = _Wing(span, chord, taper, sweep, rise, at, level)
    parts += main.parts()
    if kind == "biplane":
        upper = _Wing(span, chord, taper, sweep, rise, at - 0.03, radius * rng.uniform(2.2, 2.8))
        parts += upper.parts() + _struts(rng, main, upper, radius)
    parts += _tail(rng, kind, radius, height, chord)
    parts += _engines(rng, kind, radius, main, high=high)
    if kind in ("airliner", "transport") and chance(rng, 0.5):
        tip = main.at(1.0)
        parts += both(
            wing([tip, tip + np.array([0.01, 0.03, 0.06])], [0, 1, 0], [taper * chord * 0.5, 0.012], [0.008, 0.005], 10)
        )
    if kind in ("light", "jet", "biplane"):
        parts += _canopy(rng, kind, radius, height)
    if chance(rng, 0.75 if kind in ("light", "biplane") else 0.3):
        parts += _gear(rng, kind, radius, main)
    return parts


class _Wing:
    """One pair of main wings."""

    def __init__(
        self, span: float, chord: float, taper: float, sweep: float, rise: float, at: float, level: float
    ) -> None:
        self.span, self.chord, self.taper, self.sweep, self.rise, self.at_y, self.level = (
            span,
            chord,
            taper,
            sweep,
            rise,
            at,
            level,
        )

    def at(self, share: float) -> np.ndarray:
        """The wing's middle at a share of the half span."""
        x = share * self.span
        return np.array([x, self.at_y + x * self.sweep, self.level + x * self.rise])

    def width(self, share: float) -> float:
        return self.chord * (1 - (1 - self.taper) * share)

    def parts(self) -> Parts:
        share = np.linspace(0, 1, 2)
        wide = np.array([self.width(s) for s in share])
        line = np.array([self.at(s) for s in share])
        line[0, 0] = -0.004  # both halves reach into each other
        return both(wing(line, [0, 1, 0], wide, 0.13 * wide + 0.003, 14, "tip"))


def _fuselage(rng: Random, kind: str, radius: float) -> tuple[Part, np.ndarray]:
    """The body, and its (y, z of the axis, radius) table."""
    share = np.linspace(0, 1, 13)
    nose = {"jet": 0.35, "airliner": 0.12, "transport": 0.14}.get(kind, 0.18)
    tail = {"glider": 0.6, "light": 0.55, "biplane": 0.6, "jet": 0.25}.get(kind, 0.38)
    tip = {"light": 0.55, "biplane": 0.75}.get(kind, 0.12)
    front = tip + (1 - tip) * np.sqrt(np.clip(1 - (1 - np.minimum(share / nose, 1)) ** 2, 0, 1))
    end = 0.55 if kind == "jet" else rng.uniform(0.12, 0.25)
    back = 1 - (1 - end) * np.clip((share - 1 + tail) / tail, 0, 1) ** 1.4
    size = radius * np.minimum(front, back)
    lift = rng.uniform(0.2, 0.75) if kind in ("airliner", "transport", "light") else 0.1
    z = lift * (radius - size) * (share > 0.5)
    line = np.stack([0 * share, share - 0.5, z], 1)
    if kind in ("light", "transport") and chance(rng, 0.5):
        return bar(line, [1, 0, 0], size, size * 1.05, rng.uniform(0.5, 0.9)), np.stack([share - 0.5, z, size], 1)
    return tube(line, size, sides=16), np.stack([share - 0.5, z, size], 1)


def _fin(root: list[float], tip: list[float], wide: tuple[float, float]) -> Part:
    half = np.array(wide)
    return wing(np.array([root, tip]), [0, 1, 0], half, 0.1 * half + 0.003, 10, "tip")


def _tail(rng: Random, kind: str, radius: float, table: np.ndarray, chord: float) -> Parts:
    y, wide = 0.5 - rng.uniform(0.06, 0.1), 0.065 * rng.uniform(0.8, 1.2)
    z, size = (float(np.interp(y, table[:, 0], table[:, k])) for k in (1, 2))
    tall, lean, reach = rng.uniform(0.11, 0.17), rng.uniform(0.02, 0.09), rng.uniform(0.13, 0.2)
    shape = pick(rng, "plain plain plain t twin v")
    if kind == "jet" and chance(rng, 0.5):
        shape = "twin"
    if shape == "v":
        return both(_fin([-0.004, y, z], [0.75 * reach, y + lean, z + 0.75 * reach], (wide, 0.6 * wide)))
    level = z + 0.2 * size
    parts: Parts = []
    if shape == "t":
        parts.append(_fin([0, y - 0.01, z], [0, y + lean, z + tall], (1.1 * wide, 0.8 * wide)))
        return parts + both(
            _fin([-0.004, y + lean, z + tall], [reach, y + lean + 0.03, z + tall], (0.75 * wide, 0.4 * wide))
        )
    parts += both(_fin([-0.004, y, level], [reach, y + 0.03, level + 0.01], (0.85 * wide, 0.5 * wide)))
    if shape == "twin":
        x = 0.8 * size if kind == "jet" else 0.95 * reach
        start = level - (0.25 * tall if kind != "jet" else 0)
        splay = 0.03 if kind == "jet" else 0.0
        return parts + both(
            _fin([x, y + 0.02, start], [x + splay, y + 0.04, level + 0.7 * tall], (0.8 * wide, 0.5 * wide))
        )
    return [*parts, _fin([0, y - 0.02, z], [0, y + lean, z + tall], (1.2 * wide, 0.55 * wide))]


def _nacelle(at: np.ndarray, radius: float, length: float) -> Part:
    share = np.array([-0.5, -0.45, -0.1, 0.25, 0.5])
    line = at + share[:, None] * [0, length, 0]
    return tube(line, radius * np.array([0.85, 0.97, 1.0, 0.85, 0.5]), ends="flat", sides=12)


def _engines(rng: Random, kind: str, radius: float, main: _Wing, *, high: bool) -> Parts:
    if kind == "glider":
        return []
    if kind in ("light", "biplane"):
        if kind == "light" and chance(rng, 0.25):
            return _propellers(rng, main, [0.35], radius)
        count = int(rng.integers(2, 5))
        nose = [0, -0.5 - 0.25 * radius, 0]
        return blades(count, nose, rng.uniform(1.5, 2.2) * radius, 0.016, rng.uniform(0, 90))
    if kind == "jet":
        if chance(rng, 0.6):
            # Intakes along the flanks.
            flank = tube(
                [[0.9 * radius, -0.08, 0], [0.95 * radius, 0.1, 0], [0.7 * radius, 0.47, 0]],
                [0.5 * radius, 0.55 * radius, 0.5 * radius],
                ends="flat",
            )
            return both(flank)
        return [tube([[0, 0.4, 0], [0, 0.53, 0]], [0.65 * radius, 0.55 * radius], ends="flat")]
    if kind == "transport" and chance(rng, 0.6):
        return _propellers(rng, main, [0.3, 0.6] if chance(rng, 0.5) else [0.35], radius)
    size = rng.uniform(0.4, 0.6) * radius
    if not high and chance(rng, 0.25):
        out = 1.0 * radius + 0.8 * size
        y = rng.uniform(0.18, 0.24)
        pylon = wing([[0.3 * radius, y, 0.5 * radius], [out, y, 0.55 * radius]], [0, 1, 0], 0.04, 0.01, 10)
        return [*both(_nacelle(np.array([out, y, 0.55 * radius]), size, 0.15)), *both(pylon)]
    parts: Parts = []
    for share in [0.33, 0.62] if chance(rng, 0.35) else [0.36]:
        root = main.at(share)
        place = root + np.array([0, -0.55 * main.width(share), -1.1 * size - 0.012])
        pylon = wing([root, root + np.array([0, 0, -1.1 * size - 0.012])], [0, 1, 0], 0.045, 0.007, 10)
        parts += [*both(_nacelle(place, size, 3.8 * size)), *both(pylon)]
    return parts


def _propellers(rng: Random, main: _Wing, shares: list[float], radius: float) -> Parts:
    parts: Parts = []
    count, size = int(rng.integers(2, 5)), rng.uniform(0.28, 0.4) * radius
    for share in shares:
        root = main.at(share)
        front = root + np.array([0, -main.width(share) - 0.03, 0])
        body = tube([front, root + np.array([0, 0.5 * main.width(share), 0])], [size, 0.4 * size], sides=10)
        for part in [body, *blades(count, front - np.array([0, 0.7 * size, 0]), 2.8 * size, 0.012, rng.uniform(0, 90))]:
            parts += both(part)
    return parts


def _struts(rng: Random, main: _Wing, upper: _Wing, radius: float) -> Parts:
    parts: Parts = []
    for share in (0.14, 0.75):
        for y in (-0.4, 0.4):
            low, top = main.at(share), upper.at(share)
            shift = np.array([0, y * main.width(share), 0])
            parts += both(tube([low + shift, top + shift], 0.005, ends="flat", sides=8))
    centre = upper.at(0.0)
    return [
        *parts,
        *both(
            tube(
                [[0.3 * radius, centre[1], 0.5 * radius], centre + np.array([0.7 * radius, 0, 0])],
                0.006,
                ends="flat",
                sides=8,
            )
        ),
    ]


def _canopy(rng: Random, kind: str, radius: float, table: np.ndarray) -> Parts:
    y = {"jet": -0.2, "biplane": -0.02}.get(kind, -0.2) + rng.uniform(-0.03, 0.03)
    size, long = rng.uniform(0.55, 0.7) * radius, rng.uniform(0.08, 0.13)
    z = float(np.interp(y, table[:, 0], table[:, 2])) * 0.65
    share = np.linspace(-1, 1, 7)
    line = np.stack([0 * share, y + long * share, z + 0 * share], 1)
    return [tube(line, size * np.sqrt(1.03 - share**2), sides=12)]


def _gear(rng: Random, kind: str, radius: float, main: _Wing) -> Parts:
    wheel, half = rng.uniform(0.018, 0.026), 0.008
    drop = -radius - rng.uniform(0.03, 0.06)
    x = rng.uniform(1.0, 1.8) * radius
    root = main.at(x / main.span)
    side = [
        tube(
            [root if main.level < 0 else [0.5 * radius, root[1], -0.5 * radius], [x, root[1], drop]],
            0.006,
            ends="flat",
            sides=8,
        )
    ]
    side.append(disc([x, root[1], drop], [1, 0, 0], wheel - half, half, "round", 10, across=(0, 1, 0)))
    parts = [half_part for part in side for half_part in both(part)]
    y = 0.4 if kind == "biplane" else -0.36
    low = drop if y < 0 else -0.5 * radius
    parts.append(tube([[0, y, 0], [0, y, low]], 0.006, ends="flat", sides=8))
    return [*parts, disc([0, y, low], [1, 0, 0], 0.8 * wheel - half, half, "round", 10, across=(0, 1, 0))]
