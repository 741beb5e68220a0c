"""What hangs on what: the usual parents of each part of a body, likeliest first, as riggers have it."""

from __future__ import annotations

import numpy as np

from ..bodies.words import CHAINS, PART, PARTS

TRUNK = ("spine", "body", "hips", "root")
HEAD = ("head", "face", "body")
PARENTS: dict[str, tuple[str, ...]] = {
    "hips": ("root", "spine"),
    "spine": ("hips", "root", "body"),
    "neck": ("spine", "body", "hips"),
    "head": ("neck", "spine", *TRUNK),
    "jaw": HEAD,
    "tongue": ("jaw", "head"),
    "eye": HEAD,
    "face": ("head", "jaw", "body"),
    "ear": HEAD,
    "horn": HEAD,
    "antenna": HEAD,
    "trunk": HEAD,
    "hair": ("head", "neck", "spine"),
    "arm.clavicle": ("spine", "neck", *TRUNK),
    "arm.upper": ("arm.clavicle", *TRUNK),
    "arm.lower": ("arm.upper",),
    "arm.hand": ("arm.lower", "arm.upper"),
    "thumb": ("arm.hand", "finger", "arm.lower"),
    "index": ("arm.hand", "finger", "arm.lower"),
    "middle": ("arm.hand", "finger", "arm.lower"),
    "ring": ("arm.hand", "finger", "arm.lower"),
    "pinky": ("arm.hand", "finger", "arm.lower"),
    "finger": ("arm.hand", "arm.lower"),
    "leg.hip": ("hips", *TRUNK),
    "leg.thigh": ("leg.hip", "hips", *TRUNK),
    "leg.shin": ("leg.thigh",),
    "leg.cannon": ("leg.shin",),
    "leg.foot": ("leg.cannon", "leg.shin", "leg.thigh"),
    "leg.toe": ("leg.foot", "leg.cannon", "leg.shin"),
    "foreleg.scapula": ("spine", "neck", *TRUNK),
    "foreleg.upper": ("foreleg.scapula", *TRUNK),
    "foreleg.lower": ("foreleg.upper",),
    "foreleg.cannon": ("foreleg.lower",),
    "foreleg.foot": ("foreleg.cannon", "foreleg.lower", "foreleg.upper"),
    "foreleg.toe": ("foreleg.foot", "foreleg.cannon", "foreleg.lower"),
    "leg": ("body", *TRUNK),
    "claw": ("body", "arm.lower", *HEAD),
    "wing": ("body", "spine", "arm.clavicle", "hips", "tail", "root"),
    "tail": ("hips", "body", "spine", "root"),
    "fin.dorsal": ("tail", *TRUNK),
    "fin.pectoral": ("body", "spine", "head", "tail", "root"),
    "fin.pelvic": ("tail", *TRUNK),
    "fin.anal": ("tail", *TRUNK),
    "fluke": ("tail", *TRUNK),
    "tentacle": ("body", "head", *TRUNK),
    "body": ("root", "hips"),
    "cloth": ("hips", "spine", "body", "root"),
    "worn": ("arm.hand", "head", "spine", *TRUNK),
    "rigid": ("body", "root", "arm.hand"),
    "wheel": ("rigid", "body", "root"),
}
ROOTS = ("root", "hips", "body", "rigid", "spine")  # what may carry all else, likeliest first
LATER = 0.35  # what each place further down a list costs ...
UNUSUAL = 3.0  # ... and what no list has


def hanging_costs() -> np.ndarray:
    """What it costs that a part hangs on another, (child, parent)."""
    costs = np.full((len(PARTS), len(PARTS)), UNUSUAL)
    for child, parents in PARENTS.items():
        for place, parent in enumerate(dict.fromkeys(parents)):
            costs[PART[child], PART[parent]] = LATER * place
    for part in CHAINS:
        costs[PART[part], PART[part]] = 0.0
    return costs


def root_costs() -> np.ndarray:
    """What it costs that a part carries all else, (len(PARTS),)."""
    costs = np.full(len(PARTS), UNUSUAL)
    for place, part in enumerate(ROOTS):
        costs[PART[part]] = LATER * place
    return costs
