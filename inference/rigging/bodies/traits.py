"""What can be told of a body from its limbs: how it stands, which limbs are legs and which are wings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from .interior import Interior
from .limbs import Body, Limb, arc_length

NEAR_FLOOR = 0.06  # a foot is this near to the floor, as a share of the height
LEAST_DROP = 0.21  # a leg comes down by this share of the height
LEAST_STANCE = 0.02  # and stands this far from the middle
SHEET = 2.2  # volume over that of a tube from which a limb counts as a sheet
FIN = 5.5  # the same from which a limb is too flat to be a leg
SPIDERY = 50.0  # length over radius from which it may be a leg all the same
THIN = 12.0  # length over radius of legs in the air and of feelers
HANGING = -0.6  # and does not point down more steeply than this
LEAST_WING = 0.15  # a wing reaches out by this much
FAN = 4  # limbs that spring from one limb from which they are the ribs of a sheet
COMPACT = 2.5  # radii of its deepest place within which all of a compact shape lies ...
IN_SIGHT = 0.99  # ... and the share of it that the straight way from there reaches through the inside
STRAIGHT = 0.9  # share of such a way that lies inside, for cells are coarse
LOOKS = 3000  # cells that are looked at


@dataclass(frozen=True)
class Traits:
    """A body and what its limbs seem to be. Limbs are numbers into `body.limbs`."""

    body: Body
    interior: Interior
    flat: np.ndarray  # (limbs,) volume over that of a tube
    bulk: np.ndarray  # (limbs,) share of the volume
    height: float
    level: bool  # the trunk lies rather than stands
    legs: tuple[int, ...]  # limbs on the floor at a side, front to back
    wings: tuple[int, ...]  # big sheets at a side that do not stand on the floor

    @property
    def trunk(self) -> Limb:
        """The trunk, from the tail or the seat to the head."""
        return self.body.trunk

    def pairs(self, limbs: tuple[int, ...]) -> int:
        """How many left-right pairs a group of limbs makes."""
        return len(limbs) if self.body.symmetric else (len(limbs) + 1) // 2


def traits_of(interior: Interior, body: Body) -> Traits:
    """Look at a body in the canonical frame (it faces -Y); its trunk is turned to run towards the head."""
    body = towards_head(body)
    flat, bulk = girth(interior, body)
    height = interior.ceiling - interior.floor
    trunk = body.trunk
    span = np.ptp(trunk.points, axis=0)
    legs = _legs(interior, body, flat, height)
    wings = tuple(i for i in range(1, len(body.limbs)) if i not in legs and _is_wing(body.limbs[i], float(flat[i])))
    return Traits(body, interior, flat, bulk, height, bool(span[1] > span[2]), legs, wings)


def _is_wing(limb: Limb, flat: float) -> bool:
    """A big sheet at a side of the trunk that does not hang down."""
    way = limb.tip - limb.points[limb.leaves]
    hangs = way[2] < HANGING * float(np.linalg.norm(way))
    return limb.side != 0 and limb.parent == 0 and flat > SHEET and limb.reach > LEAST_WING and not hangs


def is_fan(traits: Traits, number: int) -> bool:
    """Whether a limb at a side, with the limbs that spring from it, is a wing whose skin hangs between ribs."""
    limb = traits.body.limbs[number]
    hangs = limb.tip[2] < limb.points[limb.leaves, 2]
    at_side = limb.side != 0 and limb.parent == 0 and not limb.loose
    return at_side and not hangs and limb.reach > LEAST_WING and len(traits.body.children(number)) >= FAN


def is_compact(traits: Traits) -> bool:
    """Whether all of the shape lies close around its deepest place and in sight of it: a crate or a ball, no mug."""
    solid = traits.interior.solid
    deep = float(solid.depth.max())
    middle = solid.centres[solid.depth > 0.95 * deep].mean(0)
    if np.linalg.norm(solid.centres - middle, axis=1).max() > COMPACT * deep:
        return False
    cells = solid.centres[:: max(1, len(solid.centres) // LOOKS)]
    straight = traits.interior.share_inside(np.broadcast_to(middle, cells.shape), cells)
    return bool((straight >= STRAIGHT).mean() >= IN_SIGHT)


def towards_head(body: Body) -> Body:
    """The same body, its trunk running forwards and up."""
    trunk = body.trunk
    way = trunk.points[-1] - trunk.points[0]
    level = np.ptp(trunk.points[:, 1]) > np.ptp(trunk.points[:, 2])
    if (way[2] - way[1] if not level else 0.3 * way[2] - way[1]) >= 0.0:
        return body
    last = len(trunk.points) - 1
    turned = Limb(trunk.points[::-1], trunk.radii[::-1], -1, 0, trunk.side, trunk.reach, 0)
    limbs = [turned]
    for limb in body.limbs[1:]:
        at = last - limb.at if limb.parent == 0 else limb.at
        limbs.append(Limb(limb.points, limb.radii, limb.parent, at, limb.side, limb.reach, limb.leaves, limb.loose))
    return Body(tuple(limbs), body.symmetric)


def _legs(interior: Interior, body: Body, flat: np.ndarray, height: float) -> tuple[int, ...]:
    drops = np.zeros(len(body.limbs))
    for i, limb in enumerate(body.limbs):
        if limb.side == 0 or limb.loose:
            continue
        free = limb.points[limb.leaves :]
        foot = free[int(np.argmin(free[:, 2]))]
        drop = float(free[:, 2].max() - foot[2])
        slender = arc_length(free)[-1] / max(float(limb.radii[limb.leaves :].mean()), 1e-9)
        stands = foot[2] < interior.floor + NEAR_FLOOR * height + 1.2 * limb.radii[-1]
        on_tip = int(free[:, 2].argmin()) > 0.5 * (len(free) - 1) - 1
        aside = abs(foot[0]) > LEAST_STANCE
        if stands and on_tip and aside and drop > LEAST_DROP * height and (flat[i] < FIN or slender > SPIDERY):
            drops[i] = drop
    legs = np.flatnonzero((drops > 0.0) & (drops >= 0.45 * drops.max()))
    return tuple(sorted((int(i) for i in legs), key=lambda i: leg_place(body.limbs[i])))


def slender_limbs(traits: Traits) -> tuple[int, ...]:
    """Thin long limbs at the sides of the trunk, front to back: legs in the air, feelers, tentacles."""
    thin = []
    for i, limb in enumerate(traits.body.limbs):
        free = slice(limb.leaves, None)
        slender = arc_length(limb.points[free])[-1] / max(float(limb.radii[free].mean()), 1e-9)
        if limb.side != 0 and limb.parent == 0 and not limb.loose and slender > THIN and i not in traits.wings:
            thin.append(i)
    return tuple(sorted(thin, key=lambda i: leg_place(traits.body.limbs[i])))


def leg_place(leg: Limb) -> float:
    """Where a leg stands along the body: the y of the middle of its free part."""
    return float(leg.points[leg.leaves :, 1].mean())


def share_on_trunk(body: Body, point: np.ndarray) -> float:
    """The share of the trunk's length at which it passes nearest to a point."""
    nearest = int(np.argmin(np.linalg.norm(body.trunk.points - point, axis=1)))
    arc = body.trunk.arc
    return float(arc[nearest] / max(arc[-1], 1e-9))


