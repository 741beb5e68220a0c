"""Votes gathered into joints: mean shift over the places that points vote for, among points of like parts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ..bodies.perceived import Perceived
from ..bodies.words import PART

WIDTH, NARROW, BROAD = 0.2, 0.005, 0.03  # of the kernel: share of a vote's expected error, within these bounds
STRANGERS = 0.15  # how much a point of another part counts beside one of the same
ROUNDS = 8
MERGE = 0.7  # gatherings nearer than so many widths of the kernel are one
LEAST = 8.0  # points (of 2,048) that make a joint
CARRIED = PART["worn"]
MIDDLE = 0.5  # chance of being in the middle from which a joint is


@dataclass(frozen=True)
class Joints:
    """Gathered joints, in the frame of the points."""

    at: np.ndarray  # (J, 3)
    onward: np.ndarray  # (J, 3) where the bone ends
    above: np.ndarray  # (J, 3) where the parent is
    part: np.ndarray  # (J, len(PARTS)) chances
    side: np.ndarray  # (J, 3) chances of SIDES
    pair: np.ndarray  # (J, PAIRS) chances
    along: np.ndarray  # (J,) of the points that it moves
    mass: np.ndarray  # (J,) points that voted for it, of 2,048
    error: np.ndarray  # (J,) how far off it is likely to be
    twin: np.ndarray  # (J,) the joint across of an even shape, itself in the middle or where the shape is not even

    def chosen(self, places: np.ndarray) -> Joints:
        """Some of the joints in any order; `twin` still counts in the old one."""
        return Joints(**{item.name: getattr(self, item.name)[places] for item in fields(self)})


def gather(seen: Perceived, size: float, *, even: bool, density: float = 1.0) -> Joints:
    """Joints of a shape of longest side `size`. An `even` shape mirrors itself in x = 0, and so do its joints.

    A higher `density` tells more joints apart.
    """
    votes, flip = seen.votes.copy(), np.ones(len(seen.points))
    if even:
        right = seen.side[:, 2] > seen.side[:, 1]
        flip = np.where(right, -1.0, 1.0)
        votes[:, :, 0] *= flip[:, None]
        middle = seen.side[:, 0] > MIDDLE
        votes[middle, :2, 0] = 0.0
    width = np.clip(WIDTH * seen.error[:, 0], NARROW * size, BROAD * size) / density
    labels = _labels(seen, even=even)
    weight = (NARROW * size / seen.error[:, 0].clip(NARROW * size)) ** 0.5
    at = shifted(votes[:, 0], width, labels, weight)
    joint, strongest = clusters(at, width, labels, weight)
    return _described(seen, votes, joint, strongest, at, even=even)


def shifted(at: np.ndarray, width: np.ndarray, labels: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Votes (M, 3) moved to where they are densest, among votes of like labels (M, L)."""
    like = (STRANGERS + (1 - STRANGERS) * (labels @ labels.T)).astype(np.float32) * weight.astype(np.float32)
    at = at.astype(np.float32)
    narrow = (-0.5 / (width[:, None] ** 2 + width[None] ** 2) * 2).astype(np.float32)
    for _ in range(ROUNDS):
        near = like * np.exp(narrow * _squares(at))
        at = near @ at / near.sum(1, keepdims=True)
    return at.astype(np.float64)


def clusters(
    at: np.ndarray, width: np.ndarray, labels: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The gathering that each vote belongs to (M,), -1 for none, and the vote that stands for each gathering."""
    apart = np.sqrt(_squares(at.astype(np.float32)))
    near = (apart < MERGE * width[None]) & (labels @ labels.T > 0.25)
    crowd = near @ weight
    free, joint, found = np.ones(len(at), bool), np.full(len(at), -1), []
    for vote in np.argsort(-crowd, kind="stable"):
        mine = near[vote] & free if free[vote] else near[vote] & False
        if mine.any():
            joint[mine] = len(found)
            found.append(vote)
            free &= ~mine
    return joint, np.array(found)


def _described(
    seen: Perceived, votes: np.ndarray, joint: np.ndarray, strongest: np.ndarray, at: np.ndarray, *, even: bool
) -> Joints:
    """What is known of each gathering that is large enough."""
    count = len(strongest)
    member = np.zeros((count, len(joint)))
    member[joint, np.arange(len(joint))] = 1.0
    mass = member.sum(1) * 2048 / len(joint)
    kept = mass >= LEAST
    carried = (member @ seen.part).argmax(1) == CARRIED  # riggers seldom give what is carried a bone
    if (kept & ~carried).any():
        kept &= ~carried
    member = member[kept] / np.maximum(member[kept].sum(1, keepdims=True), 1)
    places = np.einsum("jm,mkd->jkd", member, votes)
    side = member @ seen.side
    centre = np.stack([np.median(at[row > 0], 0) for row in member]) if len(member) else np.zeros((0, 3))
    paired = side[:, 0] <= MIDDLE
    if even:
        centre[~paired, 0] = 0.0
        side[paired] = [0.0, 1.0, 0.0]
        side[~paired] = [1.0, 0.0, 0.0]
    facts = [
        centre,
        places[:, 1],
        places[:, 2],
        member @ seen.part,
        side,
        member @ seen.pair,
        member @ seen.along,
        mass[kept],
        member @ seen.error[:, 0],
    ]
    twin = np.arange(len(member))
    if even:
        other = np.flatnonzero(paired)
        twin[other] = len(member) + np.arange(len(other))
        flip = np.array([-1.0, 1.0, 1.0])
        facts = [
            np.concatenate([fact, fact[other] * flip if place < 3 else fact[other]]) for place, fact in enumerate(facts)
        ]
        facts[4][len(member) :] = [0.0, 0.0, 1.0]
        twin = np.concatenate([twin, other])
    at_, onward, above, part, sides, pair, along, votes_of, error = facts
    return Joints(at_, onward, above, part, sides, pair, along, votes_of, error, twin)


def _labels(seen: Perceived, *, even: bool) -> np.ndarray:
    """Unit vectors (M, L) whose product is how alike the labels of two points are."""
    part = np.sqrt(seen.part)
    part /= np.linalg.norm(part, axis=1, keepdims=True)
    side = seen.side if not even else np.stack([seen.side[:, 0], seen.side[:, 1:].sum(1)], 1)
    side = np.sqrt(side)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return (part[:, :, None] * side[:, None]).reshape(len(part), -1)


def _squares(at: np.ndarray) -> np.ndarray:
    """Squared distances of points (M, 3), (M, M)."""
    square = (at * at).sum(1)
    return np.maximum(square[:, None] + square[None] - 2 * (at @ at.T), 0)
