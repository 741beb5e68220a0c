"""Ships and boats: cargo ships, warships, yachts, sailing boats, tugs, rowing boats, catamarans."""

from __future__ import annotations

import numpy as np

from ..making.parts import Part, bar, both, box, disc, hull, slab, tube
from .common import Parts, Random, chance, pick


def vessel(rng: Random) -> Parts:
    """One ship, bow towards -Y."""
    kind = pick(rng, "cargo cargo warship yacht sail sail tug rowing catamaran liner")
    return KINDS[kind](rng)


def _hull(
    rng: Random, beam: float, depth: float, stern: float, fine: float, sheer: float, full: float, rake: float = 0.06
) -> Part:
    """Length 1 about the origin, deck near z = 0. `stern` 0..1 its width aft, `full` the midship section's fullness."""
    y = np.linspace(-0.5, 0.5, 17)
    s = y + 0.5
    wide = np.minimum(1, (np.maximum(s, 0.002) / fine) ** 0.65)
    wide = wide * np.minimum(1, stern + (1 - stern) * np.sqrt(np.clip((1 - s) / 0.35, 0, 1)))
    wide = np.maximum(wide, 0.06) * beam / 2
    deck = sheer * (2 * np.abs(y)) ** 2.5 * np.where(y < 0, 1, 0.4)
    keel = -depth * (1 - 0.55 * np.clip(0.12 - s, 0, 1) / 0.12) * (1 - 0.45 * np.clip(s - 0.85, 0, 1) / 0.15)
    turn = np.linspace(0, np.pi, 11)
    c, d = np.cos(turn), np.sin(turn)
    x = np.sign(c) * np.abs(c) ** (2 / full)
    z = d ** (2 / full)
    rings = np.empty((len(y), len(turn), 3))
    rings[..., 0] = wide[:, None] * x
    rings[..., 2] = deck[:, None] + (keel - deck)[:, None] * z
    # The stem leans forward: higher points of the bow lie further ahead.
    rings[..., 1] = y[:, None] + rake * z * np.clip(1 - s / 0.25, 0, 1)[:, None]
    return hull(rings)


def _block(y: float, z: float, size: tuple[float, float, float], corner: float = 0.0) -> Part:
    """A deck house whose foot is at z."""
    return box([0, y, z + size[2] / 2], size, corner)


def _mast(y: float, z: float, high: float, radius: float, yard: float = 0.0) -> Parts:
    parts: Parts = [tube([[0, y, z], [0, y, z + high]], [radius, 0.5 * radius], sides=10)]
    if yard:
        parts.append(tube([[-yard, y, z + 0.75 * high], [yard, y, z + 0.75 * high]], 0.5 * radius, sides=8))
    return parts


def _funnel(y: float, z: float, high: float, radius: float, lean: float) -> Part:
    return tube([[0, y, z], [0, y + lean * high, z + high]], [radius, 0.85 * radius], ends="flat", sides=16)


def _house(rng: Random, y: float, z: float, beam: float, long: float, levels: int, step: float) -> tuple[Parts, float]:
    parts, low, corner = [], z - 0.3 * step, rng.uniform(0, 0.3)
    for k in range(levels):
        shrink = 1 - 0.13 * k
        tall = step + (0.3 * step if k == 0 else 0)
        parts.append(_block(y + 0.04 * k * long, low, (0.86 * beam * shrink, long * shrink, tall), corner))
        low += tall - 0.06 * step
    if chance(rng, 0.6):
        parts.append(box([0, y - 0.1 * long, low - 0.4 * step], [1.0 * beam, 0.3 * long, 0.25 * step]))
    return parts, low


def _cargo(rng: Random) -> Parts:
    beam, depth = rng.uniform(0.13, 0.18), rng.uniform(0.08, 0.12)
    parts: Parts = [_hull(rng, beam, depth, 0.75, 0.16, rng.uniform(0.0, 0.04), rng.uniform(3.5, 6))]
    y = rng.uniform(0.3, 0.36)
    house, top = _house(rng, y, 0, beam, rng.uniform(0.08, 0.12), int(rng.integers(3, 6)), 0.028)
    parts += [*house, _funnel(y + 0.03, top - 0.01, 0.05, 0.016, 0.1), *_mast(y - 0.02, top - 0.005, 0.05, 0.004, 0.02)]
    load = pick(rng, "containers containers hatches cranes tanks")
    spots = np.linspace(-0.36, y - 0.12, int(rng.integers(4, 7)))
    pitch = spots[1] - spots[0]
    for k, spot in enumerate(spots):
        if load == "containers":
            rows = int(rng.integers(1, 4))
            parts.append(_block(spot, -0.01, (0.82 * beam * (0.75 if k == 0 else 1), 0.86 * pitch, 0.01 + 0.03 * rows)))
        elif load == "tanks":
            parts.append(tube([[0, spot, 0], [0, spot, 0.03]], 0.42 * min(pitch, beam), sides=18))
        else:
            parts.append(_block(spot, -0.01, (0.65 * beam, 0.7 * pitch, 0.026)))
            if load == "cranes" and k % 2 == 0 and k:
                foot, tip = [0, spot - pitch / 2, 0.1], [0.05 * beam, spot + 0.7 * pitch, 0.14]
                parts += [tube([[0, spot - pitch / 2, -0.01], foot], 0.009), tube([foot, tip], [0.006, 0.003], sides=8)]
    return parts + _mast(-0.43, -0.01, 0.09, 0.005, 0.02)


