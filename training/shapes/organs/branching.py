"""Trees and nets of tubes: how they fork, bend and keep clear of each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..making.finish import Limb
from ..making.lofts import cross, unit

Random = np.random.Generator


@dataclass(frozen=True)
class Growth:
    """How a tree grows."""

    limbs: int  # at most so many
    length: tuple[float, float] = (
        6.0,
        11.0,
    )  # between two forks, in radii; thin branches are longer in proportion
    evenness: tuple[float, float] = (0.45, 1.0)  # thinner child's radius as a share of the thicker one's
    tortuosity: float = 0.6  # how far a branch swings sideways, in radii
    thinnest: float = 0.18  # share of the root's radius where growth ends
    gap: float = 1.2  # room between limbs, in radii
    drift: tuple[float, float, float] = (0.0, 0.0, 0.0)  # pull on every direction (light, weight)


def fork(radius: float, evenness: float) -> tuple[float, float, float, float]:
    """Radii of the two children by Murray's law, and the angles at which they leave with the least work."""
    thick = radius / (1 + evenness**3) ** (1 / 3)
    thin = evenness * thick
    turn_thick = (radius**4 + thick**4 - thin**4) / (2 * radius**2 * thick**2)
    turn_thin = (radius**4 + thin**4 - thick**4) / (2 * radius**2 * thin**2)
    return thick, thin, float(np.arccos(np.clip(turn_thick, -1, 1))), float(np.arccos(np.clip(turn_thin, -1, 1)))


def turned(direction: np.ndarray, aside: np.ndarray, angle: float) -> np.ndarray:
    """`direction` turned by `angle` towards `aside`."""
    across = unit(aside - (aside @ direction) * direction)
    return np.cos(angle) * direction + np.sin(angle) * across


def smooth_path(knots: np.ndarray, radii: np.ndarray, step: float = 2.6) -> Limb:
    """A Catmull-Rom line through `knots` (K, 3), with a point about every `step` radii."""
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    spans = np.linalg.norm(np.diff(knots, axis=0), axis=1)
    counts = np.maximum(np.ceil(spans / (step * (radii[:-1] + radii[1:]) / 2)).astype(int), 1)
    span = np.repeat(np.arange(len(spans)), counts)
    share = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[span]
    span, share = np.append(span, len(spans) - 1), np.append(share, 1.0)
    a, b, c, d = (padded[span + place] for place in range(4))
    t = share[:, None]
    points = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return Limb(points, radii[span] + share * (radii[span + 1] - radii[span]))


def grow(
    start: np.ndarray,
    direction: np.ndarray,
    radius: float,
    how: Growth,
    rng: Random,
    around: Sequence[Limb] = (),
    mother: float = 0.0,
) -> list[Limb]:
    """A tree of limbs, thick before thin, that keep apart everywhere but at their forks, and from those `around`.

    `mother` is the radius of the tube that it starts in, if any.
    """
    tips = [_Tip([start], [radius], unit(direction), unit(rng.normal(size=3)), radius, mother)]
    taken = _Taken()
    for limb in around:
        taken.add(limb.points, limb.radii)
    done: list[_Tip] = []
    while tips:
        tips.sort(key=lambda tip: -tip.radii[-1])
        tip = tips.pop(0)
        if not _extend(tip, how, taken, rng):
            done.append(tip)
            continue
        if tip.radii[-1] < how.thinnest * radius or len(done) + len(tips) + 1 >= how.limbs:
            done.append(tip)
            continue
        thick, thin, by_thick, by_thin = fork(tip.radii[-1], rng.uniform(*how.evenness))
        side = tip.plane
        radii, onward = [*tip.radii[:-1], thick], turned(tip.direction, side, by_thick)
        tips.append(_Tip(tip.knots, radii, onward, _next_plane(tip, rng), radius, tip.mother))
        if thin > 0.6 * how.thinnest * radius:
            leaving = turned(tip.direction, -side, by_thin)
            tips.append(_Tip([tip.knots[-1]], [thin], leaving, _next_plane(tip, rng), radius, tip.radii[-1]))
    return [
        flared(smooth_path(np.array(tip.knots), np.array(tip.radii)), tip.mother) for tip in done if len(tip.knots) > 1
    ]


def flared(limb: Limb, mother: float) -> Limb:
    """The limb widened where it leaves a thicker one of radius `mother`, so that the joint looks grown."""
    if mother <= 0:
        return limb
    away = np.linalg.norm(limb.points - limb.points[0], axis=1)
    wide = limb.radii * (1 + 0.45 * np.exp(-((away / (1.4 * mother)) ** 2)))
    return Limb(limb.points, np.maximum(np.minimum(wide, 0.96 * mother), limb.radii))


@dataclass
class _Tip:
    knots: list[np.ndarray]
    radii: list[float]
    direction: np.ndarray
    plane: np.ndarray  # the fork's children part along this
    root: float  # radius of the whole tree's root
    mother: float  # radius of the limb it left; 0 for the root


