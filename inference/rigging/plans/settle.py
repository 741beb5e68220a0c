"""Bones that stick out of the shape are settled into it by moving the joints they hang between."""

from __future__ import annotations

import itertools

import numpy as np

from .draft import Bone, Draft

STEPS = (0.006, 0.012, 0.02, 0.03)  # how far a joint may be moved, as shares of the shape's size, nearest first
ROUNDS = 3
SETTLED = 0.985  # share of a bone inside the shape that is aimed at
DIRECTIONS = np.array([d for d in itertools.product((-1.0, 0.0, 1.0), repeat=3) if any(d)])
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=1)[:, None]


def settle(draft: Draft) -> None:
    """Move joints of bones that leave the shape, as little as it takes; middle joints stay in the middle."""
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
    at_tail = [draft.bones[i] for i in np.flatnonzero((np.array([b.tail for b in draft.bones]) == joint).all(1))]
    at_head = [draft.bones[i] for i in np.flatnonzero((np.array([b.head for b in draft.bones]) == joint).all(1))]
    before = _loss(_shares(draft, at_tail + at_head))
    if before == 0:
        return False
    others = np.array([bone.head for bone in at_tail] + [bone.tail for bone in at_head])  # (K, 3)
    in_middle = draft.symmetric and joint[0] == 0.0
    directions = DIRECTIONS[DIRECTIONS[:, 0] == 0] if in_middle else DIRECTIONS
    best, place = before, joint
    for step in STEPS:
        trials = joint + step * directions
        trials = trials[draft.interior.inside(trials)]
        for trial, loss in zip(trials, _losses(draft, trials, others), strict=True):
            if loss < best - 0.02:
                best, place = float(loss), trial
        if best == 0:
            break
    if place is joint:
        return False
    for bone in at_tail:
        bone.tail = place
    for bone in at_head:
        bone.head = place
    return True


def _losses(draft: Draft, trials: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The loss of bones from each of `trials` (T, 3) to all `others` (K, 3), (T,); infinite where one is too short."""
    heads, tails = np.repeat(others, len(trials), axis=0), np.tile(trials, (len(others), 1))
    share = draft.interior.share_inside(heads, tails).reshape(len(others), -1)
    length = np.linalg.norm(tails - heads, axis=1).reshape(len(others), -1)
    loss = np.maximum(SETTLED - share, 0.0).sum(0)
    return np.where(length.min(0) < STEPS[0], np.inf, loss)


def _shares(draft: Draft, bones: list[Bone]) -> np.ndarray:
    return draft.interior.share_inside(np.array([bone.head for bone in bones]), np.array([bone.tail for bone in bones]))


def _loss(share: np.ndarray) -> float:
    """How much of all bones is missing from being well inside."""
    return float(np.maximum(SETTLED - share, 0.0).sum())
