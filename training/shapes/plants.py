"""Plants: wood with its centre lines, leaves as thin sheets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from .making.finish import Draft, known_shape, limb_part
from .making.lofts import cross, unit
from .making.parts import Part, moved, slab, turned
from .organs.blobs import blob, body, cup, pipe, plain, roughened
from .organs.branching import Growth, Limb, Random, flared, grow, smooth_path, swell
from .shape import Generator

UP = np.array([0.0, 0.0, 1.0])


def leaf(
    base: np.ndarray,
    aim: np.ndarray,
    length: float,
    width: float,
    *,
    droop: float = 0.4,
    fold: float = 0.2,
    half: float = 0.006,
    blunt: float = 0.5,
    rows: int = 6,
) -> Part:
    """A thin blade from `base` towards `aim`: bent down by `droop`, folded along its middle, `blunt` 0..1."""
    along = np.linspace(0, 1, rows)
    side = unit(cross(aim, UP) + np.array([1e-6, 0, 0]))
    above = unit(cross(side, aim))
    angle = -droop * along
    step = np.cos(angle)[:, None] * aim + np.sin(angle)[:, None] * UP
    spine = base + length * np.concatenate([np.zeros((1, 3)), np.cumsum(unit(step[:-1]), 0)]) / (rows - 1)
    outline = np.sin(np.pi * (0.08 + 0.92 * along) ** 0.8) ** 0.8
    wide = width / 2 * np.maximum(outline, np.interp(along, [0, 0.5, 1], [0.3, 0.2, max(0.12, 0.5 * blunt)]))
    across = np.array([-1.0, 0.0, 1.0])
    grid = spine[:, None] + wide[:, None, None] * (across[:, None] * side + fold * np.abs(across)[:, None] * above)
    return slab(grid, half, "round")


def ring_of_directions(count: int, tilt: float, rng: Random, spread: float = 0.15) -> np.ndarray:
    """Directions (count, 3) all around, `tilt` radians above the ground, jittered."""
    turn = 2 * np.pi * (np.arange(count) + rng.uniform(-spread, spread, count)) / count + rng.uniform(0, 2 * np.pi)
    rise = tilt + spread * rng.normal(size=count)
    return np.stack([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)], 1)


def _wood(limbs: Sequence[Limb], sides: int = 10) -> list[Part]:
    thickest = max(float(limb.radii.max()) for limb in limbs)
    return [limb_part(limb, 6 if limb.radii.max() < 0.5 * thickest else sides) for limb in limbs]


def _tree(rng: Random) -> Draft:
    """A trunk that forks; bare, with leaves at its twigs' ends, or with lumps of crown."""
    kind = rng.choice(["bare", "leaves", "crown"])
    how = Growth(
        limbs=int(rng.integers(9, 18)) if kind == "bare" else int(rng.integers(5, 9)),
        length=(4.5, 7.5),
        evenness=(0.55, 1.0),
        tortuosity=rng.uniform(0.2, 0.8),
        gap=0.5,
        drift=(0, 0, rng.uniform(0.05, 0.3)),
    )
    limbs = grow(np.zeros(3), UP + 0.1 * rng.normal(size=3), 0.035, how, rng)
    limbs[0] = swell(limbs[0], 0.0, 0.05, rng.uniform(0.1, 0.3))
    size = float(np.ptp(np.concatenate([limb.points for limb in limbs]), axis=0).max())
    if kind == "bare":
        return body(_wood(limbs), thick=False)
    if kind == "crown":
        lumps = []
        for limb in limbs:
            width = size * rng.uniform(0.16, 0.24)
            lump = roughened(blob(width * rng.uniform(0.85, 1.15, 3), plain, 2), 0.04, 9 / width, rng)
            lumps.append(moved(lump, np.eye(3), limb.points[-1]))
        return body([*_wood(limbs), *lumps], None, None)
    leaves = []
    for limb in limbs:
        for aim in ring_of_directions(int(rng.integers(2, 4)), 0.2, rng):
            start = limb.points[-1 - int(rng.integers(0, min(3, len(limb.points) - 1)))]
            leaves.append(leaf(start, aim, size * rng.uniform(0.16, 0.24), 0.09 * size, half=0.008 * size, rows=5))
    return body([*_wood(limbs), *leaves], None, None, thick=False)


def _conifer(rng: Random) -> Draft:
    """A straight stem with whorls of boughs that grow shorter upwards."""
    stem = smooth_path(np.array([[0, 0, 0], [0, 0, 0.5], [0, 0, 1.0]]), np.array([0.035, 0.022, 0.008]), 6)
    limbs = [stem]
    whorls, slope, reach = int(rng.integers(4, 7)), rng.uniform(-0.35, 0.35), rng.uniform(0.25, 0.4)
    for height in np.linspace(rng.uniform(0.15, 0.3), 0.88, whorls):
        count = int(rng.integers(4, 7))
        for aim in ring_of_directions(count, slope, rng, 0.1):
            length = reach * (1.08 - height) * rng.uniform(0.85, 1.1)
            thick = 0.02 * (1.1 - height)
            bow = np.outer([0, 0.3, 1], UP) * rng.uniform(-0.25, 0.15) * length
            knots = np.array([0, 0, height]) + np.outer([0, 0.5, 1], aim) * length + bow
            limbs.append(flared(smooth_path(knots, thick * np.array([1, 0.8, 0.45]), 4), 0.03))
    return body(_wood(limbs, 8), thick=False)


