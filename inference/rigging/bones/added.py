"""Toes, eyes and a jaw where a rigger wants them though the shape did not show them: put where they are expected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature, Mesh
from ...geometry.mesh.through import crossings
from ...requests import RigOptions
from .names import BOTH_SIDES, plain_name, split_side
from .rolls import bone_rolls

BALL = 0.7  # of the foot, where toes begin
EYE = (0.18, 0.45)  # of the head's length: to the side, and along the head
EYE_DEPTH = 0.12  # of the head's length, from the face to the middle of the eye
HINGE, CHIN = 0.2, 0.1  # along the head, where the jaw turns and how high the chin is at most
UPRIGHT = 0.6  # cosine to the vertical from which a head looks at right angles to its bone
GUESS = 0.3  # confidence of such a bone
FORWARD, UP, LEFT = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])


def with_wanted_parts(armature: Armature, options: RigOptions, shape: Mesh, kept: tuple[str, ...] = ()) -> Armature:
    """An armature of the canonical frame with the toes, eyes and jaw that are to be there. Bones `kept` stay.

    `shape` is in the same frame.
    """
    if options.toes == "on":
        for foot in [name for name in armature.names if plain_name(name).split(".")[0] == "foot"]:
            armature = _with_toe(armature, foot, kept)
    if "head" not in armature.names:
        return armature
    if options.eyes == "on" and not any(name.startswith("eye") for name in armature.names):
        for side, sign in zip(BOTH_SIDES, (1.0, -1.0), strict=True):
            armature = _grown(armature, f"eye{side}", "head", *_eye(armature, sign, shape))
    if options.jaw == "on" and not any(plain_name(name) == "jaw" for name in armature.names):
        armature = _grown(armature, "jaw", "head", *_jaw(armature, shape))
    return armature


def _with_toe(armature: Armature, foot: str, kept: tuple[str, ...]) -> Armature:
    """The outer part of a foot without toes as a toe of its own."""
    bone = armature.names.index(foot)
    stem, side = split_side(foot)
    toe = stem.replace("foot", "toe", 1) + side
    if foot in kept or toe in armature.names or (armature.parents == bone).any():
        return armature
    end, tails = armature.tails[bone].copy(), armature.tails.copy()
    tails[bone] = armature.heads[bone] + BALL * (end - armature.heads[bone])
    shorter = replace(armature, tails=tails)
    return _grown(shorter, toe, foot, tails[bone], end, connected=True)


def _eye(armature: Armature, sign: float, shape: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Middle and front of an eye: behind the face, or behind the side of an animal's head."""
    start, along, length, upright = _head(armature)
    aside, onward = EYE
    at = start + onward * along
    if upright:
        at = at + sign * aside * length * LEFT
        look, front = FORWARD, _surface(shape, at, FORWARD, length, 0.35)
    else:
        at = at + 0.1 * length * UP
        look = sign * LEFT
        front = _surface(shape, at, look, length, 0.3)
    middle = front - EYE_DEPTH * length * look
    return middle, middle + 0.8 * EYE_DEPTH * length * look


def _jaw(armature: Armature, shape: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Hinge and chin."""
    start, along, length, upright = _head(armature)
    hinge = start + HINGE * along
    if not upright:
        return hinge - 0.1 * length * UP, start + 0.95 * along - 0.12 * length * UP
    chin = _surface(shape, start + CHIN * along, FORWARD, length, 0.3)
    return hinge + 0.1 * length * FORWARD, chin - 0.03 * length * FORWARD


def _head(armature: Armature) -> tuple[np.ndarray, np.ndarray, float, bool]:
    """Where the head begins, from there to its end, how long that is, and whether it stands upright."""
    bone = armature.names.index("head")
    along = armature.tails[bone] - armature.heads[bone]
    length = max(float(np.linalg.norm(along)), 1e-9)
    return armature.heads[bone], along, length, float(along @ UP) / length > UPRIGHT


def _surface(shape: Mesh, at: np.ndarray, way: np.ndarray, length: float, expected: float) -> np.ndarray:
    """Where the way from `at` leaves the shape for the last time, or `expected` lengths on where there is nothing."""
    places, _ = crossings(shape, at, way)
    near = places[places < length]
    return at + (float(near[-1]) if len(near) else expected * length) * way


def _grown(
    armature: Armature, name: str, parent: str, head: np.ndarray, tail: np.ndarray, *, connected: bool = False
) -> Armature:
    """With one more bone, a guess."""
    heads, tails = np.concatenate([armature.heads, [head]]), np.concatenate([armature.tails, [tail]])
    above = armature.names.index(parent)
    return replace(
        armature,
        names=(*armature.names, name),
        parents=np.concatenate([armature.parents, [above]]).astype(np.int32),
        heads=heads,
        tails=tails,
        rolls=np.concatenate([armature.rolls, bone_rolls(heads[-1:], tails[-1:])]),
        connected=np.concatenate([armature.connected, [connected]]),
        confidence=np.concatenate([armature.confidence, [GUESS]]),
        deform=np.concatenate([armature.deform, [True]]),
        radii=np.concatenate([armature.radii, armature.radii[above : above + 1] / 2]),
    )
