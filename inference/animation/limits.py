"""How far joints go: hinges and cones by the part of the body, and turns brought back into them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy import Armature
from ..axes import bone_axes
from ..rigging.bones.names import plain_name, sign_of_side
from .turns import about, angle_of, least, unit

SLACK = 0.5  # degrees that rounding may take


@dataclass(frozen=True)
class Limit:
    """Degrees that a bone may be away from the middle of where it goes, and twisted about itself."""

    cone: float
    twist: float
    middle: tuple[float, float, float] | None = None  # on the left, in the parent's rest axes; None: its own rest
    hinge: tuple[float, float] | None = None  # how far it bends beyond straight and the other way, instead of a cone


# Words a name starts with -> limit; the first hit counts. Generous: what healthy joints do at most.
_LIMITS: tuple[tuple[tuple[str, ...], Limit], ...] = (
    (("root", "hips", "trunk"), Limit(180, 180)),
    (("forearm", "shin"), Limit(35, 110, hinge=(-12, 160))),
    (("upper_arm",), Limit(125, 130, (0.6, -0.5, -0.6))),
    (("thigh",), Limit(90, 70, (0.1, -0.5, -0.85))),
    (("hand",), Limit(90, 80)),
    (("foot.", "lower_leg", "toe."), Limit(90, 40)),
    (("foot", "toe"), Limit(65, 50)),
    (("upper_leg",), Limit(80, 50)),
    (("shoulder", "pelvis"), Limit(45, 45)),
    (("neck", "head"), Limit(60, 85)),
    (("spine", "chest"), Limit(50, 50)),
    (("thumb", "f_", "finger"), Limit(115, 40)),
    (("wing",), Limit(100, 70)),
)
_OTHER = Limit(75, 75)


def limit_of(name: str) -> Limit:
    """The limit of a bone by what we would call it."""
    words = name.lower()
    return next((limit for starts, limit in _LIMITS if words.startswith(starts)), _OTHER)


def beyond(armature: Armature, names: tuple[str, ...], turns: np.ndarray) -> np.ndarray:
    """By how many degrees each bone is beyond its limits, (T, B); 0 within them."""
    over = np.zeros(turns.shape[:2])
    for bone, parent in enumerate(armature.parents):
        if parent >= 0:
            local = turns[:, parent].transpose(0, 2, 1) @ turns[:, bone]
            if np.abs(local - np.eye(3)).max() < 1e-9:  # a joint at rest is within its limits
                continue
            _, angles = angle_of(_allowed(armature, names, bone, local) @ local.transpose(0, 2, 1))
            over[:, bone] = np.degrees(angles)
    return np.where(over > SLACK, over, 0.0)


def within_limits(armature: Armature, names: tuple[str, ...], turns: np.ndarray) -> np.ndarray:
    """The turns (T, B, 3, 3), each bone's brought back to the nearest that its joint allows."""
    result = turns.copy()
    for bone, parent in enumerate(armature.parents):
        if parent >= 0:
            local = turns[:, parent].transpose(0, 2, 1) @ turns[:, bone]
            rests = np.abs(local - np.eye(3)).max() < 1e-9
            result[:, bone] = result[:, parent] @ (local if rests else _allowed(armature, names, bone, local))
    return result


def _allowed(armature: Armature, names: tuple[str, ...], bone: int, local: np.ndarray) -> np.ndarray:
    """The nearest turns against the parent (T, 3, 3) that a joint allows."""
    limit, parent = limit_of(names[bone]), int(armature.parents[bone])
    rest = unit(armature.tails[bone] - armature.heads[bone])
    ways = local @ rest
    swing = least(np.broadcast_to(rest, ways.shape), ways)
    twist = swing.transpose(0, 2, 1) @ local
    axes, angles = angle_of(twist)
    signed = angles * np.sign((axes @ rest) + 1e-12)
    twist = about(rest, np.clip(signed, -np.radians(limit.twist), np.radians(limit.twist)))
    if limit.hinge is not None:
        ways = _hinged(armature, bone, parent, ways, rest, limit)
    else:
        middle = _middle(names[bone], limit, rest)
        ways = _in_cone(ways, middle, max(np.radians(limit.cone), float(np.arccos(np.clip(middle @ rest, -1, 1)))))
    return least(np.broadcast_to(rest, ways.shape), unit(ways)) @ twist


def _middle(name: str, limit: Limit, rest: np.ndarray) -> np.ndarray:
    if limit.middle is None or plain_name(name) not in ("upper_arm", "thigh"):
        return rest
    return unit(np.array(limit.middle) * (sign_of_side(name) or 1, 1, 1))


def _in_cone(ways: np.ndarray, middle: np.ndarray, most: float) -> np.ndarray:
    axis = np.cross(np.broadcast_to(middle, ways.shape), ways)
    angle = np.arctan2(np.linalg.norm(axis, axis=1), ways @ middle)
    inside = angle <= most
    edge = about(unit(axis), np.full(len(ways), most)) @ middle
    return np.where(inside[:, None], ways, edge)


def _hinged(armature: Armature, bone: int, parent: int, ways: np.ndarray, rest: np.ndarray, limit: Limit) -> np.ndarray:
    """Directions (T, 3) of a bone that bends about its own x axis, measured from straight on."""
    axis = bone_axes(*(field[[bone]] for field in (armature.heads, armature.tails, armature.rolls)))[0, 0]
    span = armature.heads[bone] - armature.heads[parent]
    straight = unit(span if np.linalg.norm(span) > 1e-9 else armature.tails[parent] - armature.heads[parent])
    straight = unit(straight - (straight @ axis) * axis)
    across = np.cross(axis, straight)
    assert limit.hinge is not None
    at_rest = float(np.arctan2(rest @ across, rest @ straight))
    low, high = min(np.radians(limit.hinge[0]), at_rest), max(np.radians(limit.hinge[1]), at_rest)
    bend = np.arctan2(ways @ across, ways @ straight)
    bend = np.where(bend < -np.pi / 2, bend + 2 * np.pi, bend)  # folded all the way is not overstretched
    aside = np.arcsin(np.clip(ways @ axis, -1.0, 1.0))
    bend, aside = np.clip(bend, low, high), np.clip(aside, -np.radians(limit.cone), np.radians(limit.cone))
    flat = np.cos(bend)[:, None] * straight + np.sin(bend)[:, None] * across
    return np.cos(aside)[:, None] * flat + np.sin(aside)[:, None] * axis
