"""Tails that an importer made up: formats that know joints alone leave the other end of each bone to guesswork."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature, Solid

EQUAL = 1e-3  # lengths that differ by less, as a share, were copied from each other
AT_TAIL = 0.1  # a joint this near to a bone's tail, in lengths of the bone, is where the bone leads
SHORTEST = 0.002  # of the unit frame: no bone is made shorter


def without_guesses(armature: Armature, solid: Solid) -> Armature:
    """The armature as its joints alone tell it, where the tails say nothing; unit frame.

    A bone that is as long as the way to its nearest child, but leads elsewhere, leads to the child that carries most.
    A last bone that copies its parent's length, but does not carry the chain on, reaches no farther than the shape
    is thick around its joint.
    """
    heads, tails, lengths = armature.heads, armature.tails.copy(), armature.lengths
    followers = _followers(armature.parents)
    thick = np.maximum(solid.depth[solid.nearest_cells(heads)], SHORTEST)
    for bone, above in enumerate(armature.parents):
        children = np.flatnonzero(armature.parents == bone)
        if len(children):
            apart = np.linalg.norm(heads[children] - heads[bone], axis=1)
            leads = np.linalg.norm(heads[children] - armature.tails[bone], axis=1) < AT_TAIL * lengths[bone]
            if not leads.any() and _copied(lengths[bone], float(apart.min())):
                tails[bone] = heads[children[int(np.argmax(followers[children]))]]
        elif above >= 0 and lengths[bone] > thick[bone] and _copied(lengths[bone], float(lengths[above])):
            goes_on = np.linalg.norm(heads[bone] - armature.tails[above]) < AT_TAIL * lengths[above]
            alone = int((armature.parents == above).sum()) == 1
            if not (goes_on and alone):
                tails[bone] = heads[bone] + (tails[bone] - heads[bone]) * (thick[bone] / lengths[bone])
    return replace(armature, tails=tails)


def _copied(one: float, other: float) -> bool:
    return other > 0.0 and abs(one - other) < EQUAL * other


def _followers(parents: np.ndarray) -> np.ndarray:
    """How many bones each bone carries, itself included, (B,)."""
    count = np.ones(len(parents), int)
    for bone in range(len(parents) - 1, 0, -1):
        if parents[bone] >= 0:
            count[parents[bone]] += count[bone]
    return count