def _warship(rng: Random) -> Parts:
    beam = rng.uniform(0.09, 0.13)
    parts: Parts = [_hull(rng, beam, rng.uniform(0.06, 0.08), 0.6, 0.4, rng.uniform(0.01, 0.03), rng.uniform(2.4, 3.5))]
    house, top = _house(rng, -0.06, 0, 0.85 * beam, rng.uniform(0.16, 0.22), int(rng.integers(2, 4)), 0.035)
    parts += house
    mast = _mast(-0.02, top - 0.01, rng.uniform(0.08, 0.13), 0.007, 0.03)
    parts += [*mast, _funnel(0.06, 0, 0.1, 0.022, 0.15)]
    aft, deck = _house(rng, 0.2, 0, 0.75 * beam, 0.13, 1, 0.04)
    parts += aft
    barrels = int(rng.integers(1, 4))
    for y, level, facing in [(-0.32, 0.0, -1), (-0.22, 0.012, -1), (0.34, 0.0, 1)][: int(rng.integers(1, 4))]:
        parts += [
            tube([[0, y, -0.02], [0, y, level + 0.028]], [0.034, 0.027], ends="flat", sides=16),
            box([0, y, level + 0.02], [0.04, 0.045, 0.025], 0.5),
        ]
        for x in (np.arange(barrels) - (barrels - 1) / 2) * 0.013:
            parts.append(tube([[x, y, level + 0.024], [x, y + facing * 0.075, level + 0.03]], 0.0035, sides=8))
    parts.append(disc([0, 0.2, deck], [0, 0, 1], 0.022, 0.012, "round", 16))
    return parts


def _liner(rng: Random) -> Parts:
    beam = rng.uniform(0.12, 0.15)
    parts: Parts = [_hull(rng, beam, rng.uniform(0.07, 0.1), 0.55, 0.25, 0.02, rng.uniform(3, 4))]
    low, long = -0.01, rng.uniform(0.66, 0.76)
    for level in range(int(rng.integers(2, 5))):
        wide = beam * (0.9 - 0.09 * level)
        parts.append(box([0, 0.03, low + 0.018], [wide, long - 0.07 * level, 0.036], 0.4))
        low += 0.031
    count, lean = int(rng.integers(1, 5)), rng.uniform(0, 0.3)
    parts += [_funnel(y, low - 0.01, 0.075, 0.022, lean) for y in np.linspace(-0.16, 0.2, count)]
    return [*parts, *_mast(-0.4, -0.01, 0.17, 0.006), *_mast(0.42, -0.01, 0.13, 0.006)]


def _yacht(rng: Random) -> Parts:
    beam = rng.uniform(0.2, 0.28)
    parts: Parts = [_hull(rng, beam, rng.uniform(0.12, 0.15), 0.85, 0.5, rng.uniform(0.02, 0.05), rng.uniform(2, 2.8))]
    share, low = np.linspace(0, 1, 9), -0.02
    for level in range(int(rng.integers(1, 4))):
        start, stop = -0.2 + 0.1 * level, 0.38 - 0.09 * level
        high = 0.06 * np.clip(np.minimum(share / 0.3, 1) * 0.9 + 0.1, 0, 1)
        line = np.stack([0 * share, start + share * (stop - start), low + high / 2], 1)
        wide = beam * (0.38 - 0.05 * level) * (0.7 + 0.3 * np.minimum(share / 0.3, 1))
        parts.append(bar(line, [1, 0, 0], wide, high / 2, 0.5))
        low += 0.055
    arch = [
        [-0.3 * beam, 0.18, low - 0.03],
        [-0.24 * beam, 0.22, low + 0.05],
        [0.24 * beam, 0.22, low + 0.05],
        [0.3 * beam, 0.18, low - 0.03],
    ]
    parts.append(tube(arch, 0.008))
    if chance(rng, 0.6):
        t = np.linspace(0, 1, 9)
        rail = np.stack([0.44 * beam * np.sqrt(t), -0.47 + 0.4 * t, 0.055 + 0 * t], 1)
        rails: Part = tube(np.concatenate([rail[:0:-1] * [-1, 1, 1], rail]), 0.004, sides=8)
        posts = [tube([[x, y, -0.03], [x, y, 0.055]], 0.004, ends="flat", sides=8) for x, y, _ in rail[2::2]]
        parts += [rails, *(half for post in posts for half in both(post))]
    return parts


