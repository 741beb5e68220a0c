"""Legs: what they are made of, where their balls are, and how they reach a place that a ball is to be at."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ..anatomy import Armature
from ..axes import bone_axes
from .turns import least, unit

_LEGS = (
    ("thigh", "shin", "foot", "toe"),
    ("upper_leg.front", "lower_leg.front", "foot.front", "toe.front"),
    ("upper_leg.hind", "lower_leg.hind", "foot.hind", "toe.hind"),
)
REACH = 0.998  # of its length: a leg is never stretched further
_FOLD = 1.05  # of the difference of both bones: nor folded further
_STRAIGHT = 0.04  # of its length: a knee that is less off the line bends where knees of its kind do

_ASIDE = 0.5  # a knee goes to the side by no more than this share of how far it goes ahead


@dataclass(frozen=True)
class Leg:
    """Bones of an armature; the ball is where the foot meets the ground."""

    name: str  # of the foot, such as "foot.front.L"
    upper: int
    lower: int
    foot: int
    ball: np.ndarray  # (3,) at rest
    lengths: tuple[float, float]  # from hip to knee and on to the ankle
    ahead: np.ndarray  # (3,) where the knee is, off the line from hip to ankle, at rest or by kind

    @property
    def length(self) -> float:
        """When it is straight, down to the ankle."""
        return sum(self.lengths)


def legs_of(armature: Armature, names: tuple[str, ...]) -> tuple[Leg, ...]:
    """The legs of an armature in its own coordinates; `names` are what we would call its bones."""
    place = {name: bone for bone, name in enumerate(names)}
    bends = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2]
    found = []
    for upper, lower, foot, toe in _LEGS:
        for side in (".L", ".R"):
            bones = [place.get(f"{part}{side}") for part in (upper, lower, foot)]
            one, two, three = bones
            if one is None or two is None or three is None or not _hangs(armature, one, two, three):
                continue
            tip = place.get(f"{toe}{side}")
            ball = armature.heads[tip] if tip is not None and _hangs(armature, three, tip) else armature.tails[three]
            top, middle, bottom = armature.heads[[one, two, three]]
            lengths = float(np.linalg.norm(middle - top)), float(np.linalg.norm(bottom - middle))
            if min(lengths) > 1e-6:
                ahead = _ahead(top, middle, bottom, upper, bends[two])
                found.append(Leg(f"{foot}{side}", one, two, three, ball.copy(), lengths, ahead))
    return tuple(found)


def _hangs(armature: Armature, *bones: int) -> bool:
    """Each of the bones is below the one before it."""
    for above, below in itertools.pairwise(bones):
        at = below
        while at >= 0 and at != above:
            at = int(armature.parents[at])
        if at < 0:
            return False
    return True


def _ahead(top: np.ndarray, middle: np.ndarray, bottom: np.ndarray, upper: str, bend: np.ndarray) -> np.ndarray:
    along = unit(bottom - top)
    off = middle - top - ((middle - top) @ along) * along
    usual = np.array([0.0, -1.0, 0.0]) if upper == "thigh" else -bend
    usual = unit(usual - (usual @ along) * along)
    far = float(np.linalg.norm(off))
    if far < _STRAIGHT * float(np.linalg.norm(bottom - top)) or (upper == "thigh" and off @ usual < 0.5 * far):
        return usual
    return off / far


def reaching(
    armature: Armature, leg: Leg, turns: np.ndarray, heads: np.ndarray, balls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Turns (T, 3, 3) of a leg's two bones with which its ball is at `balls` (T, 3); the foot keeps its turn."""
    top = heads[:, leg.upper]
    ankle = balls - turns[:, leg.foot] @ (leg.ball - armature.heads[leg.foot])
    one, two = leg.lengths
    span = ankle - top
    far = np.linalg.norm(span, axis=1)
    along = span / np.maximum(far, 1e-12)[:, None]
    far = np.clip(far, _FOLD * abs(one - two) + 1e-9, REACH * leg.length)
    aimed = least(unit(heads[:, leg.foot] - top), along)  # the whole leg, before its knee is bent
    knee = np.einsum("tij,tj->ti", aimed, heads[:, leg.lower] - top)
    off = knee - (knee * along).sum(1)[:, None] * along
    usual = np.einsum("tij,tj->ti", aimed, turns[:, armature.parents[leg.upper]] @ leg.ahead)
    aside = _naturally(off, unit(usual - (usual * along).sum(1)[:, None] * along), leg.length)
    cosine = np.clip((one**2 + far**2 - two**2) / (2.0 * one * far), -1.0, 1.0)
    bent = one * (cosine[:, None] * along + np.sqrt(1.0 - cosine**2)[:, None] * aside)
    upper = least(unit(knee), unit(bent)) @ aimed @ turns[:, leg.upper]
    shank = np.einsum("tij,tj->ti", aimed, turns[:, leg.lower] @ (armature.heads[leg.foot] - armature.heads[leg.lower]))
    lower = least(unit(shank), unit(far[:, None] * along - bent)) @ aimed @ turns[:, leg.lower]
    return upper, lower


def _naturally(off: np.ndarray, usual: np.ndarray, length: float) -> np.ndarray:
    """Where knees lie off the line from hip to ankle, (T, 3): where they do, but never far from where they should."""
    right = (off * usual).sum(1)
    aside = off - right[:, None] * usual
    right = np.maximum(right, _STRAIGHT * length)
    most = _ASIDE * right / np.maximum(np.linalg.norm(aside, axis=1), 1e-12)
    return unit(right[:, None] * usual + np.minimum(most, 1.0)[:, None] * aside)


def too_far(armature: Armature, leg: Leg, turns: np.ndarray, heads: np.ndarray, balls: np.ndarray) -> np.ndarray:
    """How much lower the body has to be for the ball to be at `balls` (T, 3), (T,); 0 where it reaches."""
    ankle = balls - turns[:, leg.foot] @ (leg.ball - armature.heads[leg.foot])
    span = heads[:, leg.upper] - ankle
    aside = np.hypot(span[:, 0], span[:, 1])
    allowed = np.sqrt(np.maximum((REACH * leg.length) ** 2 - aside**2, 0.0))
    return np.maximum(span[:, 2] - allowed, 0.0)
