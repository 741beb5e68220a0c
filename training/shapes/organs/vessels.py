"""Trees, rings and nets of vessels, with radii by Murray's law."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from ..making.finish import Draft, around_limbs, known_shape
from ..making.lofts import unit
from ..shape import Generator
from .arteries import cerebral, coronary
from .branching import Growth, Limb, Random, diseased, flared, fork, grow, sac, smooth_path, swell

UP = np.array([0.0, 0.0, 1.0])


def _tree(rng: Random) -> Draft:
    """One root, forks by Murray's law, in any direction."""
    how = Growth(
        limbs=int(rng.integers(5, 15)),
        length=(rng.uniform(4, 6), rng.uniform(7, 11)),
        evenness=(rng.uniform(0.35, 0.7), 1.0),
        tortuosity=rng.uniform(0.2, 1.6),
    )
    limbs, sacs = diseased(grow(np.zeros(3), UP + 0.3 * rng.normal(size=3), 1.0, how, rng), rng)
    return around_limbs(limbs, sacs=sacs)


def _airways(rng: Random) -> Draft:
    """A windpipe that forks downwards into ever shorter branches."""
    how = Growth(
        limbs=int(rng.integers(10, 19)),
        length=(3.2, 5.5),
        evenness=(0.65, 1.0),
        tortuosity=0.15,
        thinnest=0.22,
        gap=0.6,
        drift=(0, 0, -0.12),
    )
    trachea = smooth_path(np.array([[0, 0, 7.0], [0, -0.2, 3.5], [0, 0, 0]]), np.ones(3))
    thick, thin, by_thick, by_thin = fork(1.0, rng.uniform(0.8, 1.0))
    limbs = [trachea]
    for side, radius, angle in ((-1, thick, by_thick), (1, thin, by_thin)):
        wide = angle + 0.25
        aim = np.array([side * np.sin(wide), 0, -np.cos(wide)])
        limbs += grow(np.zeros(3), aim, radius, replace(how, limbs=how.limbs // 2), rng, limbs, 1.0)
    return around_limbs(limbs)


def _aorta(rng: Random) -> Draft:
    """Up from the heart, over the arch and down, with the arch's three branches and the belly's."""
    width, top, low = rng.uniform(0.13, 0.18), rng.uniform(0.1, 0.16), rng.uniform(0.5, 0.75)
    radius, lean = rng.uniform(0.040, 0.055), rng.uniform(-0.06, 0.06)
    turn = np.linspace(np.pi, 0, 6)
    arch = np.stack([width / 2 * np.cos(turn) + lean, 0.6 * width * np.linspace(0, 1, 6), top * np.sin(turn)], 1)
    rise = np.array([[arch[0, 0] + 0.05, -0.05, -0.16], [arch[0, 0], -0.01, -0.07]])
    fall = arch[-1] + np.linspace(0.25, 1, 4)[:, None] * [-width / 2, -0.03, -low]
    fall[:, 0] += rng.normal(size=4) * 0.015
    knots = np.concatenate([rise, arch, fall])
    trunk = smooth_path(knots, radius * np.linspace(1.15, 0.68, len(knots)), 1.0)
    trunk = swell(trunk, 0.0, 0.05, 0.25)
    if rng.random() < 0.35:
        trunk = swell(trunk, rng.choice([0.12, 0.85]), rng.uniform(0.05, 0.09), rng.uniform(0.4, 1.0))
    if rng.random() < 0.2:
        trunk = swell(trunk, 0.5, 0.03, -rng.uniform(0.3, 0.5))
    limbs = [trunk]
    for place, share, slant in ((3, 0.45, -0.4), (4, 0.33, 0.1), (5, 0.38, 0.5)):
        aim = unit(np.array([slant, -0.1 + 0.1 * rng.normal(), 1.0]))
        limbs += _branch(knots[place], aim, share * radius, rng.uniform(0.2, 0.3), radius, rng)
    for sign, height in ((1, 0.55), (-1, 0.6)):  # to the kidneys
        start = arch[-1] + height * (knots[-1] - arch[-1])
        near = trunk.points[np.argmin(np.linalg.norm(trunk.points - start, axis=1))]
        limbs += _branch(near, np.array([sign, -0.15, -0.25]), 0.3 * radius, rng.uniform(0.13, 0.18), radius, rng)
    if rng.random() < 0.8:
        thick, thin, *_ = fork(float(trunk.radii[-1]), rng.uniform(0.85, 1))
        for sign, share in ((1, thick), (-1, thin)):
            limbs += _branch(knots[-1], unit(np.array([0.45 * sign, -0.1, -1])), share, 0.22, 0, rng)
    return around_limbs(limbs, sides=12)


def _branch(start: np.ndarray, aim: np.ndarray, radius: float, length: float, mother: float, rng: Random) -> list[Limb]:
    """One bent side branch."""
    bend = 0.08 * length * rng.normal(size=3)
    knots = start + length * np.outer([0, 0.35, 0.7, 1], unit(aim)) + np.outer([0, 1, 0.4, -0.6], bend)
    return [flared(smooth_path(knots, radius * np.array([1, 1, 0.95, 0.85])), mother)]


def _net(rng: Random) -> Draft:
    """Vessels that meet in rings: as many handles as there are rings."""
    count = int(rng.integers(8, 15))
    flat = np.array([1.0, rng.uniform(0.35, 1.0), rng.uniform(0.5, 1.0)])
    knots = _spread(count, flat, rng)
    pairs = Delaunay(knots).simplices[:, [0, 0, 0, 1, 1, 2, 1, 2, 3, 2, 3, 3]].reshape(-1, 2, 6).transpose(0, 2, 1)
    edges = np.unique(np.sort(pairs.reshape(-1, 2), 1), axis=0)
    length = np.linalg.norm(knots[edges[:, 0]] - knots[edges[:, 1]], axis=1)
    tree = minimum_spanning_tree(csr_matrix((length, (edges[:, 0], edges[:, 1])), (count, count))).tocoo()
    chosen = list(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    rest = [tuple(edge) for edge in edges[np.argsort(length)].tolist() if tuple(edge) not in chosen]
    chosen += rest[: int(rng.integers(1, 7))]
    thick = rng.uniform(0.035, 0.065)
    limbs = []
    for one, two in chosen:
        span = knots[two] - knots[one]
        bow = unit(np.cross(span, rng.normal(size=3))) * rng.uniform(0.04, 0.12) * np.linalg.norm(span)
        bent = np.stack([knots[one], knots[one] + span / 2 + bow, knots[two]])
        limbs.append(smooth_path(bent, thick * rng.uniform(0.6, 1.2, 3), 3.2))
    body = [sac(knot, 1.1 * thick, UP) for knot in knots]
    return around_limbs(limbs, 1, len(chosen) - count + 1, sacs=body)


def _spread(count: int, scale: np.ndarray, rng: Random) -> np.ndarray:
    """Points (count, 3) in a box of half sides `scale`, far from each other."""
    pool = rng.uniform(-1, 1, (40 * count, 3)) * scale
    chosen = [0]
    away = np.linalg.norm(pool - pool[0], axis=1)
    while len(chosen) < count:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.linalg.norm(pool - pool[chosen[-1]], axis=1))
    return pool[chosen]


VESSELS: dict[str, Generator] = {
    name: partial(known_shape, name, 4100 + place, make=make)
    for place, (name, make) in enumerate(
        {
            "vessel tree": _tree,
            "airways": _airways,
            "aorta": _aorta,
            "vessel net": _net,
            "cerebral arteries": cerebral,
            "coronary arteries": coronary,
        }.items()
    )
}