def _sail(rng: Random) -> Parts:
    beam, tall = rng.uniform(0.2, 0.28), rng.uniform(0.75, 1.2)
    depth = rng.uniform(0.09, 0.13)
    parts: Parts = [
        _hull(rng, beam, depth, rng.uniform(0.4, 0.8), 0.55, rng.uniform(0.01, 0.04), rng.uniform(1.8, 2.4))
    ]
    parts.append(bar([[0, -0.12, 0], [0, 0.2, 0]], [1, 0, 0], [0.2 * beam, 0.3 * beam], 0.035, 0.7))
    if chance(rng, 0.6):
        grid = np.array(
            [
                [[0, y0 + 0.05 * v, -0.75 * depth - 0.16 * v] for v in np.linspace(0, 1, 3)]
                for y0 in np.linspace(-0.08, 0.08, 4)
            ]
        )
        parts.append(slab(grid, 0.009, "round"))
    masts = 1 if chance(rng, 0.65) else int(rng.integers(2, 4))
    spots = [-0.08] if masts == 1 else list(np.linspace(-0.25, 0.22, masts))
    for y in spots:
        high = tall * (1 if masts == 1 else 0.75)
        parts.append(tube([[0, y, -0.03], [0, y, high]], [0.011, 0.006], sides=10))
        boom = 0.9 * (0.42 if masts == 1 else 0.2)
        if masts > 1 and chance(rng, 0.5):
            parts += _square_sails(rng, y, high, beam)
            continue
        parts.append(tube([[0, y, 0.09], [0, y + boom, 0.085]], 0.007, sides=8))
        parts.append(_cloth(rng, [[0, y, 0.09], [0, y + boom, 0.085]], [0, y, 0.97 * high]))
    if chance(rng, 0.7):
        stem, head = np.array([0, -0.47, 0.03]), np.array([0, spots[0], 0.85 * tall * (1 if masts == 1 else 0.75)])
        parts.append(tube([stem, head], 0.004, sides=8))
        parts.append(
            _cloth(rng, [stem + 0.06 * (head - stem), [0.02, spots[0] - 0.05, 0.09]], head - 0.05 * (head - stem))
        )
    return parts


def _cloth(rng: Random, foot: list, head: list[float] | np.ndarray) -> Part:
    """A bellied triangle of a sail, thin but solid."""
    u, v = np.linspace(0, 1, 7)[:, None, None], np.linspace(0, 1, 7)[None, :, None]
    base = np.array(foot[0]) + u * (np.array(foot[1], float) - foot[0])
    grid = base + 0.93 * v * (np.array(head, float) - base)
    belly = rng.uniform(0.02, 0.06) * np.sin(np.pi * u) * np.sin(np.pi * v * 0.9)
    return slab(grid + belly * np.array([1.0, 0, 0]), 0.005, "sharp")


def _square_sails(rng: Random, y: float, high: float, beam: float) -> Parts:
    parts, low = [], 0.12
    for step in np.linspace(0.3, 0.22, int(rng.integers(2, 4))) * high:
        wide = 0.7 * beam * (1 - 0.3 * low / high)
        top = low + step
        parts.append(tube([[-wide, y, top], [wide, y, top]], 0.006, sides=8))
        u, v = np.linspace(-0.95, 0.95, 7)[:, None], np.linspace(0, 1, 5)
        bend = -0.05 * np.sin(np.pi * v) * (1 - u * u)
        grid = np.stack([u * wide + 0 * v, y + bend, low + 0.02 + v * (step - 0.02) + 0 * u], -1)
        parts.append(slab(grid, 0.005))
        low = top
    return parts


