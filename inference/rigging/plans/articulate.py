"""Limbs -> Armature, for everything but two-legged humanoids."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature, CurveSkeleton, Solid
from ...kinds import KINDS, Choice, Kind
from ...requests import Density
from ..bodies.classify import classify
from ..bodies.interior import Interior
from ..bodies.limbs import decompose
from ..bodies.traits import Traits, is_compact, traits_of
from .animal import rig_animal
from .creature import rig_compact, rig_creature, rig_serpent
from .extras import worth_bones
from .fish import rig_fish

LEAST_FISH = 0.2  # a shape shorter than this from front to back is never rigged as a fish
LEAST_TRUNK = 0.05  # a trunk shorter than this has no front and no back
LEAST_REACH: dict[str, float] = {"few": 0.1, "normal": 0.05, "many": 0.025}


def rig(traits: Traits, kind: Choice | Kind, density: Density) -> Armature:
    """The armature of a shape in the canonical frame (+Z up, facing -Y, plane of symmetry x = 0).

    `kind` "auto" finds out what it is.
    """
    if may_be_a_thing(kind) and has_nothing_to_bend(traits, density):
        return rig_compact(traits)
    found = classify(traits)[0] if kind == "auto" else kind
    if kind == "creature":
        found = classify(traits)[0]
        found = "creature" if found in ("object", "biped") else found
    if traits.trunk.length < LEAST_TRUNK or len(traits.trunk.points) < 3:
        return rig_creature(traits, "creature" if found in ("biped", "fish") else found, density)
    if KINDS[found].plan == "fish" and np.ptp(traits.interior.solid.centres[:, 1]) > LEAST_FISH:
        return rig_fish(traits, density)
    if KINDS[found].plan == "serpent":
        return rig_serpent(traits, density)
    if KINDS[found].plan == "animal":
        return rig_animal(traits, found, density)
    if found == "creature" and traits.level and 0 < traits.pairs(traits.legs) <= 2:
        return rig_animal(traits, found, density)
    return rig_creature(traits, "creature" if found in ("biped", "fish") else found, density)


def may_be_a_thing(kind: Choice | Kind) -> bool:
    """Whether one bone will do where there is nothing to bend; of a body that is named, bones are expected."""
    return kind in ("auto", "object")


def has_nothing_to_bend(traits: Traits, density: Density) -> bool:
    """Whether the shape is compact and nothing that would get bones sticks out of it."""
    return is_compact(traits) and not worth_bones(traits, {0}, density)


def body_traits(solid: Solid, curves: CurveSkeleton, *, symmetric: bool, density: Density = "normal") -> Traits:
    """The limbs of a shape and what they seem to be."""
    interior = Interior(solid)
    return traits_of(interior, decompose(curves, interior, LEAST_REACH[density], symmetric=symmetric))
