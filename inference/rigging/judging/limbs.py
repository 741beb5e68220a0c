"""Whether limbs are there on both sides, mirror each other, have usual proportions and stay out of each other."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.spatial import KDTree

from ..bones.names import other_side
from .notes import Features
from .parts import LIKE_LEGS, called
from .placed import PlacedRig

EVEN = "symmetry"
CHAINS = ("arm", "leg", "front leg", "hind leg")
PAIRED = {*CHAINS, "fingers", "wing", "ear", "fin"}
LONG_ENOUGH = 0.06  # limbs shorter than this cannot lie along each other
SAME = {"trunk", "neck", "head", "jaw", "fingers", "bones", "root", "hips"}  # these lie beside others by nature


def about_limbs(rig: PlacedRig, found: Features) -> None:
    """Note what there is to say."""
    if rig.left is not None:
        _pairs(rig, found, rig.left)
    _shares(rig, found)
    _proportions(rig, found)
    _overlap(rig, found)


def _pairs(rig: PlacedRig, found: Features, left: np.ndarray) -> None:
    names, sides = rig.parts.names, rig.parts.sides
    place = {name: bone for bone, name in enumerate(names)}
    twin = np.array([place.get(other_side(name), -1) for name in names])
    sided = sides != 0
    of_body = np.array([_is_limb(limb) for limb, _ in rig.parts.placed])
    alone = sided & of_body & (twin < 0)
    about = called(*rig.limb_of(int(alone.argmax()))) if alone.any() else EVEN
    found.add("without twin", float(alone.sum() / max(int((sided & of_body).sum()), 1)), about)
    limbs = rig.parts.limbs
    missing = [key for key in limbs if key[1] and _is_limb(key[0]) and (key[0], -key[1]) not in limbs]
    found.add("limbs on one side", float(len(missing)), called(missing[0][0], -missing[0][1]) if missing else EVEN)
    one = np.flatnonzero((sides > 0) & (twin >= 0))
    if len(one) == 0:
        return
    heads = rig.armature.heads
    image = heads - 2 * (heads @ left - rig.middle)[:, None] * left
    apart = np.linalg.norm(image[twin[one]] - heads[one], axis=1) / rig.size
    found.add("uneven", float(apart.mean()), EVEN)
    found.add("most uneven", float(apart.max()), rig.limb_of(int(one[apart.argmax()]))[0])
    lengths = rig.armature.lengths
    ratio = np.abs(np.log(np.maximum(lengths[one], 1e-6) / np.maximum(lengths[twin[one]], 1e-6)))
    found.add("uneven lengths", float(ratio.mean()), EVEN)
    side = sides[rig.owner]
    both = (side > 0).sum() + 1.0, (side < 0).sum() + 1.0
    found.add("uneven mass", float(abs(np.log(both[0] / both[1]))), "sides")


def _shares(rig: PlacedRig, found: Features) -> None:
    """How much of the solid lies nearest to which part."""
    limbs = [rig.parts.placed[bone][0] for bone in rig.owner]
    count = max(len(limbs), 1)
    for part in ("trunk", "head", "arm", "leg", "tail", "wing", "fingers"):
        if any(limb == part for limb, _ in rig.parts.placed):
            found.add(f"{part} share", limbs.count(part) / count, part)
    present = {limb for limb, side in rig.parts.limbs if side}
    found.add("pairs of limbs", float(len(present)), "limbs")
    legs = sum(bool(LIKE_LEGS.match(limb)) or "leg" in limb.split() for limb in present)
    found.add("pairs of legs", float(legs), "limbs")


def _proportions(rig: PlacedRig, found: Features) -> None:
    """Lengths between joints against each other, as logarithms of ratios."""
    heads, total = rig.armature.heads, {}
    for limb in CHAINS:
        logs: dict[str, list[float]] = {}
        for side in (1, -1):
            bones = [rig.parts.first(limb, place, side) for place in (1, 2, 3)]
            if min(bones) < 0:
                continue
            upper, lower = (float(np.linalg.norm(heads[b] - heads[a])) for a, b in itertools.pairwise(bones))
            end = float(rig.armature.lengths[bones[2]])
            logs.setdefault("upper to lower", []).append(_log(upper, lower))
            logs.setdefault("end to lower", []).append(_log(end, lower))
            logs.setdefault("length", []).append(_log(upper + lower, rig.size))
        for name, values in logs.items():
            worst = max(values, key=abs) if name != "length" else float(np.mean(values))
            found.add(f"{limb} {name}", worst, limb)
        if logs:
            total[limb] = float(np.mean(logs["length"]))
    for one, other in (("arm", "leg"), ("front leg", "hind leg")):
        if one in total and other in total:
            found.add(f"{one} to {other}", total[one] - total[other], one)
    for part in ("trunk", "neck", "head", "tail", "wing"):
        bones = np.flatnonzero([limb == part for limb, _ in rig.parts.placed])
        if len(bones):
            span = np.concatenate([heads[bones], rig.armature.tails[bones]])
            found.add(f"{part} length", float(np.linalg.norm(np.ptp(span, axis=0))) / rig.size, part)


def _overlap(rig: PlacedRig, found: Features) -> None:
    """How near the two limbs are that lie nearest along each other: of a person never an arm along a leg."""
    limbs = {
        key: rig.points[np.isin(rig.bone, bones)]
        for key, bones in rig.parts.limbs.items()
        if key[0] not in SAME and rig.armature.lengths[bones].sum() > LONG_ENOUGH * rig.size
    }
    keys = [key for key, points in limbs.items() if len(points)]
    trees = {key: KDTree(limbs[key]) for key in keys}
    nearest, about = np.inf, "limbs"
    for one in keys:
        for other in keys:
            if one != other:
                gap = float(np.asarray(trees[other].query(limbs[one])[0]).mean()) / rig.size
                if gap < nearest:
                    nearest, about = gap, called(*one)
    found.add("nearest limbs", nearest, about)


def _is_limb(limb: str) -> bool:
    """Whether a body has one on each side; things that are held or worn need not be."""
    return limb in PAIRED or bool(LIKE_LEGS.match(limb))


def _log(one: float, other: float) -> float:
    return float(np.log(max(one, 1e-6) / max(other, 1e-6)))