def _tug(rng: Random) -> Parts:
    beam = rng.uniform(0.3, 0.38)
    parts: Parts = [_hull(rng, beam, rng.uniform(0.16, 0.2), 0.7, 0.4, rng.uniform(0.06, 0.1), rng.uniform(2.4, 3.2))]
    house, top = _house(rng, -0.06, 0.01, 0.75 * beam, rng.uniform(0.28, 0.4), int(rng.integers(2, 4)), 0.1)
    parts += [*house, _funnel(0.06, top - 0.1, 0.2, 0.045, 0.1), *_mast(-0.06, top - 0.02, 0.22, 0.01, 0.05)]
    turn = np.linspace(0, 1, 9)
    fender = np.stack(
        [0.5 * beam * np.minimum(1, (np.maximum(turn, 0) / 0.4) ** 0.65), -0.5 + 0.9 * turn, 0.06 * (1 - turn) ** 2], 1
    )
    parts += both(tube(fender, 0.018, ends="flat"))
    return [
        *parts,
        tube([[-0.08, 0.3, 0.08], [0.08, 0.3, 0.08]], 0.02),
        *both(tube([[0.05, 0.3, -0.03], [0.05, 0.3, 0.08]], 0.018)),
    ]


def _rowing(rng: Random) -> Parts:
    """An open shell with thwarts, oars at times."""
    beam, depth, stern = rng.uniform(0.28, 0.38), rng.uniform(0.1, 0.15), rng.uniform(0.0, 0.7)
    s, turn = np.linspace(0, 1, 15)[:, None], np.linspace(0, np.pi, 13)
    wide = np.maximum(
        np.minimum(1, (s / 0.5) ** 0.6) * np.minimum(1, stern + (1 - stern) * ((1 - s) / 0.45) ** 0.6), 0.05
    )
    wide = wide * beam / 2
    sheer = rng.uniform(0.02, 0.06) * (2 * s - 1) ** 2
    deep = depth * (1 - 0.35 * (np.abs(2 * s - 1)) ** 3)
    c, d = np.cos(turn), np.sin(turn)
    x, z = np.sign(c) * np.abs(c) ** 0.7, d**0.7
    grid = np.stack([wide * x, s - 0.5 + 0 * x, sheer - (deep + sheer) * z], -1)
    half = rng.uniform(0.008, 0.012)
    parts: Parts = [slab(grid, half, "round")]
    row = grid[-1]
    if stern > 0.15:
        lower = np.linspace(row[0], row[-1], 13)
        parts.append(slab(np.stack([lower, 0.5 * (lower + row), row]), half, "round"))
    for share in np.linspace(0.35, 0.8, int(rng.integers(2, 4))):
        inner = float(np.interp(share, s[:, 0], wide[:, 0]))
        parts.append(box([0, share - 0.5, -0.35 * depth], [2 * inner * 0.95, 0.06, 0.02]))
    if chance(rng, 0.5):
        inner = float(np.interp(0.55, s[:, 0], wide[:, 0]))
        oar = [[0.3 * inner, 0.02, 0.035], [inner, 0.04, 0.005], [2.6 * inner, 0.1, -0.03]]
        blade = bar([oar[2], [3.1 * inner, 0.12, -0.045]], [0, 1, 0], 0.025, 0.006)
        parts += [*both(tube(oar, 0.008, sides=8)), *both(blade)]
    return parts


def _catamaran(rng: Random) -> Parts:
    beam, gap = rng.uniform(0.09, 0.12), rng.uniform(0.16, 0.24)
    one = _hull(rng, beam, rng.uniform(0.1, 0.13), 0.7, 0.4, 0.02, 2.2)
    parts: Parts = []
    for side in (-1, 1):
        shift = np.array([side * gap, 0, 0])
        parts.append(
            Part(one.vertices + shift, one.triangles, (), tuple(type(x)(x.points + shift, x.radii) for x in one.sheets))
        )
    parts.append(box([0, 0.1, 0.0], [2 * gap + 0.05, 0.5, 0.03], 0.4))
    parts.append(
        bar(
            [[0, -0.08, 0.03], [0, 0.1, 0.04], [0, 0.3, 0.035]],
            [1, 0, 0],
            [0.5 * gap, 0.8 * gap, 0.8 * gap],
            [0.03, 0.05, 0.05],
            0.6,
        )
    )
    if chance(rng, 0.7):
        high = rng.uniform(0.8, 1.2)
        parts += [
            tube([[0, -0.05, 0.0], [0, -0.05, high]], [0.011, 0.006], sides=10),
            tube([[0, -0.05, 0.14], [0, 0.38, 0.135]], 0.008, sides=8),
        ]
        parts.append(_cloth(rng, [[0, -0.05, 0.14], [0, 0.38, 0.135]], [0, -0.05, 0.97 * high]))
    return [*parts, tube([[-gap, -0.3, -0.005], [gap, -0.3, -0.005]], 0.013)]


KINDS = {
    "cargo": _cargo,
    "warship": _warship,
    "liner": _liner,
    "yacht": _yacht,
    "sail": _sail,
    "tug": _tug,
    "rowing": _rowing,
    "catamaran": _catamaran,
}
