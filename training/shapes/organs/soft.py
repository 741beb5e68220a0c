"""Soft organs: lobes, beans, bags, tubes and shells."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..making.finish import Draft, known_shape
from ..making.parts import moved, tube, turned, wing
from ..shape import Generator
from .blobs import bent, blob, body, cup, dent, pipe, plain, roughened
from .bones import BONES
from .branching import Random, smooth_path, warp
from .lungs import lungs


def _liver(rng: Random) -> Draft:
    """A wedge: a thick right lobe (at -X), a thin left one, hollow below, notched between both."""
    axes = np.array([0.5, rng.uniform(0.27, 0.34), rng.uniform(0.2, 0.26)])
    thin, droop, notch = rng.uniform(0.45, 0.7), rng.uniform(0.1, 0.3), rng.uniform(0.05, 0.2)
    wobble = warp(rng.uniform(0.01, 0.03), 5.0, rng)

    def bend(points: np.ndarray) -> np.ndarray:
        along = points[..., :1] / 0.5
        wedge = 1 - thin * (0.5 + 0.5 * np.clip(along, -1, 1)) ** 1.3
        made = points * np.concatenate([np.ones_like(along), 0.5 + 0.5 * wedge, wedge], -1)
        made = made + np.concatenate([0 * along, -0.08 * along**2, -droop * made[..., :1] ** 2 / 0.5], -1)
        made = dent(made, np.array([0.0, -0.05, -0.28]), 0.22, np.array([0, 0, 0.10]))
        return wobble(dent(made, np.array([0.12, -0.3, -0.1]), 0.09, np.array([0, notch, 0.03])))

    return body([blob(axes, bend, 4)])


def _kidney(rng: Random) -> Draft:
    """A bean with its hollow towards -X."""
    axes = np.array([rng.uniform(0.22, 0.28), rng.uniform(0.16, 0.22), 0.5])
    curl, deep, wide = rng.uniform(0.2, 0.5), rng.uniform(0.06, 0.16), rng.uniform(0.12, 0.2)
    wobble = warp(0.02, 4.0, rng)

    def bend(points: np.ndarray) -> np.ndarray:
        made = points + np.array([-curl, 0, 0]) * points[..., 2:] ** 2
        return wobble(dent(made, np.array([-axes[0], 0, 0]), wide, np.array([deep, 0, 0])))

    return body([blob(axes, bend)])


def _spleen(rng: Random) -> Draft:
    """A thick leaf, cupped."""
    axes = np.array([rng.uniform(0.1, 0.15), rng.uniform(0.26, 0.34), 0.5])
    cupped, wobble = rng.uniform(0.3, 0.7), warp(0.025, 4.0, rng)

    def bend(points: np.ndarray) -> np.ndarray:
        rise = points[..., 1:2] ** 2 + 0.6 * points[..., 2:] ** 2
        return wobble(points + np.array([cupped, 0, 0]) * rise)

    return body([blob(axes, bend)])


def _bladder(rng: Random) -> Draft:
    """A bag with a neck below, at times with a thin tube to each side of its back."""
    axes = np.array([rng.uniform(0.34, 0.42), rng.uniform(0.28, 0.36), rng.uniform(0.3, 0.42)])
    full, wobble = rng.uniform(0.0, 0.25), warp(0.03, 4.0, rng)
    neck = np.array([[0, 0.04, -0.6 * axes[2]], [0, 0.1, -axes[2]], [0, 0.12, -1.5 * axes[2]]])
    parts = [
        blob(axes, lambda p: p * (1 + full * p[..., 2:]) + np.array([0, -0.15, 0]) * p[..., 2:]),
        pipe(neck, [0.11, 0.075, 0.05], 12, 0.8),
    ]
    if rng.random() < 0.6:
        path = np.array([[0.18, 0.16, -0.12], [0.24, 0.36, 0.0], [0.2, 0.42, 0.2], [0.24, 0.4, 0.45]])
        width = rng.uniform(0.02, 0.032)
        parts += [pipe(path * [side, 1, 1], width, 6, 2.5) for side in (1, -1)]
    return body([bent(part, wobble) for part in parts])


def _stomach(rng: Random) -> Draft:
    """A bag bent like a J, with the gullet coming in at its upper side and, at times, the gut's beginning."""
    sag, bulge = rng.uniform(0.3, 0.5), rng.uniform(0.14, 0.19)
    low = -0.5 * sag
    bag = [[0.20, 0.08, 0.34], [0.21, 0.03, 0.2], [0.17, -0.03, 0.02], [0.04, -0.08, low], [-0.16, -0.06, low]]
    bag.append([-0.27, 0, 0.4 * low])
    gullet = [[0.17, 0.04, 0.24], [0.06, 0.07, 0.3], [0.0, 0.09, 0.4], [0.01, 0.1, 0.56]]
    parts = [pipe(bag, np.array([0.75, 1, 0.95, 0.8, 0.5, 0.3]) * bulge, 20, 0.4), pipe(gullet, 0.045, 10, 1.2)]
    if rng.random() < 0.5:
        gut = [[-0.27, 0, 0.4 * low], [-0.36, 0.05, 0.5 * low], [-0.42, 0.08, low], [-0.40, 0.08, low - 0.15]]
        parts.append(pipe(gut, rng.uniform(0.045, 0.055), 10, 1.2))
    wobble = warp(0.015, 5.0, rng)
    return body([bent(part, wobble) for part in parts])


