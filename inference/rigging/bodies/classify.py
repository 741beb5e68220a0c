"""What a shape is: a biped, a quadruped, a bird, a fish, an insect, a serpent, or none of them.

The rules look at what limbs are there, not at any one shape: how many pairs stand on the floor and how far apart,
whether the trunk lies or stands, what sticks out at the sides, and whether the body tapers to a fin.
"""

from __future__ import annotations

import numpy as np

from ...kinds import Kind
from .limbs import arc_length
from .traits import Traits, leg_place, slender_limbs

FLIPPER = 0.55  # flippers slope less than this, legs more
BODY = 0.2  # a flying insect's trunk holds this share of the volume
MANY_LEGS = 8  # more pairs than this are the feet of a thing
APART = 0.12  # front and hind legs are at least this far apart
HEAVY_FEET = 0.12  # no more than this share of the volume is in the lowest fifth of an animal on legs
NARROW = 0.085  # fish are at least this wide, as a share of their length
LOPSIDED = 0.6  # how fish-like a shape without a mirror plane can be at most
SLENDER = 14.0  # a serpent's length over its greatest radius
TUBE = 1.9  # its volume over that of a tube


def classify(traits: Traits) -> tuple[Kind, float]:
    """The kind of a shape and how certain that is, 0..1."""
    pairs = traits.pairs(traits.legs)
    if pairs >= 2 and _share_below(traits, 0.2) > HEAVY_FEET:
        return "object", 0.5  # what bears on the floor is no foot
    if pairs > MANY_LEGS:
        return "object", 0.5
    if pairs >= 3:
        return "insect", 0.8
    if pairs == 2:
        return _on_four_legs(traits)
    if pairs == 1:
        return _on_two_legs(traits)
    return _without_legs(traits)


def _share_below(traits: Traits, height: float) -> float:
    """The share of the volume that lies in the lowest part of the shape."""
    z = traits.interior.solid.centres[:, 2]
    return float((z < traits.interior.floor + height * traits.height).mean())


def _on_four_legs(traits: Traits) -> tuple[Kind, float]:
    where = np.array([leg_place(traits.body.limbs[i]) for i in traits.legs])
    if np.ptp(where) < APART:
        return "creature", 0.4
    if traits.trunk.radii.max() < 0.02 or not traits.level:
        return "object", 0.5
    trunk_y = traits.trunk.points[:, 1]
    beyond = max(where.min() - trunk_y.min(), trunk_y.max() - where.max())
    if beyond < 0.04:
        return "object", 0.5  # a table: nothing looks out over the legs
    return "quadruped", 0.9


def _on_two_legs(traits: Traits) -> tuple[Kind, float]:
    depth = float(np.ptp(traits.trunk.points[:, 1]))
    fishy = fish_likeness(traits)
    if traits.level and fishy > 0.55 and _slope(traits) < FLIPPER:
        return "fish", fishy
    if traits.wings and traits.level:
        return "bird", 0.8
    if not traits.level and depth < 0.3 * traits.height:
        return "biped", 0.8 if _arms(traits) else 0.6
    if _arms(traits) and not traits.wings:
        return "creature", 0.6
    return "bird", 0.6 if traits.wings else 0.5


def _slope(traits: Traits) -> float:
    """How steeply the legs come down: drop over length, 1 for upright ones."""
    slopes = []
    for number in traits.legs:
        leg = traits.body.limbs[number]
        free = leg.points[leg.leaves :]
        slopes.append(np.ptp(free[:, 2]) / max(float(arc_length(free)[-1]), 1e-9))
    return float(np.mean(slopes))


def _arms(traits: Traits) -> bool:
    return any(
        limb.side != 0 and i not in traits.legs and limb.reach > 0.1 and not limb.loose
        for i, limb in enumerate(traits.body.limbs)
    )


def _stands_like_a_man(traits: Traits) -> bool:
    """A narrow upright trunk, most of the height, with limbs in its upper half."""
    trunk = traits.trunk
    narrow = float(np.ptp(trunk.points[:, 1])) < 0.2 * traits.height
    tall = float(np.ptp(trunk.points[:, 2])) > 0.5 * traits.height
    middle = traits.interior.floor + 0.45 * traits.height
    arms = any(
        limb.side != 0 and limb.parent == 0 and limb.reach > 0.1 and limb.points[limb.leaves, 2] > middle
        for limb in traits.body.limbs
    )
    return narrow and tall and arms and traits.height > 0.5


