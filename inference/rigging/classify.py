"""What a shape is: a biped, a quadruped, a bird, a fish, an insect, a serpent, or none of them.

The rules look at what limbs are there, not at any one shape: how many pairs stand on the floor and how far apart,
whether the trunk lies or stands, what sticks out at the sides, and whether the body tapers to a fin.
"""

from __future__ import annotations

import numpy as np

from .traits import Traits, leg_place

APART = 0.12  # front and hind legs are at least this far apart
SLENDER = 14.0  # a serpent's length over its greatest radius
TUBE = 1.9  # its volume over that of a tube


def classify(traits: Traits) -> tuple[str, float]:
    """The kind of a shape and how certain that is, 0..1."""
    pairs = traits.pairs(traits.legs)
    if pairs >= 3:
        return "insect", 0.8
    if pairs == 2:
        return _on_four_legs(traits)
    if pairs == 1:
        return _on_two_legs(traits)
    return _without_legs(traits)


def _on_four_legs(traits: Traits) -> tuple[str, float]:
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


def _on_two_legs(traits: Traits) -> tuple[str, float]:
    depth = float(np.ptp(traits.trunk.points[:, 1]))
    if traits.wings and traits.level:
        return "bird", 0.8
    if not traits.level and depth < 0.3 * traits.height:
        return "biped", 0.8 if _arms(traits) else 0.6
    if _arms(traits) and not traits.wings:
        return "creature", 0.6
    return "bird", 0.6 if traits.wings else 0.5


def _arms(traits: Traits) -> bool:
    return any(
        limb.side != 0 and i not in traits.legs and limb.reach > 0.1 and not limb.loose
        for i, limb in enumerate(traits.body.limbs)
    )


def _without_legs(traits: Traits) -> tuple[str, float]:
    trunk = traits.trunk
    slender = trunk.length / max(float(trunk.radii.max()), 1e-6)
    if slender > SLENDER and traits.flat[0] < TUBE and not traits.wings and trunk.radii.max() > 0.01:
        even = float(trunk.radii.mean() / trunk.radii.max())
        if even > 0.5:
            return "serpent", 0.6
    taper = fish_likeness(traits)
    if traits.level and taper > 0.5:
        return "fish", taper
    return ("creature", 0.4) if len(traits.body.limbs) > 2 else ("object", 0.5)


def fish_likeness(traits: Traits) -> float:
    """How much the shape tapers backwards into a thin fin, 0..1."""
    points = traits.flesh.solid.centres
    low, high = points[:, 1].min(), points[:, 1].max()
    if high - low < 0.6:
        return 0.0
    share = (points[:, 1] - low) / (high - low)
    area = np.histogram(share, bins=10, range=(0, 1))[0] / len(points)
    front, stalk = area[1:6].max(), area[6:9].min()
    rear = points[share > 0.88]
    wide = np.ptp(points[:, 0])
    flat = min(np.ptp(rear[:, 0]), np.ptp(rear[:, 2])) / max(wide, 1e-6) if len(rear) else 1.0
    tapered = np.clip((0.6 - stalk / max(front, 1e-6)) / 0.4, 0, 1)
    thin = np.clip((0.6 - flat) / 0.4, 0, 1)
    heavy_front = 1.0 if (share < 0.5).mean() > 0.5 else 0.5
    return float(np.clip(0.2 + 0.8 * tapered * thin, 0, 1) * heavy_front)


def head_end(traits: Traits) -> float:
    """How certain it is that the head is at -Y: 1 sure, 0.5 no idea, 0 it is at +Y."""
    trunk = traits.trunk
    share = trunk.arc / max(trunk.length, 1e-9)
    front, rear = share > 0.75, share < 0.25
    votes = []
    if traits.level:
        thick_front, thick_rear = trunk.radii[front].mean(), trunk.radii[rear].mean()
        votes.append(1.5 * np.tanh(2.0 * np.log(max(thick_front, 1e-4) / max(thick_rear, 1e-4))))
        rise = trunk.points[front, 2].mean() - trunk.points[rear, 2].mean()
        votes.append(1.5 * np.tanh(6.0 * rise / max(traits.height, 1e-6)))
    points = traits.flesh.solid.centres
    middle = (points[:, 1].min() + points[:, 1].max()) / 2
    votes.append(1.0 * np.tanh(-8.0 * (np.average(points[:, 1], weights=traits.flesh.solid.depth) - middle)))
    for number in traits.legs:
        leg = traits.body.limbs[number]
        free = leg.points[leg.leaves :]
        foot = free[-1, 1] - free[int(0.75 * (len(free) - 1)), 1]
        votes.append(1.2 / len(traits.legs) * np.tanh(-40.0 * foot))
    ears = [
        limb
        for number, limb in enumerate(traits.body.limbs)
        if number not in traits.legs and limb.side != 0 and limb.parent == 0 and not limb.loose
    ]
    if ears and traits.level:
        lean = np.mean([0.5 - share[limb.at] for limb in ears])
        votes.append(1.5 * np.tanh(-3.0 * lean))
    return float(1.0 / (1.0 + np.exp(-1.6 * np.sum(votes))))