class _Taken:
    """Balls that are already occupied."""

    def __init__(self) -> None:
        self.points = np.zeros((0, 3))
        self.radii = np.zeros(0)

    def room(self, lines: np.ndarray, radius: float, start: np.ndarray) -> np.ndarray:
        """Clearance (A,) of lines (A, P, 3) in radii; what lies around `start`, where limbs meet, does not count."""
        away = ((self.points - start) ** 2).sum(1) > (1.2 * self.radii + 2.2 * radius) ** 2
        if not away.any():
            return np.full(len(lines), np.inf)
        others = self.points[away]
        flat = lines.reshape(-1, 3)
        squared = (flat**2).sum(1)[:, None] - 2 * flat @ others.T + (others**2).sum(1)
        gap = np.sqrt(np.maximum(squared, 0)) - self.radii[away]
        return gap.reshape(len(lines), -1).min(1) / radius - 1

    def add(self, points: np.ndarray, radii: np.ndarray | float) -> None:
        self.points = np.concatenate([self.points, points])
        self.radii = np.append(self.radii, np.broadcast_to(radii, len(points)))


def _next_plane(tip: _Tip, rng: Random) -> np.ndarray:
    """About a quarter turn from fork to fork, so that the tree fills space."""
    return unit(cross(tip.direction, tip.plane) + 0.5 * rng.normal(size=3))


TRIES = 6
# A branch's three knots: how far along it and how far aside.
ALONG, ASIDE = np.array([0.33, 0.67, 1.0]), np.array([1.0, -0.6, 0.0])
# Where a straight run through the knots is probed for room.
PROBE = np.array([np.interp(np.linspace(0.5, 3, 6), np.arange(4), np.eye(4)[knot]) for knot in range(4)]).T  # (6, 4)


def _extend(tip: _Tip, how: Growth, taken: _Taken, rng: Random) -> bool:
    """Let one branch grow where there is room; say whether there was."""
    radius, start = tip.radii[-1], tip.knots[-1]
    tries = np.arange(TRIES)[:, None]
    aim = unit(tip.direction + np.array(how.drift) + 0.15 * tries * rng.normal(size=(TRIES, 3)))
    aside = unit(cross(aim, rng.normal(size=(TRIES, 3)))) * how.tortuosity * radius * rng.uniform(0.3, 1)
    reach = rng.uniform(*how.length) * radius**0.6 * tip.root**0.4 * (1 - 0.08 * tries)
    knots = start + (aim * reach)[:, None] * ALONG[:, None] + aside[:, None] * ASIDE[:, None]  # (T, 3, 3)
    corners = np.concatenate([np.broadcast_to(start, (TRIES, 1, 3)), knots], 1)
    lines = PROBE @ corners
    free = taken.room(lines, radius, start) > how.gap
    if not free.any():
        return False
    chosen = int(np.argmax(free))
    taken.add(lines[chosen], radius)
    tip.knots = [*tip.knots, *knots[chosen]]
    tip.radii = [*tip.radii, radius, radius, radius]
    tip.direction = unit(knots[chosen, 2] - knots[chosen, 1])
    return True


def swell(limb: Limb, centre: float, width: float, amount: float) -> Limb:
    """The limb thicker (an aneurysm) or, for negative amounts, narrower (a stenosis) around a share of its length."""
    along = np.linspace(0, 1, len(limb.points))
    return Limb(limb.points, limb.radii * (1 + amount * np.exp(-(((along - centre) / width) ** 2))))


def warp(amount: float, waves: float, rng: Random) -> Callable[[np.ndarray], np.ndarray]:
    """A smooth bend of all space: each point (..., 3) moves by about `amount`, with `waves` radians per unit length."""
    direction, phase = rng.normal(size=(3, 3)) * waves, rng.uniform(0, 2 * np.pi, 3)
    return lambda points: points + amount * np.sin(points @ direction + phase)


def sac(centre: np.ndarray, radius: float, aside: np.ndarray) -> Limb:
    """A nearly round bulge, a little longer along `aside`."""
    return Limb(centre + radius * np.outer([-0.15, 0.0, 0.15], aside), np.full(3, radius))


def diseased(limbs: list[Limb], rng: Random) -> tuple[list[Limb], list[Limb]]:
    """Now and then a wide stretch, a narrow one or a sac at the side."""
    made = list(limbs)
    sacs = []
    which = int(rng.integers(len(made)))
    place = rng.uniform(0.25, 0.75)
    if rng.random() < 0.25:
        made[which] = swell(made[which], place, rng.uniform(0.05, 0.12), rng.uniform(0.4, 1.0))
    which = int(rng.integers(len(made)))
    if rng.random() < 0.35:
        made[which] = swell(made[which], rng.uniform(0.25, 0.75), rng.uniform(0.04, 0.1), -rng.uniform(0.3, 0.6))
    if rng.random() < 0.35:
        limb = made[int(rng.integers(len(made)))]
        middle = len(limb.points) // 2
        along = limb.points[middle] - limb.points[middle - 1]
        size = limb.radii[middle] * rng.uniform(1.1, 1.7)
        aside = unit(cross(along, rng.normal(size=3)))
        sacs.append(sac(limb.points[middle] + aside * (0.6 * limb.radii[middle] + 0.7 * size), size, aside))
    return made, sacs