def _without_legs(traits: Traits) -> tuple[Kind, float]:
    trunk = traits.trunk
    fishy = fish_likeness(traits)
    if fishy >= 0.55:
        return "fish", fishy
    in_the_air = traits.pairs(slender_limbs(traits))
    if traits.body.symmetric and 1 <= len(traits.wings) <= 4 and 3 <= in_the_air <= 5 and traits.bulk[0] > BODY:
        return "insect", 0.6
    slender = trunk.length / max(float(trunk.radii.max()), 1e-6)
    even = float(trunk.radii.mean() / max(float(trunk.radii.max()), 1e-6))
    if slender > SLENDER and traits.flat[0] < TUBE and not traits.wings and even > 0.5 and trunk.radii.max() > 0.01:
        return "serpent", 0.6
    if traits.body.symmetric and not traits.level and _stands_like_a_man(traits):
        return "biped", 0.35  # its legs are one, under a skirt or a robe
    return ("creature", 0.4) if len(traits.body.limbs) > 2 else ("object", 0.4)


def fish_likeness(traits: Traits) -> float:
    """How much the shape is one smooth straight body that tapers backwards into a thin fin, 0..1."""
    points, depth = traits.interior.solid.centres, traits.interior.solid.depth
    low, length = points[:, 1].min(), float(np.ptp(points[:, 1]))
    if length < 0.55 or np.ptp(points[:, 0]) < NARROW * length:
        return 0.0
    tenth = np.clip(((points[:, 1] - low) / length * 10).astype(int), 0, 9)
    thick = np.zeros(10)
    np.maximum.at(thick, tenth, depth)
    thick /= thick.max()
    area = np.bincount(tenth, minlength=10) / len(points)
    peak = int(np.argmax(thick))
    bumps = -np.minimum(np.diff(thick[: peak + 1]), 0).sum() + np.maximum(np.diff(thick[peak:]), 0).sum()
    smooth = np.clip((0.2 - bumps) / 0.1, 0, 1)
    stalk = area[6:9].min() / max(area[1:8].max(), 1e-9)
    tapered = np.clip((0.55 - stalk) / 0.25, 0, 1) * np.clip((0.6 - thick[9]) / 0.2, 0, 1)
    heavy = depth > 0.3 * depth.max()
    height = np.bincount(tenth[heavy], points[heavy, 2], minlength=10) / np.maximum(
        np.bincount(tenth[heavy], minlength=10), 1
    )
    straight = np.clip((0.4 - np.ptp(height[np.bincount(tenth[heavy], minlength=10) > 0]) / length) / 0.2, 0, 1)
    return float(
        smooth * tapered * straight * (1.0 if peak < 6 else 0.7) * (1.0 if traits.body.symmetric else LOPSIDED)
    )


def head_end(traits: Traits) -> float:
    """How certain it is that the head is at -Y: 1 sure, 0.5 no idea, 0 it is at +Y."""
    votes = _votes_of_body(traits)
    if traits.pairs(traits.legs) >= 3:
        votes = -votes  # an insect's hind end is the heavy one
    votes += _votes_of_limbs(traits)
    return float(1.0 / (1.0 + np.exp(-1.6 * votes)))


def _votes_of_body(traits: Traits) -> float:
    """Heads are high and thick, tails low and thin, and most volume is in front of the middle."""
    trunk = traits.trunk
    share = trunk.arc / max(trunk.length, 1e-9)
    front, rear = share > 0.75, share < 0.25
    points, depth = traits.interior.solid.centres, traits.interior.solid.depth
    low, length = points[:, 1].min(), max(float(np.ptp(points[:, 1])), 1e-9)
    along = (points[:, 1] - low) / length
    votes = np.tanh(-8.0 * length * (np.average(along, weights=depth) - 0.5))
    if traits.level and front.any() and rear.any():
        thin = np.log(max(float(trunk.radii[front].mean()), 1e-4) / max(float(trunk.radii[rear].mean()), 1e-4))
        rise = trunk.points[front, 2].mean() - trunk.points[rear, 2].mean()
        votes += 1.5 * np.tanh(2.0 * thin) + 1.5 * np.tanh(6.0 * rise / max(traits.height, 1e-6))
    if not traits.legs:
        front_depth, rear_depth = depth[along < 0.2].max(initial=0.0), depth[along > 0.8].max(initial=0.0)
        ends = front_depth / max(float(rear_depth), 1e-6)
        votes += 1.5 * np.tanh(1.5 * np.log(max(float(ends), 1e-3)))
    return float(votes)


def _votes_of_limbs(traits: Traits) -> float:
    """Toes point forwards, ears and horns sit on the head."""
    trunk = traits.trunk
    share = trunk.arc / max(trunk.length, 1e-9)
    votes = 0.0
    for number in traits.legs:
        leg = traits.body.limbs[number]
        free = leg.points[leg.leaves :]
        toes = free[-1, 1] - free[int(0.75 * (len(free) - 1)), 1]
        votes += 1.2 / len(traits.legs) * np.tanh(-40.0 * toes)
    others = [
        limb
        for number, limb in enumerate(traits.body.limbs)
        if number not in traits.legs and limb.side != 0 and limb.parent == 0 and not limb.loose
    ]
    if others and traits.level and traits.legs:
        votes += 1.5 * np.tanh(3.0 * np.mean([share[limb.at] - 0.5 for limb in others]))
    return float(votes)
