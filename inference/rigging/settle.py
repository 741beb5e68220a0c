"""Bones that stick out of the flesh are settled into it by moving the joints they hang between."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # the draft calls this module
    from .draft import Bone, Draft

STEPS = (0.006, 0.012, 0.02, 0.03)  # how far a joint may be moved, as shares of the shape's size, nearest first
ROUNDS = 3
SETTLED = 0.985  # share of a bone in the flesh that is aimed at
DIRECTIONS = np.array([d for d in itertools.product((-1.0, 0.0, 1.0), repeat=3) if any(d)])


def settle(draft: Draft) -> None:
    """Move joints of bones that leave the flesh, as little as it takes; middle joints stay in the middle."""
    for _ in range(ROUNDS):
        share = _shares(draft, draft.bones)
        astray = np.flatnonzero(share < SETTLED)
        if len(astray) == 0:
            return
        moved = False
        for number in astray[np.argsort(share[astray], kind="stable")]:
            bone = draft.bones[number]
            # The end first: moving where a bone springs from disturbs more of what has been measured.
            moved |= _settle_joint(draft, bone.tail) or _settle_joint(draft, bone.head)
        if not moved:
            return


def _settle_joint(draft: Draft, joint: np.ndarray) -> bool:
    """Move one joint to the nearest place that puts its bones well inside; whether it helped."""
    at_tail = [bone for bone in draft.bones if np.array_equal(bone.tail, joint)]
    at_head = [bone for bone in draft.bones if np.array_equal(bone.head, joint)]
    around = at_tail + at_head
    before = _loss(_shares(draft, around))
    if before == 0:
        return False
    in_middle = draft.symmetric and joint[0] == 0.0
    directions = DIRECTIONS[DIRECTIONS[:, 0] == 0] if in_middle else DIRECTIONS
    best, place = before, joint
    for step in STEPS:
        for direction in directions:
            trial = joint + step * direction / np.linalg.norm(direction)
            if not draft.flesh.inside(trial[None])[0]:
                continue
            heads = np.array([bone.head for bone in at_tail] + [trial for _ in at_head])
            tails = np.array([trial for _ in at_tail] + [bone.tail for bone in at_head])
            if np.linalg.norm(tails - heads, axis=1).min() < STEPS[0]:
                continue
            loss = _loss(draft.flesh.share_inside(heads, tails))
            if loss < best - 0.02:
                best, place = loss, trial
        if best == 0:
            break
    if place is joint:
        return False
    for bone in at_tail:
        bone.tail = place
    for bone in at_head:
        bone.head = place
    return True


def _shares(draft: Draft, bones: list[Bone]) -> np.ndarray:
    return draft.flesh.share_inside(np.array([bone.head for bone in bones]), np.array([bone.tail for bone in bones]))


def _loss(share: np.ndarray) -> float:
    """How much of all bones is missing from being well inside."""
    return float(np.maximum(SETTLED - share, 0.0).sum())
