"""Which part of a body each bone belongs to, by its name; and what such a part is called when something is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...anatomy import Armature
from ...errors import BadRequestError
from ...kinds import Kind
from ..bones.conventions import translate
from ..bones.names import plain_name, sign_of_side

FINGERS = ("thumb", "f_index", "f_middle", "f_ring", "f_pinky")  # from the thumb's side of the hand on
# name without side and numbers -> limb, and which segment of it, from the body outwards
_ON_FOUR = ("upper_leg", "lower_leg", "foot", "toe")
SEGMENTS: dict[str, tuple[str, int]] = {
    "shoulder": ("arm", 0),
    "upper_arm": ("arm", 1),
    "forearm": ("arm", 2),
    "hand": ("arm", 3),
    "pelvis": ("leg", 0),
    "thigh": ("leg", 1),
    "shin": ("leg", 2),
    "foot": ("leg", 3),
    "toe": ("leg", 4),
    "root": ("trunk", 0),
    "hips": ("trunk", 0),
    "trunk": ("trunk", 0),
    "trunk.lower": ("trunk", 0),
    "spine": ("trunk", 1),
    "chest": ("trunk", 2),
    "neck": ("neck", 0),
    "head": ("head", 0),
    "jaw": ("jaw", 0),
    "leg.front": ("leg1", 1),
    "leg.mid": ("leg2", 1),
    "leg.hind": ("leg3", 1),
    **{f"{part}.front": ("front leg", place) for place, part in enumerate(_ON_FOUR, 1)},
    **{f"{part}.hind": ("hind leg", place) for place, part in enumerate(_ON_FOUR, 1)},
    **{finger: ("fingers", place) for place, finger in enumerate(FINGERS)},
}
LIKE_LEGS = re.compile(r"leg\d")
BODY = {"arm", "leg", "front leg", "hind leg", "trunk", "neck", "head", "tail", "wing"}
SIDES = {1: "left ", -1: "right ", 0: ""}


@dataclass(frozen=True)
class Parts:
    """An armature with each bone's part. Names of other conventions are read as ours."""

    armature: Armature

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the bones are called in our convention, (B,)."""
        given = self.armature.names
        try:
            fresh = translate(given, self.armature.parents, "bonewright")
        except BadRequestError:  # no humanoid: nothing that other conventions name
            fresh = {}
        return tuple(fresh.get(name, name) for name in given)

    @cached_property
    def sides(self) -> np.ndarray:
        """1 left, -1 right, 0 the middle, (B,)."""
        return np.array([sign_of_side(name) for name in self.names])

    @cached_property
    def placed(self) -> tuple[tuple[str, int], ...]:
        """Limb and segment of each bone, (B,)."""
        return tuple(_placed(plain_name(name)) for name in self.names)

    @cached_property
    def limbs(self) -> dict[tuple[str, int], np.ndarray]:
        """The bones of each limb by its name and side."""
        found: dict[tuple[str, int], list[int]] = {}
        for bone, (limb, _) in enumerate(self.placed):
            found.setdefault((limb, int(self.sides[bone])), []).append(bone)
        return {key: np.array(bones) for key, bones in found.items()}

    def first(self, limb: str, segment: int, side: int) -> int:
        """The first bone of a segment, -1 where there is none."""
        bones = self.limbs.get((limb, side), ())
        return next((int(bone) for bone in bones if self.placed[bone][1] == segment), -1)

    @cached_property
    def kind(self) -> Kind:
        """What the bones make of it: biped, quadruped, bird, fish, insect, serpent or creature."""
        has = {limb for limb, side in self.limbs if side}
        legs = sum(bool(LIKE_LEGS.match(limb)) for limb in has)
        if legs >= 3:
            return "insect"
        if "front leg" in has or ("hind leg" in has and "wing" not in has):
            return "quadruped"
        if "wing" in has and "arm" not in has:
            return "bird"
        if "leg" in has and "arm" in has:
            return "biped"
        if any(limb.startswith("fin") for limb, _ in self.limbs) and not has & {"leg", "arm"}:
            return "fish"
        if has & {"leg", "arm", "wing", "leg1", "leg2"}:
            return "creature"
        middle = {limb for limb, side in self.limbs if not side}
        return "serpent" if {"trunk", "head"} <= middle or "tail" in middle else "object"


def is_of_body(limb: str) -> bool:
    """Whether it is one of the large parts, which lie inside a shape; ears, eyes, hair and weapons may not."""
    return limb in BODY or bool(LIKE_LEGS.match(limb))


def called(limb: str, side: int) -> str:
    """As a rigger would say it: "left hand"."""
    return SIDES[side] + limb


def _placed(name: str) -> tuple[str, int]:
    found = SEGMENTS.get(name)
    if found is not None:
        return found
    stem = name.split(".")[0].rstrip("0123456789") if not LIKE_LEGS.match(name) else name.split(".")[0]
    return stem.replace("_", " ") or "bones", 0
