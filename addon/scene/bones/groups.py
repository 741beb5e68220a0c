"""Which bone collection and which colour a bone gets, by its name."""

from __future__ import annotations

from ....inference.rigging.bones.names import side_of
from ...compat import Palette

# Limb -> the words that name it; the first hit decides, so the narrower limbs come first.
_LIMBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Fingers", ("finger", "thumb", "palm", "f_")),
    ("Toes", ("toes.", "toe.0")),
    ("Hair", ("hair",)),
    ("Cloth", ("skirt", "cape", "cloth")),
    ("Head", ("neck", "head", "jaw", "ear", "eye", "horn", "antenna", "snout", "trunk", "beak")),
    ("Wing", ("wing", "feather")),
    ("Tail", ("tail", "fin")),
    ("Arm", ("shoulder", "clavicle", "arm", "upper_arm", "lower_arm", "forearm", "hand", "claw")),
    ("Leg", ("leg", "upper_leg", "lower_leg", "thigh", "shin", "foot", "toe", "paw", "hoof")),
    ("Torso", ("root", "hips", "pelvis", "spine", "chest", "body", "hip")),
)

_PALETTES: dict[str, Palette] = {"L": "THEME04", "R": "THEME01", "": "THEME09"}  # blue, red, yellow
LOCKED_PALETTE: Palette = "THEME10"  # dark: these stay when the rest is made anew


def group_of(name: str) -> str:
    """The bone collection of the bone called `name`: "Torso", "Arm.L" …"""
    side, lower = side_of(name), name.lower()
    for girdle in ("front", "hind"):  # of an animal's legs, whatever the bone is called
        if f".{girdle}" in lower and side:
            return f"Leg {girdle}.{side}"
    for limb, words in _LIMBS:
        if lower.startswith(words):
            return f"{limb}.{side}" if side and limb != "Torso" else limb
    return f"Other.{side}" if side else "Other"


def palette_of(name: str) -> Palette:
    """Blender's colour palette for the side the bone is on."""
    return _PALETTES[side_of(name)]
