"""Animals with a trunk that lies, legs under it and a head in front: four legs, two legs, or wings as well."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature
from ..bodies.traits import Traits, share_on_trunk
from .draft import Draft
from .extras import build_extras, names_on_animal, salience_of
from .finish import finished
from .legs import TOP, build_arm, build_leg, free_part
from .trunk import TrunkBones, build_trunk

HIPS, CHEST = 0.1, 0.9  # of the way from the hind feet to the front feet, where the spine begins and ends
LIFT = 0.2  # spines run this share of the radius above the centre line at the hips, below it at the shoulders


def rig_animal(traits: Traits, kind: str, density: str) -> Armature:
    """The armature of an animal seen in the canonical frame."""
    draft = Draft(traits.interior, traits.body.symmetric)
    places = _places(traits)
    heights = {number: _trunk_height(traits, number) for number in places}
    lines = {
        number: free_part(traits.body.limbs[number], traits.interior.floor, heights[number], TOP[place])
        for number, place in places.items()
    }
    hips, shoulders = _girdles(traits, places, lines)
    trunk = build_trunk(draft, traits.trunk, hips, shoulders, density, LIFT)
    done: dict[int, list[int]] = {0: [*trunk.spine, *trunk.neck, trunk.head_bone, *trunk.tail]}
    four = len(set(places.values())) == 2
    for number, place in places.items():
        leg = traits.body.limbs[number]
        carrier = trunk.chest if place == "front" else trunk.pelvis
        names = place if four else "two"
        done[number] = build_leg(draft, leg, lines[number], place, names, carrier, density, salience_of(leg))
    _build_arms(draft, traits, trunk, done, density)
    names = names_on_animal(traits, trunk.head, done)
    build_extras(draft, traits, done, names, done[0], density)
    return finished(draft, kind)


def _places(traits: Traits) -> dict[int, str]:
    """Which legs are front and which are hind legs."""
    legs = list(traits.legs)
    if not legs:
        return {}
    where = np.array([_foot(traits, number)[1] for number in legs])
    cut = (where.min() + where.max()) / 2
    if np.ptp(where) < 0.1:
        return dict.fromkeys(legs, "hind")
    return {number: "front" if y < cut else "hind" for number, y in zip(legs, where, strict=True)}


def _foot(traits: Traits, number: int) -> np.ndarray:
    """The ankle: the place of a leg a little above the floor, (3,)."""
    leg = traits.body.limbs[number]
    part = leg.points[leg.leaves :]
    height = part[:, 2] - part[:, 2].min()
    return part[int(np.argmin(np.abs(height - 0.15 * height.max())))]


def _trunk_height(traits: Traits, number: int) -> float:
    """How high the trunk's centre line runs above a leg."""
    leg = traits.body.limbs[number]
    base = leg.points[leg.leaves]
    near = np.argsort(np.abs(traits.trunk.points[:, 1] - base[1]), kind="stable")[:3]
    return float(traits.trunk.points[near, 2].mean())


def _girdles(traits: Traits, places: dict[int, str], lines: dict[int, np.ndarray]) -> tuple[float, float]:
    """The shares of the trunk at which the spine begins (hips) and ends (shoulders)."""
    feet = {
        place: np.mean([_foot(traits, n) for n, p in places.items() if p == place], axis=0)
        for place in set(places.values())
    }
    tops = {
        place: np.mean([lines[n][0] for n, p in places.items() if p == place], axis=0) for place in set(places.values())
    }
    if len(feet) == 2:
        hind, front = feet["hind"], feet["front"]
        hips_y = hind[1] + HIPS * (front[1] - hind[1])
        chest_y = hind[1] + CHEST * (front[1] - hind[1])
        hips = share_on_trunk(traits.body, np.array([0.0, hips_y, tops["hind"][2]]))
        shoulders = share_on_trunk(traits.body, np.array([0.0, chest_y, tops["front"][2]]))
        if shoulders - hips > 0.05:
            return hips, shoulders
    hips = share_on_trunk(traits.body, tops["hind"] * [0.0, 1.0, 1.0]) if "hind" in tops else 0.15
    carried = [
        float(traits.trunk.arc[limb.at] / traits.trunk.length)
        for number, limb in enumerate(traits.body.limbs)
        if limb.parent == 0 and limb.side != 0 and number not in traits.legs and limb.reach > 0.08 and not limb.loose
    ]
    ahead = [share for share in carried if share > hips + 0.08]
    shoulders = min(ahead) if ahead else hips + 0.5 * (1.0 - hips)
    return hips, float(np.clip(shoulders, hips + 0.1, max(0.85, hips + 0.1)))


def _build_arms(draft: Draft, traits: Traits, trunk: TrunkBones, done: dict[int, list[int]], density: str) -> None:
    """Two-legged animals: the foremost limbs at the sides that hang down are arms."""
    if traits.wings or any("front" in bone.name for bone in draft.bones):
        return
    shares = traits.trunk.arc / max(traits.trunk.length, 1e-9)
    for number, limb in enumerate(traits.body.limbs):
        if number in done or limb.parent != 0 or limb.side == 0 or number in traits.wings or limb.loose:
            continue
        way = limb.tip - limb.points[limb.leaves]
        if way[2] < 0 and trunk.hips + 0.05 < shares[limb.at] < trunk.head + 0.02:
            done[number] = build_arm(draft, limb, trunk.chest, density, salience_of(limb))
