"""A body made ready to be moved by a cycle: how it stands, its legs, wings and chains."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature
from ...errors import BadArmatureError
from ...rigging.bones.names import plain_name, sign_of_side
from ...rigging.rest.body import NamedBody
from ...rigging.rest.stances import at_rest
from ..clips import composed
from ..legs import Leg, legs_of
from ..roles import jointed, standing_body
from ..turns import about

ACROSS, ALONG, UP = np.eye(3)  # the body's left, its back, up


@dataclass(frozen=True)
class Stage:
    """A body in its canonical frame, and what of it moves."""

    body: NamedBody
    armature: Armature  # of the body, with rolls by which joints bend the natural way
    base: np.ndarray  # (B, 3, 3) how bones turn away from rest while nothing moves: arms hang
    legs: tuple[Leg, ...]
    arms: tuple[int, ...]  # upper arms
    wings: tuple[int, ...]  # all bones of wings, or of arms that serve as such
    trunk: tuple[int, ...]
    head: tuple[int, ...]  # neck and head
    tail: tuple[int, ...]

    @property
    def size(self) -> float:
        """The longest side of the skeleton."""
        return float(np.ptp(self.armature.heads, axis=0).max())

    @property
    def leg(self) -> float:
        """The length of the legs; a share of the size where there are none."""
        return float(np.mean([leg.length for leg in self.legs])) if self.legs else 0.3 * self.size

    def turns(self, extra: dict[int, np.ndarray], frames: int) -> np.ndarray:
        """Turns (T, B, 3, 3) of all bones when some are turned by `extra` (T, 3, 3)."""
        return composed(self.armature, self.base, extra, frames)


def set_stage(target: Armature) -> Stage:
    """The stage for an armature in its own coordinates."""
    body = standing_body(target)
    inside = jointed(body)
    names = inside.names
    legs = legs_of(inside, names)
    upright = any(leg.name.startswith("foot.") and leg.name in ("foot.L", "foot.R") for leg in legs)
    arms = tuple(body.place[name] for name in ("upper_arm.L", "upper_arm.R") if name in body.place)
    wings = tuple(bone for bone, name in enumerate(names) if name.startswith("wing") and sign_of_side(name))
    if not wings and not (upright and _has_hands(body)):
        wings = arms
    base = np.tile(np.eye(3), (len(names), 1, 1))
    if upright and arms and _has_hands(body):
        base = _hanging(body, base)
    return Stage(
        body,
        inside,
        base,
        legs,
        arms if _has_hands(body) else (),
        wings,
        tuple(bone for bone, name in enumerate(names) if plain_name(name) in ("spine", "chest")),
        tuple(bone for bone, name in enumerate(names) if plain_name(name) in ("neck", "head")),
        tuple(bone for bone, name in enumerate(names) if plain_name(name) == "tail"),
    )


def _has_hands(body: NamedBody) -> bool:
    return any(f"hand{side}" in body.place for side in (".L", ".R"))


def _hanging(body: NamedBody, base: np.ndarray) -> np.ndarray:
    """Arms that hang, as the relaxed rest pose has them; the rest of the body stays."""
    try:
        _, moves = at_rest(replace(body.armature, symmetry=None), "relaxed")
    except BadArmatureError:
        return base
    result = base.copy()
    for bone, name in enumerate(body.armature.names):
        parent = int(body.armature.parents[bone])
        arm = name.startswith(("upper_arm", "forearm", "hand", "thumb", "f_"))
        if arm and parent >= 0:
            result[bone] = moves[bone, :, :3]
    for bone, parent in enumerate(body.armature.parents):  # what hangs on an arm goes along
        if parent >= 0 and np.array_equal(result[bone], np.eye(3)) and not np.array_equal(result[parent], np.eye(3)):
            result[bone] = result[parent]
    return result


def beats(seconds: float, rounds: int, rate: float) -> np.ndarray:
    """2 pi for each round of so many seconds, (T,): whole frames a round, so that rounds fit to each other."""
    each = max(round(seconds * rate), 1)
    return 2.0 * np.pi * np.arange(rounds * each + 1) / each


def swung(axis: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """Turns (T, 3, 3) about an axis of the body by degrees (T,)."""
    return about(axis, np.radians(degrees))


def side_of_bone(stage: Stage, bone: int) -> float:
    """1 on the left, -1 on the right."""
    return float(sign_of_side(stage.armature.names[bone]) or 1)
