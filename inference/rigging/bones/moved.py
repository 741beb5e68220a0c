"""An armature whose joints are put elsewhere and some of whose bones are left out; the others follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature
from ...axes import bone_axes, rolls_towards
from ..bodies.interior import Interior
from .names import other_side, sign_of_side

OF_BONES = ("heads", "tails", "rolls", "connected", "confidence", "deform", "radii")  # besides names and parents
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)  # of their length that bones at the ends may keep
STICKS_OUT = 0.85  # share inside below which such a bone is shortened ...
INSIDE = 0.95  # ... and the share that should be inside then
LONGEST_TIP = 0.03  # of the unit frame: longer ones are left alone
SHORTEST_TIP = 0.005  # no such bone is made shorter than this
SHORTEST = 0.004  # of the unit frame: a bone that the move would make shorter keeps its direction at this length


def left_out(armature: Armature, dropped: np.ndarray) -> Armature:
    """Without the bones marked in `dropped` (B,), never the root. Their children hang on who held them.

    A parent reaches on to the end of a chain that loses a link, so that the part there keeps a bone.
    """
    dropped = dropped & (armature.parents >= 0)
    if not dropped.any():
        return armature
    parents, tails, connected = armature.parents.copy(), armature.tails.copy(), armature.connected.copy()
    for bone in np.flatnonzero(dropped)[::-1]:  # children before their parents
        above = parents[bone]
        siblings = np.flatnonzero((parents == above) & connected & ~dropped)
        carries = armature.connected[bone] and not (siblings != bone).any()
        children = np.flatnonzero(parents == bone)
        parents[children] = above
        if carries:
            tails[above] = tails[bone]
        else:
            connected[children] = False
    rolls = _rolls_kept(armature, armature.heads, tails)
    return picked(replace(armature, tails=tails, connected=connected, rolls=rolls), np.flatnonzero(~dropped))


def picked(armature: Armature, chosen: np.ndarray) -> Armature:
    """The bones `chosen` (C,), in that order and as they are; each hangs on the nearest above it among them."""
    return replace(
        armature,
        names=tuple(armature.names[bone] for bone in chosen),
        parents=parents_among(armature.parents, chosen),
        **{name: getattr(armature, name)[chosen] for name in OF_BONES},
    )


def parents_among(parents: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """For each of the bones `chosen` (C,) the nearest bone above it that is chosen too, by its place, or -1."""
    place = np.full(len(parents) + 1, -1)
    place[chosen] = np.arange(len(chosen))
    above = np.asarray(parents)[chosen]
    while (lost := (above >= 0) & (place[above] < 0)).any():
        above[lost] = parents[above[lost]]
    return np.where(above >= 0, place[above], -1).astype(np.int32)


def tips_drawn_in(armature: Armature, interior: Interior, kept: tuple[str, ...] = ()) -> np.ndarray:
    """Tails (B, 3): small bones that hold no other and stick out (eyes, last fingers) are shortened, both sides alike.

    Those `kept` stay. Large ones stay too: a head that seems to leave the mesh is in an open helmet.
    """
    heads, tails = armature.heads, armature.tails
    length = armature.lengths
    inside = np.stack([interior.share_inside(heads, heads + share * (tails - heads)) for share in SHARES])  # (K, B)
    enough = inside >= np.minimum(INSIDE, inside.max(0))
    allowed = enough & (np.array(SHARES)[:, None] * length >= SHORTEST_TIP)
    share = np.where(allowed.any(0) & (inside[0] < STICKS_OUT), np.array(SHARES)[allowed.argmax(0)], 1.0)
    pairs = mirrored_pairs(armature.names)
    share = np.minimum(share, share[pairs])
    stays = np.isin(armature.names, kept) | ~armature.deform | (length > LONGEST_TIP)
    stays[armature.parents[armature.parents >= 0]] = True
    stays |= stays[pairs]
    return np.where(stays[:, None], tails, heads + share[:, None] * (tails - heads))


def moved(armature: Armature, heads: np.ndarray) -> Armature:
    """Its joints at `heads` (B, 3): a connected bone starts where its parent ends, a tip stays where it was."""
    tails = armature.tails.copy()
    mover = np.full(len(heads), -1)
    for bone in np.flatnonzero(armature.connected & (armature.parents >= 0)):
        mover[armature.parents[bone]] = bone  # bones connected to one tail move as one, below
    heads = heads.copy()
    for bone in np.flatnonzero(mover >= 0):
        together = np.flatnonzero((armature.parents == bone) & armature.connected)
        tails[bone] = heads[together] = heads[together].mean(0)
    free = mover < 0
    step = heads - armature.heads
    long = np.linalg.norm(armature.tails - armature.heads, axis=1)
    stays = free & (np.linalg.norm(armature.tails - heads, axis=1) > 0.5 * long)
    tails[free & ~stays] += step[free & ~stays]
    made = _lengthened(replace(armature, heads=heads, tails=tails))
    return replace(made, rolls=_rolls_kept(armature, made.heads, made.tails))


def mirrored_pairs(names: tuple[str, ...]) -> np.ndarray:
    """For each bone its namesake on the other side, itself in the middle or alone, (B,)."""
    place = {name: bone for bone, name in enumerate(names)}
    return np.array([place.get(other_side(name), bone) for bone, name in enumerate(names)])


def made_even(heads: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Heads (B, 3) that mirror each other in x = 0 exactly."""
    flip = np.array([-1.0, 1.0, 1.0])
    return (heads + heads[pairs] * flip) / 2


def _rolls_kept(armature: Armature, heads: np.ndarray, tails: np.ndarray) -> np.ndarray:
    """Rolls for bones put elsewhere, so that each bends the way it did; opposite for left and right, (B,)."""
    bends = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2]
    rolls = rolls_towards(heads, tails, bends)
    pairs = mirrored_pairs(armature.names)
    right = np.array([sign_of_side(name) < 0 for name in armature.names]) & (pairs != np.arange(len(pairs)))
    even = np.abs(armature.rolls[pairs] + armature.rolls) < 1e-9
    return np.where(right & even, -rolls[pairs], rolls)


def _lengthened(armature: Armature) -> Armature:
    """Bones of no length made just long enough, along where they pointed before or upwards."""
    along = armature.tails - armature.heads
    length = np.linalg.norm(along, axis=1)
    short = length < SHORTEST
    if not short.any():
        return armature
    direction = np.where(length[:, None] > 1e-9, along / np.maximum(length, 1e-9)[:, None], [0.0, 0.0, 1.0])
    tails = np.where(short[:, None], armature.heads + SHORTEST * direction, armature.tails)
    loose = (armature.parents >= 0) & short[np.maximum(armature.parents, 0)]
    return replace(armature, tails=tails, connected=armature.connected & ~loose)
