"""Named bones and voted joints made one armature: the votes add what no bone stands for and take what none speaks for.

Rules that know anatomy make bones of good order and names, but see no wing that lies against a body; votes see it,
but say some joints twice. Where both stand for the same joint, the named bone is kept as it is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy.spatial.distance import cdist

from ...anatomy import Armature
from ..bones.moved import left_out, mirrored_pairs, picked
from ..bones.names import next_free, other_side, sign_of_side
from ..bones.rolls import bone_rolls

# Of the longest side of the shape. Chosen on the rigs of artists that no network has learned from.
UNHEARD = 0.10  # a named joint with no vote as near as this goes
NEW = 0.055  # a vote farther than this from every joint becomes one
ON_THE_WAY = 0.04  # a new joint this near to a bone divides it ...
WITHIN = (0.2, 0.8)  # ... where it lies between these shares of its length
LEAST_KEPT = 0.4  # of the named bones; where fewer are left the votes alone know better what this is


def agreed_armature(named: Armature, voted: Armature, size: float) -> Armature:
    """What the two come to together, of the kind of `named`; `size` is the shape's longest side."""
    kept = _with_support(named, voted, size)
    if kept is None:
        return voted
    far = cdist(voted.heads, kept.heads).min(1) > NEW * size
    pairs = mirrored_pairs(voted.names)
    if named.symmetry is not None:
        far &= far[pairs]
    return _joined(kept, voted, far, size) if far.any() else kept


def _with_support(named: Armature, voted: Armature, size: float) -> Armature | None:
    """The named bones that votes speak for, both of a pair or none; None where that is too few to build on."""
    apart = cdist(named.heads, voted.heads).min(1)
    apart = np.minimum(apart, apart[mirrored_pairs(named.names)])
    unheard = (apart > UNHEARD * size) & (named.parents >= 0)
    if (~unheard).mean() < LEAST_KEPT:
        return None
    return left_out(named, unheard)


def _joined(kept: Armature, voted: Armature, new: np.ndarray, size: float) -> Armature:
    """`kept` with the voted joints marked in `new` (V,) hung on it."""
    before, count = len(kept.names), int(new.sum())
    place = np.full(len(voted.names), -1)
    place[new] = before + np.arange(count)
    names = [*kept.names, *_names_of(voted, new, kept.names)]
    heads = np.concatenate([kept.heads, voted.heads[new]])
    tails = np.concatenate([kept.tails, voted.tails[new]])
    connected = np.concatenate([kept.connected, voted.connected[new]])
    parents = np.concatenate([kept.parents, np.full(count, -1)])
    carries = np.bincount(kept.parents[kept.parents >= 0], minlength=before) > 0
    sides = np.array([sign_of_side(name) for name in kept.names])
    divided: dict[int, list[int]] = {}  # by the lower bone of the link
    for vote in np.flatnonzero(new):
        bone, above = int(place[vote]), int(voted.parents[vote])
        alike = sides == sign_of_side(voted.names[vote])
        link = _link_through(kept, voted.heads[vote], alike, size)
        if link is not None:
            divided.setdefault(link, []).append(bone)
            connected[bone] = kept.connected[link]
        elif above >= 0 and place[above] >= 0:
            parents[bone] = place[above]
        else:
            toward = voted.heads[above] if above >= 0 else voted.heads[vote]
            parents[bone] = host = _nearest_bone(kept, toward, alike | (sides == 0))
            connected[bone] = False
            if not carries[host] and not (parents[before:bone] == host).any():
                tails[host], connected[bone] = heads[bone], True  # the end of a chain reaches on
    for lower, bones in divided.items():
        upper = int(kept.parents[lower])
        way = kept.heads[lower] - kept.heads[upper]
        bones.sort(key=lambda bone: float((heads[bone] - kept.heads[upper]) @ way))
        chain = [upper, *bones, lower]
        for above, bone in pairwise(chain):
            parents[bone] = above
            if kept.connected[lower]:
                tails[above] = heads[bone]
        for bone in bones:
            tails[bone] = heads[chain[chain.index(bone) + 1]]
            connected[bone] = kept.connected[lower]
    made = replace(
        kept,
        names=tuple(names),
        parents=parents.astype(np.int32),
        heads=heads,
        tails=tails,
        connected=connected,
        confidence=np.concatenate([kept.confidence, voted.confidence[new]]),
        deform=np.concatenate([kept.deform, voted.deform[new]]),
        radii=np.concatenate([kept.radii, voted.radii[new]]),
        rolls=np.concatenate([kept.rolls, np.zeros(count)]),
    )
    return _ordered(_freshly_rolled(made, before))


def _names_of(voted: Armature, new: np.ndarray, taken: tuple[str, ...]) -> list[str]:
    """Names of the new bones that none of those `taken` has; the two of a pair stay a pair."""
    used, names = set(taken), dict[str, str]()
    for bone in np.flatnonzero(new):
        name = voted.names[bone]
        if name in names:
            continue
        across, free, tried = other_side(name), name, set(used)
        while free in used or other_side(free) in used:
            tried.add(free)
            free = next_free(free, tried)
        names[name], names[across] = free, other_side(free)
        used |= {free, other_side(free)}
    return [names[voted.names[bone]] for bone in np.flatnonzero(new)]


def _link_through(kept: Armature, joint: np.ndarray, alike: np.ndarray, size: float) -> int | None:
    """Of the bones `alike` (B,) the one whose way from its parent's head to its own a joint lies on, or None."""
    lower = np.flatnonzero((kept.parents >= 0) & alike)
    if not len(lower):
        return None
    start, way = kept.heads[kept.parents[lower]], kept.heads[lower] - kept.heads[kept.parents[lower]]
    long = np.maximum(np.einsum("bk,bk->b", way, way), 1e-12)
    share = np.einsum("bk,bk->b", joint - start, way) / long
    off = np.linalg.norm(start + share[:, None] * way - joint, axis=1)
    good = (share > WITHIN[0]) & (share < WITHIN[1]) & (off < ON_THE_WAY * size)
    return int(lower[good][np.argmin(off[good])]) if good.any() else None


def _nearest_bone(kept: Armature, place: np.ndarray, fit: np.ndarray) -> int:
    """The bone whose head is nearest to a place, of those that `fit` (B,)."""
    apart = np.where(fit, np.linalg.norm(kept.heads - place, axis=1), np.inf)
    return int(np.argmin(apart)) if np.isfinite(apart).any() else 0


def _freshly_rolled(armature: Armature, before: int) -> Armature:
    """The bones from number `before` on rolled as their parents are; opposite on both sides."""
    rolls = bone_rolls(armature.heads, armature.tails, armature.parents)
    rolls[:before] = armature.rolls[:before]
    pairs = mirrored_pairs(armature.names)
    right = np.array([sign_of_side(name) < 0 for name in armature.names]) & (pairs != np.arange(len(pairs)))
    right[:before] = False
    return replace(armature, rolls=np.where(right, -rolls[pairs], rolls))


def _ordered(armature: Armature) -> Armature:
    """The same bones, parents before their children, each chain in one go."""
    children: dict[int, list[int]] = {}
    for bone, above in enumerate(armature.parents):
        children.setdefault(int(above), []).append(bone)
    order: list[int] = []
    waiting = children.get(-1, [])[::-1]
    while waiting:
        bone = waiting.pop()
        order.append(bone)
        waiting += sorted(children.get(bone, []), key=lambda child: bool(armature.connected[child]))
    return picked(armature, np.array(order))
