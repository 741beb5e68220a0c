"""Artists' rigs with our names for bones, from what the labels say each joint is."""

from __future__ import annotations

from dataclasses import replace

from inference.anatomy import Armature
from inference.rigging.bones.names import unique
from training.datasets.labels import Known
from training.datasets.rigged_glb import RiggedAsset, as_armature

FINGERS = {"thumb": "thumb", "index": "f_index", "middle": "f_middle", "ring": "f_ring", "pinky": "f_pinky"}
ARM = {"clavicle": "shoulder", "upper": "upper_arm", "lower": "forearm", "hand": "hand"}
LEG = {"hip": "pelvis", "thigh": "thigh", "shin": "shin", "cannon": "foot", "foot": "foot", "toe": "toe"}
ON_FOUR = {"thigh": "upper_leg", "shin": "lower_leg", "cannon": "foot", "foot": "foot", "toe": "toe"}
FORE = {**ON_FOUR, "scapula": "shoulder", "upper": "upper_leg", "lower": "lower_leg"}
ALIKE = {"beak": "jaw", "body": "spine", "fluke": "fin"}


def named_rig(asset: RiggedAsset, known: Known) -> Armature:
    """The artist's rig, its bones called as we would call them."""
    labels = [known.labels[place] for place in asset.order]
    on_four = any(label.startswith("foreleg") for label in labels)
    return replace(as_armature(asset), names=unique([our_name(label, on_four=on_four) for label in labels]))


def our_name(label: str, *, on_four: bool) -> str:
    """Our name for a label: "arm.upper.L" -> "upper_arm.L"."""
    words = label.split(".")
    side = f".{words.pop()}" if words[-1] in ("L", "R") else ""
    part, rest = words[0], words[1:]
    number = int(rest[-1]) if rest and rest[-1].isdigit() else 0
    if part in FINGERS:
        return f"{FINGERS[part]}.{number:02d}{side}"
    if part == "arm":
        return ARM[rest[0]] + side
    if part == "foreleg":
        end = FORE[rest[0]]
        return end + ("" if end == "shoulder" else ".front") + side
    if part == "leg" and rest:
        if on_four and rest[0] in ON_FOUR:
            return f"{ON_FOUR[rest[0]]}.hind{side}"
        return LEG[rest[0]] + side
    name = ALIKE.get(part, part)
    if part == "fin" and rest:
        name = f"fin.{rest[0]}"
    return name + side if number <= 1 else f"{name}.{number - 1:03d}{side}"