def _colon(rng: Random) -> Draft:
    """Up on the right (-X), across, down on the left; pouched all along, with the little appendix."""
    width, height, sag = rng.uniform(0.3, 0.36), rng.uniform(0.36, 0.44), rng.uniform(0.05, 0.3)
    radius = rng.uniform(0.045, 0.06)
    knots = np.array(
        [
            [-width, 0, -height],
            [-width - 0.02, 0.02, 0],
            [-width + 0.02, 0.05, 0.8 * height],
            [-0.6 * width, -0.04, height],
            [0, -0.1, height - sag],
            [0.6 * width, -0.04, height + 0.04],
            [width, 0.06, height],
            [width + 0.04, 0.06, 0],
            [width - 0.02, 0.04, -0.7 * height],
            [0.35 * width, -0.06, -0.8 * height],
            [0.12 * width, 0.06, -0.95 * height],
            [0, 0.12, -1.35 * height],
        ]
    )
    knots += rng.normal(size=knots.shape) * 0.015
    plain = smooth_path(knots, radius * np.linspace(1.3, 0.75, len(knots)), 0.3)
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(plain.points, axis=0), axis=1))])
    pouches = 1 + rng.uniform(0.08, 0.18) * np.sin(2 * np.pi * walked / (1.9 * radius))
    gut = tube(plain.points, plain.radii * pouches, 12)
    start = knots[0]
    worm = start + np.array([[0, 0, 0], [0.05, 0.02, -0.06], [0.12, 0.03, -0.1], [0.15, 0.0, -0.17]])
    parts = [gut, pipe(worm, 0.3 * radius, 6, 2)]
    ileum = start + np.array([[0, 0, 0.08], [0.1, -0.01, 0.09], [0.18, -0.03, 0.05]])
    return body([*parts, pipe(ileum, 0.6 * radius, 8, 1.2)], thick=False)


def _bowel(rng: Random) -> Draft:
    """One long thin gut, laid to and fro."""
    rows, radius = int(rng.integers(5, 9)), 0.032
    knots = []
    for row in range(rows):
        turn = np.linspace(0, np.pi, 7)[:-1] if row % 2 == 0 else np.linspace(np.pi, 0, 7)[:-1]
        bow = np.stack([-0.3 * np.cos(turn), 0.03 * np.sin(2 * turn), 0.06 * np.sin(turn)], 1)
        knots.append(bow + [0, 0, 0.11 * row] + rng.normal(size=bow.shape) * 0.007)
    path = warp(0.05, 2.5, rng)(np.concatenate(knots))
    return body([pipe(path, radius * rng.uniform(0.85, 1.15, len(path)), 10, 0.9)], thick=False)


def _pancreas(rng: Random) -> Draft:
    """A flattened tongue with a thick head, lobed all over."""
    knots = np.array(
        [[-0.42, -0.04, -0.12], [-0.34, -0.05, 0.0], [-0.12, -0.08, 0.04], [0.1, 0, 0.06], [0.42, 0.1, 0.16]]
    )
    high = np.array([0.1, 0.14, 0.08, 0.075, 0.05]) * rng.uniform(0.85, 1.15, 5)
    plain = smooth_path(knots + rng.normal(size=(5, 3)) * 0.02, high, 0.45)
    deep = plain.radii * rng.uniform(0.45, 0.65)
    tongue = wing(plain.points, (0, 0.2, 1.0), plain.radii, deep, 16, "round")
    wobble = warp(0.012, 22.0, rng)
    return body([bent(bent(tongue, wobble), warp(0.03, 4, rng))])


def _gallbladder(rng: Random) -> Draft:
    """A pear on a winding stalk."""
    pear = [[0, 0, 0], [0.02, -0.05, -0.16], [0, -0.1, -0.34]]
    stalk = np.array([[0, 0, 0], [0.03, 0.03, 0.1], [-0.03, 0.03, 0.17], [0.04, 0.05, 0.26], [0.02, 0.06, 0.36]])
    stalk[1:] += rng.normal(size=(4, 3)) * 0.02
    size = rng.uniform(0.85, 1.2)
    parts = [
        pipe(pear, np.array([0.06, 0.11, 0.13]) * size, 18, 0.35),
        pipe(stalk, [0.05, 0.028, 0.03, 0.026, 0.026], 10, 0.9),
    ]
    if rng.random() < 0.6:
        duct = np.array(
            [[0.16, 0.12, 0.55], [0.08, 0.08, 0.45], [0.02, 0.06, 0.36], [0.04, 0.06, 0.16], [0.1, 0.04, -0.1]]
        )
        parts.append(pipe(duct, 0.03, 10, 1.5))
    return body([bent(part, warp_) for warp_ in [warp(0.015, 5.0, rng)] for part in parts])


