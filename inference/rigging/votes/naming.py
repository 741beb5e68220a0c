"""Names of voted joints: parts of bodies in the words that the house uses for bones (see bones.names)."""

from __future__ import annotations

import numpy as np

from ..bodies.words import NUMBERED, PARTS

NAMES = {
    "arm.clavicle": "shoulder",
    "arm.upper": "upper_arm",
    "arm.lower": "forearm",
    "arm.hand": "hand",
    "foreleg.scapula": "shoulder",
    "leg.hip": "pelvis",
    "fin.dorsal": "fin.dorsal",
    "fin.pectoral": "fin",
    "fin.pelvic": "fin.pelvic",
    "fin.anal": "fin.anal",
    "fluke": "fin.tail",
    "rigid": "part",
}
FRONT = ("upper_leg.front", "lower_leg.front", "foot.front", "toe.front", "claw.front")
HIND = ("upper_leg.hind", "lower_leg.hind", "foot.hind", "toe.hind", "claw.hind")
TWO = ("thigh", "shin", "foot", "toe", "claw")
THREE_PAIRS = ("leg.front", "leg.mid", "leg.hind")
LIMBLESS_TRUNK = ("blob", "object", "plant", "mech")  # kinds whose trunk is no spine


def base_names(part: np.ndarray, number: np.ndarray, parents: np.ndarray, kind: str) -> list[str]:
    """The name of each joint without side and number; parents come before their children."""
    words = [PARTS[index] for index in part]
    four_legs = any(word.startswith("foreleg") for word in words)
    pairs = 1 + max((int(number[joint]) for joint, word in enumerate(words) if word == "leg"), default=0)
    names: list[str] = []
    for joint, word in enumerate(words):
        if word.startswith("leg.") and word != "leg.hip":
            names.append((HIND if four_legs else TWO)[_steps(words, parents, joint, "leg.")])
        elif word.startswith("foreleg.") and word != "foreleg.scapula":
            names.append(FRONT[_steps(words, parents, joint, "foreleg.")])
        elif word == "leg":
            names.append(THREE_PAIRS[number[joint]] if pairs == 3 else f"leg{number[joint] + 1}")
        elif word == "body":
            names.append("trunk" if kind in LIMBLESS_TRUNK else "spine")
        elif word in NUMBERED:
            names.append(word if number[joint] == 0 and word == "wing" else f"{word}{number[joint] + 1}")
        else:
            names.append(NAMES.get(word, word))
    return _with_chest(names, parents)


def _steps(words: list[str], parents: np.ndarray, joint: int, limb: str) -> int:
    """How many joints of the same limb stand above one, girdles aside; no more than there are names."""
    steps, above = 0, parents[joint]
    while above >= 0 and words[above].startswith(limb) and words[above] not in ("leg.hip", "foreleg.scapula"):
        steps, above = steps + 1, parents[above]
    return min(steps, len(TWO) - 1)


def _with_chest(names: list[str], parents: np.ndarray) -> list[str]:
    """The last of several bones of the spine, from where arms or front legs hang, is the chest."""
    spine = [joint for joint, name in enumerate(names) if name == "spine"]
    carries = [parents[joint] for joint, name in enumerate(names) if name in ("shoulder", "upper_arm", FRONT[0])]
    if len(spine) < 2 or not carries:
        return names
    chest = max(set(carries) & set(spine), key=carries.count, default=None)
    if chest is None or chest == spine[0]:
        return names
    return ["chest" if joint == chest else name for joint, name in enumerate(names)]
