"""T, A and relaxed: how a two-legged body turns into them from whatever pose it rests in."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from ...anatomy import Armature
from ...errors import BadArmatureError
from ..bones.hinges import FORWARD
from .body import NamedBody, named_body
from .hands import SIDES, palms_turned, stretched_fingers
from .turns import bent_as_before, moved_by, moves_of, turned_on, turns_towards

Stance = Literal["t", "a", "relaxed"]
STANCES: tuple[Stance, ...] = ("t", "a", "relaxed")
ARMS_DOWN = {"t": 0.0, "a": 45.0, "relaxed": 72.0}  # degrees below the horizontal
FOREARMS_FORWARD = {"t": 0.0, "a": 0.0, "relaxed": 14.0}  # degrees that the elbow is bent
STANDS = np.cos(np.radians(25.0))  # legs nearer to straight down than this stay as they are
KNEE = np.radians(2.0)  # thighs forwards and shins backwards of legs that are put below the hips
LEG = ("thigh", "shin", "foot", "toe")


def at_rest(armature: Armature, stance: Stance) -> tuple[Armature, np.ndarray]:
    """The armature resting in a stance, and how its bones move what is bound to them, (B, 3, 4).

    Trunk, neck and head stay; arms go where the stance has them, with the palms down in T; fingers that are curled are
    stretched in T and A; legs that do not stand are put below the hips, with the feet on the ground where it was.
    """
    body = named_body(armature)
    inside = body.armature
    turns = palms_turned(body, _turns(body, stance), {letter: palm_way(side, stance) for letter, side in SIDES})
    if stance != "relaxed":
        turns = turned_on(inside.parents, body.ways, turns, stretched_fingers(body, turns))
    moves = moves_of(inside, turns)
    moves[:, 2, 3] += lift(inside, moves)
    after = body.frame.out(bent_as_before(inside, moved_by(inside, moves)))
    return replace(after, names=armature.names, symmetry=armature.symmetry), moves_out(body, moves)


def moves_out(body: NamedBody, moves: np.ndarray) -> np.ndarray:
    """Moves (B, 3, 4) of the canonical frame in the frame that the body was given in."""
    axes = body.frame.axes
    return np.concatenate([axes.T @ moves[:, :, :3] @ axes, (moves[:, :, 3] @ axes)[:, :, None]], axis=2)


def arm_way(side: float, stance: Stance) -> np.ndarray:
    """Where upper arms point, (3,); `side` is 1 on the left."""
    down = np.radians(ARMS_DOWN[stance])
    return np.array([side * np.cos(down), 0.0, -np.sin(down)])


def palm_way(side: float, stance: Stance) -> np.ndarray:
    """Where palms look, (3,): down in T, and where T's would be taken in the other stances."""
    down = np.radians(ARMS_DOWN[stance])
    return np.array([-side * np.sin(down), 0.0, -np.cos(down)])


def _turns(body: NamedBody, stance: Stance) -> np.ndarray:
    aims = np.full((len(body.armature.names), 3), np.nan)
    for letter, side in SIDES:
        upper = arm_way(side, stance)
        forward = np.radians(FOREARMS_FORWARD[stance])
        lower = np.cos(forward) * upper + np.sin(forward) * FORWARD
        for stem, way in (("upper_arm", upper), ("forearm", lower), ("hand", lower)):
            bone = body.place.get(f"{stem}.{letter}")
            if bone is not None:
                aims[bone] = way
        if np.isnan(aims).all():
            raise BadArmatureError(
                "The armature has no arms that are known. T, A and relaxed are poses of two-legged bodies with arms; "
                "name the bones as Blender, Mixamo, Unreal or Unity do."
            )
        _aim_leg(body, letter, aims)
    return turns_towards(body.armature.parents, body.ways, aims)


def _aim_leg(body: NamedBody, letter: str, aims: np.ndarray) -> None:
    """Put a leg that does not stand below its hip."""
    bones = [body.place[name] for stem in LEG[:2] if (name := f"{stem}.{letter}") in body.place]
    if len(bones) < 2:
        return
    span = body.ends[bones[1]] - body.armature.heads[bones[0]]
    if -span[2] < STANDS * np.linalg.norm(span):
        for bone, tilt in zip(bones, (-KNEE, KNEE), strict=True):
            aims[bone] = (0.0, np.sin(tilt), -np.cos(tilt))


def lift(armature: Armature, moves: np.ndarray) -> float:
    """How far the body is raised so that its lowest joint of a leg is as high as it was."""
    legs = [bone for bone, name in enumerate(armature.names) if name.startswith(LEG)]
    if not legs:
        return 0.0
    joints = np.concatenate([armature.heads[legs], armature.tails[legs]])
    twice = np.concatenate([moves[legs], moves[legs]])
    after = np.einsum("bj,bj->b", twice[:, 2, :3], joints) + twice[:, 2, 3]
    return float(joints[:, 2].min() - after.min())
