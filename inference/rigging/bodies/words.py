"""The words for bodies: body plans, parts of bodies, and what a label such as `leg3.2.L` says.

A label is PART[.SEGMENT][.SIDE], with segments counted from the body outwards; the pairs of legs of an arthropod and
the arms of an octopus are numbered too (`leg3`, `tentacle5`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PLANS = (
    "biped",
    "quadruped",
    "bird",
    "flying_quadruped",
    "wyvern",
    "bat",
    "fish",
    "whale",
    "ray",
    "insect",
    "arachnid",
    "crustacean",
    "cephalopod",
    "jellyfish",
    "serpent",
    "dinosaur_biped",
    "robot_biped",
    "robot_legs",
    "drone",
    "vehicle",
    "hand",
    "prop",
    "blob",
    "other",
    "plant",
    "furniture",
)
# The program's kinds, and which body plans are of each.
KINDS_OF_PLANS = {
    "biped": ("biped", "dinosaur_biped", "robot_biped"),
    "quadruped": ("quadruped",),
    "bird": ("bird",),
    "fish": ("fish", "whale", "ray"),
    "insect": ("insect", "arachnid", "crustacean"),
    "serpent": ("serpent",),
    "creature": ("flying_quadruped", "wyvern", "bat", "cephalopod", "jellyfish", "blob"),
    "hand": ("hand",),
    "mech": ("robot_legs", "drone", "vehicle"),
    "object": ("prop", "other", "furniture"),
    "plant": ("plant",),
}
KIND_OF_PLAN = {plan: kind for kind, plans in KINDS_OF_PLANS.items() for plan in plans}
PARTS = (
    "root",
    "hips",
    "spine",
    "neck",
    "head",
    "jaw",
    "tongue",
    "eye",
    "face",
    "ear",
    "horn",
    "antenna",
    "trunk",
    "hair",
    "arm.clavicle",
    "arm.upper",
    "arm.lower",
    "arm.hand",
    "thumb",
    "index",
    "middle",
    "ring",
    "pinky",
    "finger",
    "leg.hip",
    "leg.thigh",
    "leg.shin",
    "leg.cannon",
    "leg.foot",
    "leg.toe",
    "foreleg.scapula",
    "foreleg.upper",
    "foreleg.lower",
    "foreleg.cannon",
    "foreleg.foot",
    "foreleg.toe",
    "leg",
    "claw",
    "wing",
    "tail",
    "fin.dorsal",
    "fin.pectoral",
    "fin.pelvic",
    "fin.anal",
    "fluke",
    "tentacle",
    "body",
    "cloth",
    "worn",
    "rigid",
    "wheel",
)
PART = {part: index for index, part in enumerate(PARTS)}
SAME_AS = {
    "beak": "jaw",
    "accessory": "worn",
    "weapon": "worn",
    "feather": "wing",
    "turret": "rigid",
    "barrel": "rigid",
    "door": "rigid",
    "rotor": "rigid",
}
# Joints that riggers add for reasons which the shape does not show: their flesh is that of the joint they hang on.
HELPERS = ("twist", "flesh", "helper", "tip")
# Parts that may have any number of joints one after another.
CHAINS = (
    "spine",
    "neck",
    "tongue",
    "ear",
    "horn",
    "antenna",
    "trunk",
    "hair",
    "thumb",
    "index",
    "middle",
    "ring",
    "pinky",
    "finger",
    "leg.toe",
    "foreleg.toe",
    "leg",
    "claw",
    "wing",
    "tail",
    "fin.dorsal",
    "fin.pectoral",
    "fin.pelvic",
    "fin.anal",
    "fluke",
    "tentacle",
    "body",
    "cloth",
)
NUMBERED = ("leg", "tentacle", "wing")
PAIRS = 8  # numbers that are told apart: pairs of legs, arms of an octopus
SIDES = ("", "L", "R")


@dataclass(frozen=True)
class Label:
    """What a joint is."""

    part: str  # one of PARTS; empty for a helper
    segment: int  # from the body outwards, from 0; 0 where the label has none
    side: int  # index into SIDES
    number: int  # of the pair of legs or the arm, from 0


def read_label(word: str) -> Label:
    """A label of the data taken apart; an unknown word is a ValueError."""
    fields = word.split(".")
    side = SIDES.index(fields.pop()) if fields[-1] in SIDES[1:] else 0
    segment = int(fields.pop()) if fields[-1].isdigit() else 1
    part, number = ".".join(fields), 0
    bare = part.rstrip("0123456789")
    if bare in NUMBERED and bare != part:
        part, number = bare, int(part[len(bare) :]) - 1
    part = SAME_AS.get(part, part)
    if part in HELPERS:
        return Label("", 0, side, 0)
    if part not in PART:
        raise ValueError(f"'{word}' is no label that this program knows.")
    return Label(part, max(segment - 1, 0), side, min(number, PAIRS - 1))


def kinds_of(plan: np.ndarray) -> dict[str, float]:
    """Chances of the program's kinds from those of body plans (len(PLANS),)."""
    kinds = dict.fromkeys(KIND_OF_PLAN.values(), 0.0)
    for name, chance in zip(PLANS, plan, strict=True):
        kinds[KIND_OF_PLAN[name]] += float(chance)
    return kinds
