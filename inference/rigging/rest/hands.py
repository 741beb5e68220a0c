"""Hands in another rest pose: where the palm looks, and fingers laid flat."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..bones.hinges import FINGERS, palm_of
from .body import NamedBody
from .turns import turn_about

CURLED = np.cos(np.radians(25.0))  # fingers that are straighter than this stay as they are
FOREARM_SHARE = 0.5  # of a hand's turn about the forearm
SIDES = (("L", 1.0), ("R", -1.0))


def palms_turned(body: NamedBody, turns: np.ndarray, wanted: Mapping[str, np.ndarray]) -> np.ndarray:
    """`turns` (B, 3, 3) with the palms of hands (L, R) looking where they are wanted, half of it by the forearm."""
    turns = turns.copy()
    for letter, side in SIDES:
        hand, forearm = (body.place.get(f"{stem}.{letter}") for stem in ("hand", "forearm"))
        palm = None if hand is None else palm_of(body.armature, letter, side)
        if hand is None or palm is None or letter not in wanted or not _has_fingers(body, letter):
            continue
        way, into = turns[hand] @ body.ways[hand], turns[hand] @ palm[0]
        into, goal = (v - (v @ way) * way for v in (into, wanted[letter]))
        angle = float(np.arctan2(np.cross(into, goal) @ way, into @ goal))
        for bone in _below(body.armature.parents, hand):
            turns[bone] = turn_about(way, angle) @ turns[bone]
        if forearm is not None:
            axis = turns[forearm] @ body.ways[forearm]
            turns[forearm] = turn_about(axis, FOREARM_SHARE * angle) @ turns[forearm]
    return turns


def stretched_fingers(body: NamedBody, turns: np.ndarray) -> np.ndarray:
    """Where curled fingers point when they are laid flat into the plane of the palm, (B, 3); NaN for all others."""
    aims = np.full((len(turns), 3), np.nan)
    for letter, side in SIDES:
        palm = palm_of(body.armature, letter, side)
        if palm is None:
            continue
        for stem in FINGERS:
            bones = [bone for k in range(1, 5) if (bone := body.place.get(f"{stem}.{k:02d}.{letter}")) is not None]
            if not bones:
                continue
            hand = turns[bones[0]]
            into, along = hand @ palm[0], hand @ body.ways[bones[0]]
            flat = along - (along @ into) * into
            if np.linalg.norm(flat) < 0.2:  # folded into the palm: as the hand points
                flat = side * hand @ np.cross(*palm)
            flat = flat / np.linalg.norm(flat)
            if ((body.ways[bones] @ hand.T) @ flat).min() < CURLED:
                aims[bones] = flat
    return aims


def _has_fingers(body: NamedBody, letter: str) -> bool:
    return any(f"{stem}.01.{letter}" in body.place for stem in FINGERS)


def _below(parents: np.ndarray, top: int) -> list[int]:
    """A bone and all that hang on it."""
    found = [top]
    found.extend(bone for bone in range(top + 1, len(parents)) if parents[bone] in found)
    return found
