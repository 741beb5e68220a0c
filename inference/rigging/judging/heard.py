"""Whether a rig agrees with what points of the surface say: where their joint is, what they are and whose side."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ..bodies.perceived import Perceived
from ..bodies.words import PARTS
from .notes import Features
from .parts import LIKE_LEGS, called, is_of_body
from .placed import PlacedRig

EASY = 0.01  # of the size: votes are never held to be surer than this
SIDED = 0.6  # chance from which a point has a side
ENOUGH = 0.03  # share of the points that makes a limb of its own
OF_LIMBS = {  # the first word of a part -> the limb, as `parts` calls it
    "arm": "arm",
    "leg": "leg",
    "foreleg": "front leg",
    "claw": "arm",
    "wing": "wing",
    "tail": "tail",
    "fluke": "tail",
    "neck": "neck",
    "fin": "fin",
    "tentacle": "tentacle",
    **dict.fromkeys(("thumb", "index", "middle", "ring", "pinky", "finger"), "fingers"),
    **dict.fromkeys(("head", "jaw", "tongue", "eye", "face", "ear", "horn", "antenna", "trunk", "hair"), "head"),
    **dict.fromkeys(("root", "hips", "spine", "body"), "trunk"),
}
LIMBS = tuple(dict.fromkeys((*OF_LIMBS.values(), "else")))
LIMB_OF_PART = np.array([LIMBS.index(OF_LIMBS.get(part.split(".")[0], "else")) for part in PARTS])
SAME = {  # other words of `parts` for these limbs
    "hind leg": "leg",
    **dict.fromkeys(("jaw", "eye", "ear", "horn", "antenna", "hair", "face", "tongue"), "head"),
    "claw": "arm",
    **dict.fromkeys(("root", "hips", "pelvis"), "trunk"),
}


def about_heard(rig: PlacedRig, found: Features) -> None:
    """Note what there is to say; nothing without a network's word."""
    seen = None if rig.evidence is None else rig.evidence.seen
    if seen is None:
        return
    bones = rig.judged
    heads = rig.armature.heads[bones]
    votes = seen.votes[:, 0]
    away, nearest = (np.asarray(part) for part in KDTree(heads).query(votes))
    carrier = bones[nearest]
    missed = np.maximum(away - np.maximum(seen.error[:, 0], EASY * rig.size), 0) / rig.size
    found.add("votes missed", float(missed.mean()), "joints")
    limb = _limbs_of(seen)
    _missed_limbs(missed, limb, found)
    _unheard(rig, heads, votes, found)
    _sides(rig, seen, carrier, found)
    _parts(rig, seen, limb, carrier, found)


def _limbs_of(seen: Perceived) -> np.ndarray:
    """Chances (M, len(LIMBS)) of the limb that each point belongs to."""
    chances = np.zeros((len(seen.part), len(LIMBS)))
    np.add.at(chances.T, LIMB_OF_PART, seen.part.T)
    return chances


def _missed_limbs(missed: np.ndarray, limb: np.ndarray, found: Features) -> None:
    """The limb whose votes lie farthest from any joint: it has no bones of its own."""
    which = limb.argmax(1)
    worst, about = 0.0, "joints"
    for number, name in enumerate(LIMBS[:-1]):
        mine = which == number
        if mine.mean() >= ENOUGH and missed[mine].mean() > worst:
            worst, about = float(missed[mine].mean()), name
    found.add("limb missed by votes", worst, about)


def _unheard(rig: PlacedRig, heads: np.ndarray, votes: np.ndarray, found: Features) -> None:
    """Joints of the body with no vote near."""
    body = np.array([is_of_body(rig.parts.placed[bone][0]) for bone in rig.judged])
    if not body.any():
        return
    apart = np.asarray(KDTree(votes).query(heads[body])[0]) / rig.size
    worst = int(rig.judged[np.flatnonzero(body)[apart.argmax()]])
    found.add("joints unheard", float(apart.mean()), "joints")
    found.add("joint least heard", float(apart.max()), called(*rig.limb_of(worst)))


def _sides(rig: PlacedRig, seen: Perceived, carrier: np.ndarray, found: Features) -> None:
    """Points that say left whose joint is a right one."""
    said = np.where(seen.side[:, 1] > SIDED, 1, np.where(seen.side[:, 2] > SIDED, -1, 0))
    sides = rig.parts.sides[carrier]
    both = (said != 0) & (sides != 0)
    if both.mean() >= ENOUGH:
        found.add("sides denied", float((said[both] != sides[both]).mean()), "sides")


def _parts(rig: PlacedRig, seen: Perceived, limb: np.ndarray, carrier: np.ndarray, found: Features) -> None:
    """Points that say leg whose joint is an arm's."""
    known = np.array([_limb_word(rig.parts.placed[bone][0]) for bone in range(len(rig.parts.placed))])
    mine = known[carrier]
    told = mine >= 0
    if told.mean() < ENOUGH:
        return
    agreed = limb[np.arange(len(limb)), np.maximum(mine, 0)]
    found.add("parts denied", 1.0 - float(agreed[told].mean()), "limbs")
    worst, about = 0.0, "limbs"
    for number in np.unique(mine[told]):
        here = mine == number
        if here.mean() >= ENOUGH and LIMBS[number] != "trunk" and 1 - agreed[here].mean() > worst:
            worst, about = 1.0 - float(agreed[here].mean()), LIMBS[number]
    found.add("limb denied", worst, about)


def _limb_word(limb: str) -> int:
    """The place among LIMBS of a limb as `parts` calls it, -1 for what has none."""
    word = "leg" if LIKE_LEGS.match(limb) else SAME.get(limb, limb.split(".")[0])
    return LIMBS.index(word) if word in LIMBS[:-1] else -1
