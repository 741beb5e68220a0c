"""The armature of voted joints: bones from each joint to the one its chain goes on to, named, rolled and even."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature, Symmetry
from ..bodies.perceived import Perceived
from ..bodies.words import kinds_of
from ..bones.names import sided, unique
from ..bones.rolls import bone_rolls
from .gather import Joints, gather
from .naming import base_names
from .tree import parents_of

FLIP = np.array([-1.0, 1.0, 1.0])
SHORTEST = 0.004  # of the size: shorter bones are drawn out to it
STRAY = 0.6  # a child this far from where the points end the bone, in bone lengths, does not carry it on
TIP = 0.6  # length of a last bone without an end of its own, as a share of the one before
SIDES = {0: 0, 1: 1, 2: -1}  # of words.SIDES -> of bones.names


def voted_armature(seen: Perceived, size: float = 1.0, *, even: bool = True, density: float = 1.0) -> Armature | None:
    """The armature that the votes make, None where they make none.

    The frame is canonical (upright, facing -Y, mirror plane x = 0). `density` is how eagerly joints are told apart.
    """
    joints = gather(seen, size, even=even, density=density)
    if len(joints.at) == 0:
        return None
    parents = parents_of(joints, size)
    order = _from_the_root(joints, parents)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    above = parents[order]
    parents = np.where(above >= 0, place[above], -1)
    joints, twin = joints.chosen(order), place[joints.twin[order]]
    kinds = kinds_of(seen.plan)
    kind = max(kinds, key=lambda name: kinds[name])
    tails, connected = _tails(joints, parents, size)
    side = joints.side.argmax(1)
    right = (side == 2) & (twin != np.arange(len(order)))
    tails[right], connected[right] = tails[twin[right]] * FLIP, connected[twin[right]]
    rolls = bone_rolls(joints.at, tails, parents)
    rolls[right] = -rolls[twin[right]]
    return Armature(
        names=_names(joints, parents, twin, kind),
        parents=parents.astype(np.int32),
        heads=joints.at,
        tails=tails,
        rolls=rolls,
        connected=connected,
        confidence=np.clip(1 - joints.error / (0.1 * size), 0.05, 1.0),
        deform=np.ones(len(order), bool),
        radii=np.full((len(order), 2), 0.02 * size),
        kind=kind,
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.0) if even else None,
    )


def _from_the_root(joints: Joints, parents: np.ndarray) -> np.ndarray:
    """Joints in the order of bones: each chain in one go, parents before children, right twins last."""
    part = joints.part.argmax(1)
    right = (joints.side.argmax(1) == 2) & (joints.twin != np.arange(len(parents)))
    order: list[int] = []
    waiting = [int(np.flatnonzero(parents < 0)[0])]
    while waiting:
        joint = waiting.pop()
        order.append(joint)
        children = np.flatnonzero((parents == joint) & ~right)
        # The last one put on the pile comes next: a bone of the same chain.
        waiting += sorted(map(int, children), key=lambda child: (part[child] == part[joint], -part[child], child))
    return np.array([*order, *(int(joints.twin[joint]) for joint in order if right[joints.twin[joint]])])


def _tails(joints: Joints, parents: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Where each bone ends (J, 3), and whether a bone starts where its parent ends (J,)."""
    at, side = joints.at, joints.side.argmax(1)
    tails, connected = joints.onward.copy(), np.zeros(len(at), bool)
    middle = (side == 0) & (np.abs(at[:, 0]) < 1e-9)
    tails[middle, 0] = 0.0
    for bone in range(len(at)):
        children = np.flatnonzero((parents == bone) & (side == side[bone]))
        length = np.linalg.norm(tails[bone] - at[bone])
        if len(children):
            gap = np.linalg.norm(at[children] - tails[bone], axis=1)
            heir = children[np.argmin(gap)]
            alone = len(children) == 1 and (parents == bone).sum() == 1
            if alone or gap.min() < STRAY * max(length, np.linalg.norm(at[heir] - at[bone])):
                tails[bone], connected[heir] = at[heir], True
                length = np.linalg.norm(tails[bone] - at[bone])
        if length < SHORTEST * size:
            before = at[bone] - at[parents[bone]] if parents[bone] >= 0 else np.array([0.0, 0.0, 1.0])
            far = np.linalg.norm(before)
            step = before / far if far > SHORTEST * size else np.array([0.0, 0.0, 1.0])
            tails[bone] = at[bone] + step * max(TIP * min(far, 0.1 * size), SHORTEST * size)
            connected[parents == bone] = False
    return tails, connected


def _names(joints: Joints, parents: np.ndarray, twin: np.ndarray, kind: str) -> tuple[str, ...]:
    """Unique names; a right bone is called after its left twin."""
    side = joints.side.argmax(1)
    bases = base_names(joints.part.argmax(1), joints.pair.argmax(1), parents, kind)
    right = (side == 2) & (twin != np.arange(len(bases)))
    first = np.flatnonzero(~right)
    made = unique([sided(bases[bone], SIDES[int(side[bone])]) for bone in first])
    names = [""] * len(bases)
    for bone, name in zip(first, made, strict=True):
        names[bone] = name
    for bone in np.flatnonzero(right):
        names[bone] = names[twin[bone]][:-1] + "R"
    return tuple(names)