def share_of_base(body: Body, limb: int) -> float:
    """The share of the trunk's length from which a limb, or the limb that carries it, springs."""
    number = limb
    while body.limbs[number].parent > 0:
        number = body.limbs[number].parent
    arc = body.trunk.arc
    return float(arc[body.limbs[number].at] / max(arc[-1], 1e-9)) if number else 1.0


def girth(interior: Interior, body: Body) -> tuple[np.ndarray, np.ndarray]:
    """How sheet-like each limb is and how much of the volume it holds, (limbs,) each.

    Sheet-like: the volume that lies nearest to its free part over that of a tube with its radii; about 1 for a tube.
    """
    points = np.concatenate([limb.points for limb in body.limbs])
    owner = np.repeat(np.arange(len(body.limbs)), [len(limb.points) for limb in body.limbs])
    rooted = np.concatenate([np.arange(len(limb.points)) < limb.leaves for limb in body.limbs])
    owner = np.where(rooted, -1, owner)
    stride = max(1, len(interior.solid.cells) // 8000)
    centres = interior.solid.centres[::stride]
    if body.symmetric:
        centres = centres[centres[:, 0] >= -1e-9]
    nearest = owner[KDTree(points).query(centres)[1]]
    count = np.bincount(nearest[nearest >= 0], minlength=len(body.limbs))
    volume = count * stride * interior.solid.spacing**3
    tube = np.empty(len(body.limbs))
    for i, limb in enumerate(body.limbs):
        out = slice(limb.leaves, None)
        step = np.gradient(limb.arc[out]) if len(limb.arc[out]) > 1 else np.array([limb.radii[-1]])
        half = 0.5 if body.symmetric and limb.side == 0 else 1.0
        tube[i] = half * (np.pi * np.maximum(limb.radii[out], interior.solid.spacing / 2) ** 2 * step).sum()
    return volume / np.maximum(tube, 1e-9), count / max(len(centres), 1)
