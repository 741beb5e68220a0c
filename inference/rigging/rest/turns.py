"""Bones turned into another rest pose, and what hangs on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature, SkinWeights
from ...axes import bone_axes, rolls_towards
from ..bones.hinges import with_natural_rolls
from ..judging.posing import bend

SAME_ROLL = 1e-3  # radians


def least_turn(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The turn by the smallest angle that brings one unit vector (3,) onto another, (3, 3)."""
    cosine = float(before @ after)
    if cosine < -1.0 + 1e-9:  # there is no shortest way: about an axis at right angles
        axis = np.cross(before, np.eye(3)[int(np.abs(before).argmin())])
        axis /= np.linalg.norm(axis)
        return 2.0 * np.outer(axis, axis) - np.eye(3)
    axis = np.cross(before, after)
    skew = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.eye(3) + skew + skew @ skew / (1.0 + cosine)


def turn_about(axis: np.ndarray, angle: float) -> np.ndarray:
    """The turn about a unit axis (3,) by radians, (3, 3)."""
    skew = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.eye(3) + np.sin(angle) * skew + (1.0 - np.cos(angle)) * skew @ skew


def turns_towards(parents: np.ndarray, ways: np.ndarray, aims: np.ndarray) -> np.ndarray:
    """How each bone turns, (B, 3, 3), so that its way (B, 3) becomes its aim (B, 3); NaN follows the parent."""
    turns = np.tile(np.eye(3), (len(parents), 1, 1))
    for bone, parent in enumerate(parents):  # parents come first
        above = turns[parent] if parent >= 0 else np.eye(3)
        turns[bone] = above if np.isnan(aims[bone]).any() else least_turn(above @ ways[bone], aims[bone]) @ above
    return turns


def turned_on(parents: np.ndarray, ways: np.ndarray, turns: np.ndarray, aims: np.ndarray) -> np.ndarray:
    """`turns` (B, 3, 3) changed so that further aims (B, 3) are met; NaN keeps how a bone turns against its parent."""
    result = turns.copy()
    for bone, parent in enumerate(parents):  # parents come first
        if parent >= 0:
            result[bone] = result[parent] @ turns[parent].T @ turns[bone]
        if not np.isnan(aims[bone]).any():
            result[bone] = least_turn(result[bone] @ ways[bone], aims[bone]) @ result[bone]
    return result


def moves_of(armature: Armature, turns: np.ndarray) -> np.ndarray:
    """How each bone moves what is bound to it, (B, 3, 4), when it turns (B, 3, 3) and stays on its parent."""
    moves = np.empty((len(turns), 3, 4))
    for bone, parent in enumerate(armature.parents):
        head = armature.heads[bone]
        moved = head if parent < 0 else moves[parent, :, :3] @ head + moves[parent, :, 3]
        moves[bone, :, :3], moves[bone, :, 3] = turns[bone], moved - turns[bone] @ head
    return moves


def moved_by(armature: Armature, moves: np.ndarray) -> Armature:
    """The armature in the rest pose that the moves (B, 3, 4) bring it to; rolls are carried along."""
    heads, tails = _moved(moves, armature.heads), _moved(moves, armature.tails)
    inside = armature.connected & (armature.parents >= 0)
    heads[inside] = tails[armature.parents[inside]]  # exactly, as they were
    bends = np.einsum("bij,bj->bi", moves[:, :, :3], bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2])
    return replace(armature, heads=heads, tails=tails, rolls=rolls_towards(heads, tails, bends))


def bent_as_before(before: Armature, after: Armature) -> Armature:
    """`after` with natural rolls on those bones that had them in `before`; both in the canonical frame, our names."""
    apart = before.rolls - with_natural_rolls(before).rolls
    natural = np.abs((apart + np.pi) % (2.0 * np.pi) - np.pi) < SAME_ROLL
    return replace(after, rolls=np.where(natural, with_natural_rolls(after).rolls, after.rolls))


def moved_points(points: np.ndarray, skin: SkinWeights, moves: np.ndarray) -> np.ndarray:
    """Points (V, 3) where the bones of their skin take them; those that no bone moves stay."""
    loose = skin.weights.sum(1) <= 0
    return np.where(loose[:, None], points, bend(points, skin, moves))


def _moved(moves: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.einsum("bij,bj->bi", moves[:, :, :3], points) + moves[:, :, 3]
