"""What the bones of a generated figure are, in the words of the library's labels, and which body plan it has."""

from __future__ import annotations

import re

import numpy as np

from inference.anatomy import Armature
from inference.rigging.bones.names import split_side

WORDS = {
    "shoulder": "arm.clavicle",
    "upper_arm": "arm.upper",
    "forearm": "arm.lower",
    "hand": "arm.hand",
    "pelvis": "leg.hip",
    "thigh": "leg.thigh",
    "shin": "leg.shin",
    "foot": "leg.foot",
    "toe": "leg.toe",
    "upper_leg.front": "foreleg.upper",
    "lower_leg.front": "foreleg.lower",
    "foot.front": "foreleg.foot",
    "toe.front": "foreleg.toe",
    "upper_leg.hind": "leg.thigh",
    "lower_leg.hind": "leg.shin",
    "foot.hind": "leg.foot",
    "toe.hind": "leg.toe",
    "leg.front": "leg1",
    "leg.mid": "leg2",
    "leg.hind": "leg3",
    "f_index": "index",
    "f_middle": "middle",
    "f_ring": "ring",
    "f_pinky": "pinky",
    "chest": "spine",
    "fin": "fin.pectoral",
    "tail.fin": "fluke",
    "crest": "hair",
    "gun": "weapon",
    "limb1": "helper",
    "part": "rigid",
}
HIND = re.compile(r"pelvis|thigh|upper_leg\.hind")
FORELEG = "upper_leg.front"
FLAT = 1.4  # times as wide as long: a ray


def base_of(name: str) -> str:
    """A bone's name without side and number."""
    return re.sub(r"(\.\d+)?(\.[LR])?$", "", name)


def labels_of(armature: Armature) -> tuple[str, ...]:
    """One label a bone."""
    bases = [base_of(name) for name in armature.names]
    four = FORELEG in bases
    carriers = {int(armature.parents[bone]) for bone, base in enumerate(bases) if HIND.match(base)}
    found = []
    for bone, (name, base) in enumerate(zip(armature.names, bases, strict=True)):
        word = WORDS.get(base, base)
        if base in ("shoulder", "spine", "chest", "leg") or base.startswith("wing.finger"):
            word = _by_neighbours(base, bone, carriers, four=four)
        elif base == "shin" and re.search(r"\.\d+(\.[LR])?$", name):
            word = "leg.cannon"
        side = split_side(name)[1]
        number = re.search(r"\.(\d+)(\.[LR])?$", name)
        found.append(f"{word}.{int(number[1]) if number else 0}{side}")
    return tuple(found)


def _by_neighbours(base: str, bone: int, carriers: set[int], *, four: bool) -> str:
    """Words that the name alone does not tell."""
    if base == "leg":  # a stump under a blob
        return "leg.thigh"
    if base == "shoulder":
        return "foreleg.scapula" if four else "arm.clavicle"
    if base.startswith("wing"):
        return "wing"
    if bone in carriers:
        return "hips"
    return "spine" if carriers else "body"


def plan_of(armature: Armature, family: str, box: np.ndarray) -> str:
    """The body plan; `box` (3,) are the sides of the bounding box."""
    bases = {base_of(name) for name in armature.names}
    pairs = max((int(base[3:]) for base in bases if re.fullmatch(r"leg\d", base)), default=0)
    if family == "dragon":
        return "flying_quadruped" if FORELEG in bases else "wyvern"
    if family == "fish":
        return "ray" if box[0] > FLAT * box[1] else "fish"
    if family == "insect":
        return "crustacean" if "upper_arm" in bases else "arachnid" if pairs == 4 else "insect"
    if family == "mech":
        return "robot_legs" if pairs or FORELEG in bases else "robot_biped"
    if family in ("butterfly", "octopus", "machine"):
        return {"butterfly": "insect", "octopus": "cephalopod", "machine": "vehicle"}[family]
    return family
