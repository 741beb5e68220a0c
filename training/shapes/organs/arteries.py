"""The arteries of the brain and of the heart, drawn from plans."""

from __future__ import annotations

import numpy as np

from ..making.finish import Draft, around_limbs
from ..making.lofts import cross, unit
from .branching import Growth, Limb, Random, diseased, flared, fork, grow, smooth_path, warp

# Left half of the ring under the brain: knots and radius. +X is left, -Y is front.
CIRCLE = {
    "carotid": (
        [[0.20, -0.02, -0.60], [0.19, 0.05, -0.40], [0.20, -0.06, -0.25], [0.17, 0.04, -0.14], [0.18, -0.05, 0.0]],
        0.046,
    ),
    "anterior": (
        [[0.18, -0.05, 0.0], [0.10, -0.16, 0.02], [0.045, -0.26, 0.04], [0.06, -0.38, 0.18], [0.07, -0.33, 0.38]],
        0.028,
    ),
    "middle": ([[0.18, -0.05, 0.0], [0.32, -0.10, 0.02], [0.44, -0.08, 0.06]], 0.036),
    "posterior": (
        [[0.0, 0.22, -0.06], [0.10, 0.23, -0.03], [0.18, 0.30, 0.0], [0.24, 0.45, 0.06], [0.20, 0.60, 0.14]],
        0.030,
    ),
    "communicating": ([[0.18, -0.05, 0.0], [0.16, 0.09, -0.03], [0.10, 0.23, -0.03]], 0.015),
    "vertebral": ([[0.0, 0.20, -0.34], [0.06, 0.22, -0.46], [0.11, 0.30, -0.60]], 0.028),
}
MIDDLE = {
    "basilar": ([[0.0, 0.22, -0.06], [0.0, 0.19, -0.20], [0.0, 0.20, -0.34]], 0.036),
    "anterior communicating": ([[0.045, -0.26, 0.04], [0.0, -0.275, 0.045], [-0.045, -0.26, 0.04]], 0.016),
}


def cerebral(rng: Random) -> Draft:
    """The ring of arteries under the brain: closed (one handle), or with a communicating artery missing (none)."""
    bend, stretch, size = warp(0.03, 3.0, rng), rng.uniform(0.88, 1.12, 3), rng.uniform(0.85, 1.2)
    front, left, right = rng.random(3) >= 0.15  # which communicating arteries are there

    def limb(knots: list[list[float]], radius: float, side: int = 1) -> Limb:
        placed = bend(np.array(knots) * stretch * [side, 1, 1])
        return smooth_path(placed, radius * size * rng.uniform(0.85, 1.15) * np.ones(len(placed)), 2.4)

    limbs = [limb(*MIDDLE["basilar"])]
    if front:
        limbs.append(limb(*MIDDLE["anterior communicating"]))
    tips = []
    for side, there in ((1, left), (-1, right)):
        for name, plan in CIRCLE.items():
            if name == "communicating" and not there:
                continue
            limbs.append(limb(*plan, side))
            if name in ("middle", "posterior", "anterior"):
                tips.append(limbs[-1])
    how = Growth(limbs=int(rng.integers(1, 4)), length=(3, 6), evenness=(0.6, 1), tortuosity=0.7, gap=0.8)
    for tip in tips:
        # What the twig grows out of is no obstacle to it.
        others = [other for other in limbs if other is not tip]
        limbs += grow(tip.points[-1], tip.points[-1] - tip.points[-2], 0.9 * tip.radii[-1], how, rng, others)
    limbs, sacs = diseased(limbs, rng)
    return around_limbs(limbs, 1, int(front and left and right), sacs=sacs)