def _heart(rng: Random) -> Draft:
    """Chambers as one lump, its tip down, left and forward, with the great vessels on top."""
    long, lumps = rng.uniform(0.36, 0.42), warp(0.02, 6.0, rng)
    axis = moved(
        blob(np.array([0.27, 0.25, long]), lambda p: p * (1 + np.array([0.35, 0.35, 0.0]) * p[..., 2:])),
        turned("y", -28) @ turned("x", 18),
    )
    right = moved(blob(np.array([0.19, 0.19, 0.27]), plain), turned("y", -20), (-0.14, -0.06, 0.02))
    atria = [
        moved(blob(np.array([0.15, 0.14, 0.17]), plain), np.eye(3), (-0.2, 0.04, 0.2)),
        moved(blob(np.array([0.2, 0.13, 0.13]), plain), np.eye(3), (0.02, 0.16, 0.22)),
    ]
    wide = rng.uniform(0.065, 0.085)
    aorta = [[0.0, 0.0, 0.1], [-0.05, -0.02, 0.4], [-0.02, 0.03, 0.53], [0.08, 0.12, 0.54], [0.13, 0.2, 0.44]]
    lung = [[0.04, -0.18, 0.15], [0.06, -0.14, 0.33], [0.13, -0.02, 0.41]]
    vein = [[-0.2, 0.05, 0.2], [-0.21, 0.06, 0.38], [-0.2, 0.07, 0.56]]
    tubes = [pipe(aorta, wide, 14, 0.7), pipe(lung, 0.9 * wide, 12, 0.8), pipe(vein, 0.75 * wide, 12, 1)]
    parts = [axis, right, *atria, *tubes]
    return body([bent(part, lumps) for part in parts])


def _ventricle(rng: Random) -> Draft:
    """A heart chamber's wall: a thick cup, open at the top."""
    length, wide = rng.uniform(0.7, 0.95), rng.uniform(0.25, 0.34)
    turn = np.linspace(0, np.pi * rng.uniform(0.58, 0.68), 16)
    profile = np.stack([wide * np.sin(turn), -length / 2 * np.cos(turn)], 1)
    half = rng.uniform(0.035, 0.07) * (0.75 + 0.35 * np.sin(turn)) * rng.uniform(0.9, 1.1)
    bend = warp(0.02, 4.0, rng)
    return body([bent(cup(profile, half, rng.uniform(0.8, 1.0), 24), bend)], thick=True)


def _brain(rng: Random) -> Draft:
    """Two furrowed halves with a cleft, the small brain behind and below, and the stem."""
    axes = np.array([rng.uniform(0.36, 0.42), 0.5, rng.uniform(0.34, 0.4)])

    def bend(points: np.ndarray) -> np.ndarray:
        above = 1 / (1 + np.exp(-(points[..., 2:] + 0.05) / 0.08))
        cleft = 0.10 * np.exp(-((points[..., :1] / 0.035) ** 2)) * above
        made = points * (1 - cleft / 0.38)
        return np.concatenate([made[..., :2], np.where(made[..., 2:] < 0, 0.7, 1.0) * made[..., 2:]], -1)

    halves = roughened(blob(axes, bend, 4), rng.uniform(0.02, 0.035), 38.0, rng)
    small = moved(blob(np.array([0.25, 0.15, 0.13]), plain), np.eye(3), (0, 0.27, -0.26))
    stem = pipe([[0, 0.06, -0.1], [0, 0.09, -0.3], [0, 0.15, -0.5]], [0.09, 0.085, 0.06], 12, 0.8)
    return body([halves, roughened(small, 0.02, 50.0, rng), stem])


SOFT = {
    "liver": _liver,
    "kidney": _kidney,
    "spleen": _spleen,
    "bladder": _bladder,
    "stomach": _stomach,
    "colon": _colon,
    "small bowel": _bowel,
    "pancreas": _pancreas,
    "gallbladder": _gallbladder,
    "heart": _heart,
    "ventricle": _ventricle,
    "lungs": lungs,
    "brain": _brain,
}
ORGANS: dict[str, Generator] = {
    name: partial(known_shape, name, 4200 + place, make=make)
    for place, (name, make) in enumerate({**SOFT, **BONES}.items())
}
