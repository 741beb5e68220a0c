"""Rigs made wrong on purpose: what the judge must catch. All in a frame of size 1 in which the shape stands on +Z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from inference.anatomy import Armature
from inference.rigging.bones.moved import picked
from inference.rigging.bones.names import other_side
from inference.rigging.judging.parts import FINGERS, Parts

_QUARTER = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
QUARTERS = np.array([np.linalg.matrix_power(_QUARTER, turns) for turns in (1, 2, 3)])
LIMBS = ("arm", "leg", "front leg", "hind leg", "wing", "tail", "head", "leg1", "leg2", "leg3")
LEAST_AWAY, MOST_AWAY = 0.15, 0.35  # how far a limb is moved
ENOUGH = 3  # fingers of a hand that can be crossed

Fault = Callable[[Armature, np.random.Generator], Armature | None]  # None where it cannot be made


def swapped_sides(armature: Armature, rng: np.random.Generator) -> Armature | None:
    """Left is called right."""
    names = tuple(other_side(name) for name in armature.names)
    return replace(armature, names=names) if names != armature.names else None


def turned(armature: Armature, rng: np.random.Generator) -> Armature | None:
    """The bones look another way than the shape."""
    turn, middle = QUARTERS[rng.integers(3)], _middle(armature.heads)
    heads, tails = ((ends - middle) @ turn.T + middle for ends in (armature.heads, armature.tails))
    return replace(armature, heads=heads, tails=tails)


def missing_limb(armature: Armature, rng: np.random.Generator) -> Armature | None:
    """A limb without bones, or without most of them."""
    key = _a_limb(armature, rng)
    if key is None:
        return None
    gone = _with_what_hangs(armature, Parts(armature).limbs[key])
    return without(armature, gone) if not gone.all() and (~gone).sum() >= 2 else None


def moved_limb(armature: Armature, rng: np.random.Generator) -> Armature | None:
    """A limb beside its place."""
    key = _a_limb(armature, rng)
    if key is None:
        return None
    moves = _with_what_hangs(armature, Parts(armature).limbs[key])
    way = rng.normal(size=3)
    step = way / np.linalg.norm(way) * rng.uniform(LEAST_AWAY, MOST_AWAY)
    heads, tails = (np.where(moves[:, None], ends + step, ends) for ends in (armature.heads, armature.tails))
    return replace(armature, heads=heads, tails=tails, connected=armature.connected & ~moves)


def drawn_limb(armature: Armature, rng: np.random.Generator) -> Armature | None:
    """A limb that begins where it should and ends beside its place: a joint of it was drawn away."""
    key = _a_limb(armature, rng)
    if key is None:
        return None
    bones = Parts(armature).limbs[key]
    if len(bones) < 2:
        return None
    first = int(bones[rng.integers(1, len(bones))])
    moves = _with_what_hangs(armature, np.array([first]))
    way = rng.normal(size=3)
    step = way / np.linalg.norm(way) * rng.uniform(LEAST_AWAY, MOST_AWAY)
    heads, tails = (np.where(moves[:, None], ends + step, ends) for ends in (armature.heads, armature.tails))
    if armature.connected[first]:
        tails[armature.parents[first]] = heads[first]
    return replace(armature, heads=heads, tails=tails)


def crossed_fingers(armature: Armature, rng: np.random.Generator) -> Armature | None:
    """Two fingers of a hand change places from their second joint on, or lie on each other, or one is missing."""
    parts = Parts(armature)
    side = int(rng.choice([1, -1]))
    bones = parts.limbs.get(("fingers", side), np.zeros(0, int))
    chains = [[int(b) for b in bones if parts.placed[b][1] == place] for place in range(len(FINGERS))]
    chains = [chain for chain in chains if len(chain) >= 2]
    if len(chains) < ENOUGH:
        return None
    one, other = (chains[place] for place in rng.choice(len(chains), 2, replace=False))
    match int(rng.integers(3)):
        case 0:
            return _exchanged(armature, one, other)
        case 1:
            return _laid_on(armature, one, other)
        case _:
            gone = np.zeros(len(armature.names), bool)
            gone[one] = True
            return without(armature, _with_what_hangs(armature, np.array(one)))


FAULTS: dict[str, Fault] = {
    "swapped sides": swapped_sides,
    "turned": turned,
    "missing limb": missing_limb,
    "limb moved": moved_limb,
    "limb drawn": drawn_limb,
    "fingers": crossed_fingers,
}


def joints_of_another(armature: Armature, other: Armature) -> Armature:
    """Another character's bones, their box in the middle of where this one's are."""
    shift = _middle(armature.heads) - _middle(other.heads)
    return replace(other, heads=other.heads + shift, tails=other.tails + shift)


def without(armature: Armature, gone: np.ndarray) -> Armature:
    """The armature without some bones (B,) bool; what hung on them hangs on the nearest that is left."""
    kept = np.flatnonzero(~gone)
    held = ~gone[np.maximum(armature.parents[kept], 0)]
    made = picked(armature, kept)
    return replace(made, connected=made.connected & held)


def _a_limb(armature: Armature, rng: np.random.Generator) -> tuple[str, int] | None:
    parts = Parts(armature)
    found = [
        key for key, bones in parts.limbs.items() if key[0] in LIMBS and armature.lengths[bones].sum() > LEAST_AWAY / 2
    ]
    return found[rng.integers(len(found))] if found else None


def _with_what_hangs(armature: Armature, bones: np.ndarray) -> np.ndarray:
    """Those bones and all that hang on them, (B,) bool; the root is left."""
    taken = np.zeros(len(armature.names), bool)
    taken[bones] = True
    taken[armature.parents < 0] = False
    for bone, parent in enumerate(armature.parents):
        if parent >= 0 and taken[parent]:
            taken[bone] = True
    return taken


def _exchanged(armature: Armature, one: list[int], other: list[int]) -> Armature:
    heads, tails = armature.heads.copy(), armature.tails.copy()
    count = min(len(one), len(other))
    for a, b in zip(one[1:count], other[1:count], strict=True):
        heads[[a, b]] = heads[[b, a]]
    for a, b in zip(one[:count], other[:count], strict=True):
        tails[[a, b]] = tails[[b, a]]
    return replace(armature, heads=heads, tails=tails)


def _laid_on(armature: Armature, one: list[int], other: list[int]) -> Armature:
    heads, tails = armature.heads.copy(), armature.tails.copy()
    count = min(len(one), len(other))
    heads[one[:count]], tails[one[:count]] = heads[other[:count]], tails[other[:count]]
    return replace(armature, heads=heads, tails=tails)


def _middle(points: np.ndarray) -> np.ndarray:
    return (points.min(0) + points.max(0)) / 2