def coronary(rng: Random) -> Draft:
    """Two trees that hug an egg: the left one forks at once; at times with the aorta's root."""
    axes = np.array([rng.uniform(0.32, 0.4), rng.uniform(0.30, 0.36), rng.uniform(0.42, 0.52)])
    radius = rng.uniform(0.026, 0.04)
    rooted = rng.random() < 0.5
    heart = _Egg(axes, rng)
    thick, thin, *_ = fork(radius, rng.uniform(0.75, 1))
    ostium = np.array([0.12, 0.16, 0.97])
    left_main, right_main = ostium * [1.8, -1, 1], ostium * [-1.6, -1.4, 1]
    main = heart.walk(left_main, np.array([1, -0.6, 0]), 0.13, radius)
    split = heart.back(main.points[-1])
    front = heart.walk(split, np.array([-0.25, -0.5, -1]), rng.uniform(0.75, 0.95), thick)
    around = heart.walk(split, np.array([0.6, 1.0, -0.35]), rng.uniform(0.5, 0.75), thin)
    right = heart.walk(right_main, np.array([-1, 0.1, -0.75]), rng.uniform(0.9, 1.15), radius * rng.uniform(0.8, 1))
    limbs = [main, flared(front, radius), flared(around, radius), right]
    for trunk, count in ((limbs[1], 4), (limbs[2], 3), (limbs[3], 4)):
        heart.twigs(trunk, int(rng.integers(1, count + 1)), limbs)
    limbs, sacs = diseased(limbs, rng)
    if rooted:
        middle = heart.out((left_main + right_main) / 2)
        root = smooth_path(
            middle + np.outer([-0.1, 0.0, 0.1, 0.25], [0.1, 0, 1.0]), np.array([2.6, 3.0, 2.7, 2.5]) * radius
        )
        stubs = [smooth_path(np.stack([middle, limb.points[0]]), np.full(2, limb.radii[0])) for limb in (main, right)]
        limbs = [*limbs, root, *stubs]
    return around_limbs(limbs, 1 if rooted else 2, 0, sacs=sacs)


class _Egg:
    """An ellipsoid that vessels lie on. Points on it are kept as directions from its middle."""

    def __init__(self, axes: np.ndarray, rng: Random) -> None:
        self.axes, self.rng = axes, rng

    def out(self, directions: np.ndarray) -> np.ndarray:
        return unit(directions) * self.axes

    def back(self, points: np.ndarray) -> np.ndarray:
        return unit(points / self.axes)

    def walk(self, start: np.ndarray, aim: np.ndarray, length: float, radius: float, fading: float = 0.65) -> Limb:
        """A winding way that rests on the surface, from `start` (a direction) towards `aim`; thinner at its end."""
        spot, steps = unit(start), max(3, int(np.ceil(length / (5 * radius))))
        heading = aim
        spots = [spot]
        wind = self.rng.uniform(0.1, 0.45)
        for place in range(steps):
            heading = unit(heading - (heading @ spot) * spot)
            swung = heading + (-1) ** place * wind * cross(spot, heading) + 0.12 * self.rng.normal(size=3)
            spot = unit(spot + swung / np.linalg.norm(swung) * length / steps / self.axes.mean())
            spots.append(spot)
        taper = np.linspace(1, fading, steps + 1)
        knots = self.out(np.array(spots)) + radius * taper[:, None] * self.back(self.out(np.array(spots)))
        return smooth_path(knots, radius * taper, 2.2)

    def twigs(self, trunk: Limb, count: int, limbs: list[Limb]) -> None:
        """Side branches to either hand, where they stay clear of all `limbs`; added to these."""
        for share in np.sort(self.rng.uniform(0.15, 0.85, count)):
            place = int(share * (len(trunk.points) - 2))
            ahead = unit(trunk.points[place + 1] - trunk.points[place])
            spot = self.back(trunk.points[place])
            for _ in range(4):
                angle = self.rng.choice([-1, 1]) * self.rng.uniform(0.6, 1.1)
                aim = np.cos(angle) * ahead + np.sin(angle) * cross(spot, ahead)
                size = trunk.radii[place] * self.rng.uniform(0.55, 0.75)
                twig = self.walk(spot, aim, self.rng.uniform(0.2, 0.45), size)
                twig = Limb(np.concatenate([trunk.points[place][None], twig.points[1:]]), twig.radii)
                if _clear(twig, limbs, 2.5 * trunk.radii[place]):
                    limbs.append(flared(twig, trunk.radii[place]))
                    break


def _clear(twig: Limb, limbs: list[Limb], reach: float) -> bool:
    """Whether the twig, but for its start, keeps away from all limbs."""
    away = np.linalg.norm(twig.points - twig.points[0], axis=1) > reach
    points, radii = twig.points[away], twig.radii[away]
    return all(
        (np.linalg.norm(points[:, None] - limb.points, axis=2) > 1.5 * radii[:, None] + 1.5 * limb.radii).all()
        for limb in limbs
    )