def _palm(rng: Random) -> Draft:
    """A leaning trunk with a tuft of long drooping fronds."""
    lean = rng.uniform(-0.25, 0.25, 2)
    knots = np.array([[0, 0, 0], [*(0.3 * lean), 0.3], [*(0.75 * lean), 0.62], [*lean, 0.9]])
    trunk = smooth_path(knots, np.array([0.045, 0.032, 0.027, 0.03]) * rng.uniform(0.8, 1.3), 0.9)
    rings = 1 + 0.07 * (np.arange(len(trunk.points)) % 2)
    parts = [limb_part(Limb(trunk.points, trunk.radii * rings), 10)]
    for level, tilt in ((0, 0.75), (1, 0.25)):
        count = int(rng.integers(4, 7)) + level
        for aim in ring_of_directions(count, tilt + rng.uniform(-0.1, 0.1), rng):
            size = rng.uniform(0.34, 0.48)
            frond = leaf(
                trunk.points[-1], aim, size, 0.24 * size, droop=rng.uniform(1.0, 1.8), fold=0.35, half=0.007, rows=8
            )
            parts.append(frond)
    return body(parts, None, None, thick=False)


def _bush(rng: Random) -> Draft:
    """Several stems from one root, leafy or bare."""
    root = moved(blob(np.array([0.07, 0.07, 0.05]), plain, 2), np.eye(3))
    limbs: list[Limb] = []
    how = Growth(limbs=3, length=(8, 13), evenness=(0.6, 1), tortuosity=0.6, gap=0.3, drift=(0, 0, 0.4))
    for aim in ring_of_directions(int(rng.integers(4, 7)), rng.uniform(0.7, 1.1), rng):
        limbs += grow(np.zeros(3), aim, rng.uniform(0.014, 0.02), how, rng, limbs)
    leaves = []
    if rng.random() < 0.75:
        for limb in limbs:
            for aim in ring_of_directions(int(rng.integers(1, 3)), 0.4, rng):
                leaves.append(leaf(limb.points[-2], aim, rng.uniform(0.1, 0.16), 0.07, half=0.006, rows=5))
    return body([root, *_wood(limbs, 8), *leaves], None, None, thick=False)


def _grass(rng: Random) -> Draft:
    """Blades that bend outwards from one clod."""
    parts = [blob(np.array([0.09, 0.09, 0.05]), plain, 2)]
    count = int(rng.integers(8, 19))
    for aim in ring_of_directions(count, rng.uniform(1.0, 1.25), rng, 0.25):
        start = np.array([*(aim[:2] * rng.uniform(0.0, 0.1)), 0.0])
        length = rng.uniform(0.5, 1.0)
        parts.append(
            leaf(start, aim, length, rng.uniform(0.04, 0.06), droop=rng.uniform(0.4, 1.7), fold=0.3, half=0.006, rows=8)
        )
    return body(parts, None, None, thick=False)


def _flower(rng: Random) -> Draft:
    """A stem with leaves and a head of petals around its middle."""
    tall, sway = rng.uniform(0.6, 0.9), rng.uniform(-0.08, 0.08, 2)
    stem = smooth_path(
        np.array([[0, 0, 0], [*sway, 0.5 * tall], [0, 0, tall]]), np.full(3, rng.uniform(0.012, 0.02)), 5
    )
    top = np.array([0, 0, tall])
    heart = rng.uniform(0.05, 0.09)
    parts = [limb_part(stem, 8), moved(blob(np.array([heart, heart, 0.5 * heart]), plain, 2), np.eye(3), top)]
    count, tilt = int(rng.integers(5, 13)), rng.uniform(-0.1, 0.9)
    size = rng.uniform(0.16, 0.28)
    for aim in ring_of_directions(count, tilt, rng, 0.04):
        wide = min(2.3 * np.pi * heart / count * 1.6, 0.6 * size) + 0.02
        start = top + 0.6 * heart * aim
        parts.append(leaf(start, aim, size, wide, droop=rng.uniform(-0.3, 0.7), fold=0.15, half=0.006, blunt=0.9))
    for place in rng.uniform(0.15, 0.6, int(rng.integers(1, 5))):
        start = stem.points[int(place * (len(stem.points) - 1))]
        aim = ring_of_directions(1, 0.6, rng)[0]
        parts.append(leaf(start, aim, rng.uniform(0.18, 0.3), 0.09, droop=0.9, half=0.006))
    return body(parts, None, None, thick=False)


def _cactus(rng: Random) -> Draft:
    """A column with arms that turn upwards, or flat pads on pads."""
    if rng.random() < 0.4:
        return _pads(rng)
    tall, wide = rng.uniform(0.75, 1.0), rng.uniform(0.07, 0.11)
    limbs = [
        smooth_path(np.array([[0, 0, wide], [0, 0, 0.5 * tall], [0, 0, tall]]), wide * np.array([0.9, 1, 0.85]), 0.9)
    ]
    count = int(rng.integers(0, 5))
    for aim in ring_of_directions(count, 0.0, rng, 0.1) if count else ():
        height, reach, rise = rng.uniform(0.25, 0.55) * tall, wide + rng.uniform(0.1, 0.16), rng.uniform(0.15, 0.4)
        corner = np.array([0, 0, height]) + reach * aim
        knots = np.array(
            [[0, 0, height], corner - 0.04 * aim + 0.01 * UP, corner + 0.06 * UP, corner + (0.06 + rise) * UP]
        )
        limbs.append(smooth_path(knots, wide * rng.uniform(0.5, 0.7) * np.array([0.9, 1, 1, 0.9]), 0.7))
    return body(_wood(limbs, 14), thick=False)


def _pads(rng: Random) -> Draft:
    """Each pad stands on the rim of the one below."""
    spots = [(np.array([0, 0, 0.2]), UP, 0.2)]
    parts = []
    while spots and len(parts) < 9:
        centre, axis, size = spots.pop(0)
        yaw = rng.uniform(-0.6, 0.6)
        normal = unit(cross(axis, np.array([np.cos(yaw), np.sin(yaw), 0.1])))
        side = unit(cross(normal, axis))
        frame = np.stack([side, normal, axis], 1)
        parts.append(moved(blob(size * np.array([0.72, rng.uniform(0.16, 0.24), 1.0]), plain, 2), frame, centre))
        for turn in rng.permutation([-0.75, 0.0, 0.75])[: int(rng.integers(1, 4))]:
            out = np.sin(turn) * side + np.cos(turn) * axis
            rim = centre + size * 0.93 * (0.72 * np.sin(turn) * side + np.cos(turn) * axis)
            smaller = size * rng.uniform(0.6, 0.85)
            spots.append((rim + 0.9 * smaller * out, unit(out + 0.25 * rng.normal(size=3)), smaller))
    return body(parts, None, None)


def _mushroom(rng: Random) -> Draft:
    """A stalk under a cap that is a thin or a thick shell."""
    cap, tall, curl = rng.uniform(0.25, 0.42), rng.uniform(0.4, 0.8), rng.uniform(0.35, 0.55)
    turn = np.linspace(0, np.pi * curl, 10)
    profile = np.stack([cap * np.sin(turn), -rng.uniform(0.5, 1.0) * cap * np.cos(turn)], 1)
    half = rng.uniform(0.025, 0.05) * np.interp(turn, [0, turn[-1]], [1.3, 0.6])
    shell = moved(cup(profile, half), turned("x", 180), (0, 0, tall + profile[0, 1]))
    bend = rng.uniform(-0.06, 0.06, 2)
    stalk = pipe(
        [[0, 0, 0], [*bend, 0.5 * tall], [0, 0, tall - 0.09]],
        rng.uniform(0.045, 0.08) * np.array([1.25, 0.9, 1]),
        12,
        1.2,
    )
    return body([shell, stalk], 1, 0)


def _leaf_alone(rng: Random) -> Draft:
    """One leaf with its stalk and midrib."""
    aim = unit(np.array([0.1, 0.2, 1.0]))
    wide, droop = rng.uniform(0.25, 0.6), rng.uniform(-0.2, 0.8)
    base = np.array([0, 0, 0.2])
    blade = leaf(
        base, aim, 0.8, wide, droop=droop, fold=rng.uniform(0.0, 0.3), half=0.009, blunt=rng.uniform(0, 1), rows=12
    )
    spine = blade.sheets[0].points[:, blade.sheets[0].points.shape[1] // 2]
    knots = np.concatenate([[[0, 0.02, 0], [0, 0, 0.12]], spine])
    rib = np.interp(np.linspace(0, 1, len(knots)), [0, 0.2, 1], [0.02, 0.016, 0.005])
    return body([blade, pipe(knots, rib, 8, 2.5)], None, None, thick=False)


PLANTS: dict[str, Generator] = {
    name: partial(known_shape, name, 4300 + place, make=make)
    for place, (name, make) in enumerate(
        {
            "tree": _tree,
            "conifer": _conifer,
            "palm": _palm,
            "bush": _bush,
            "grass": _grass,
            "flower": _flower,
            "cactus": _cactus,
            "mushroom": _mushroom,
            "leaf": _leaf_alone,
        }.items()
    )
}
