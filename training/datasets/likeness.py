"""Which joints of an artist's rig are the upper arm, the shin, the head ..., and where its left is.

Only the bones that every biped and every quadruped has in some form are looked at; a two-legged animal's arms count as
front limbs and its legs as hind limbs.
"""

from __future__ import annotations

import re

import numpy as np

from inference.rigging.bones.names import BOTH_SIDES, split_side

from .rigged_glb import RiggedAsset

# Rigs whose names tell nothing, looked at one by one: the place in the body of each joint that matters.
_PACK_2 = {
    "Bone.003": "head",
    "Bone.017": "front.upper.L",
    "Bone.018": "front.lower.L",
    "Bone.019": "front.end.L",
    "Bone.014": "front.upper.R",
    "Bone.015": "front.lower.R",
    "Bone.016": "front.end.R",
    "Bone.008": "hind.upper.L",
    "Bone.009": "hind.lower.L",
    "Bone.010": "hind.end.L",
    "Bone.011": "hind.upper.R",
    "Bone.012": "hind.lower.R",
    "Bone.013": "hind.end.R",
}
NAMES_BY_HAND = {
    "animal_pack_vol_2_cat": _PACK_2,
    "animal_pack_vol_2_dog": _PACK_2,
    "animal_pack_vol_2_wolf": _PACK_2,
    "animals_pack_red_fox": {
        "Bone.002": "head",
        "Bone.011": "front.upper.L",
        "Bone.012": "front.lower.L",
        "Bone.013": "front.end.L",
        "Bone.014": "front.upper.R",
        "Bone.015": "front.lower.R",
        "Bone.016": "front.end.R",
        "Bone.004": "hind.upper.L",
        "Bone.005": "hind.lower.L",
        "Bone.006": "hind.end.L",
        "Bone.007": "hind.upper.R",
        "Bone.008": "hind.lower.R",
        "Bone.009": "hind.end.R",
    },
}
# Names of artists, lower case and without side -> where in the body.
ARTIST = {
    "head": "head",
    "arm": "front.upper",
    "upperarm": "front.upper",
    "frontupleg": "front.upper",
    "frontupperleg": "front.upper",
    "forearm": "front.lower",
    "lowerarm": "front.lower",
    "frontlowleg": "front.lower",
    "frontlowerleg": "front.lower",
    "hand": "front.end",
    "palm": "front.end",
    "fist": "front.end",
    "frontfoot": "front.end",
    "upleg": "hind.upper",
    "upperleg": "hind.upper",
    "backupleg": "hind.upper",
    "backupperleg": "hind.upper",
    "leg": "hind.lower",
    "lowerleg": "hind.lower",
    "backlowleg": "hind.lower",
    "backlowerleg": "hind.lower",
    "foot": "hind.end",
    "backfoot": "hind.end",
}
# Names that this project gives.
OURS = {
    "head": "head",
    "upper_arm": "front.upper",
    "upper_leg.front": "front.upper",
    "forearm": "front.lower",
    "lower_leg.front": "front.lower",
    "hand": "front.end",
    "foot.front": "front.end",
    "thigh": "hind.upper",
    "upper_leg.hind": "hind.upper",
    "shin": "hind.lower",
    "lower_leg.hind": "hind.lower",
    "foot": "hind.end",
    "foot.hind": "hind.end",
}


def artists_side(name: str) -> tuple[str, str]:
    """An artist's name for a bone without its side, and ".L", ".R" or nothing."""
    found = re.fullmatch(r"(Left|Right)(.+)", name)
    if found:
        return found[2], "." + found[1][0]
    found = re.fullmatch(r"([LR])[._](.+)", name)
    if found:
        return found[2], "." + found[1]
    found = re.fullmatch(r"(.+?)[._ ]([LR])(\.\d+)?", name)
    if found:
        return found[1] + (found[3] or ""), "." + found[2]
    return name, ""


def places_of_truth(asset: RiggedAsset) -> dict[str, int]:
    """Places in the body ("front.upper.L", "head" ...) -> joint, for the joints whose names tell."""
    by_hand = NAMES_BY_HAND.get(asset.name)
    places: dict[str, int] = {}
    for joint, name in enumerate(asset.names):
        if by_hand is not None:
            place = by_hand.get(name)
        else:
            stem, side = artists_side(name)
            place = ARTIST.get(stem.lower())
            place = place and (place if place == "head" else place + side if side else None)
        if place and place not in places:
            places[place] = joint
    return places


def places_of_rig(names: tuple[str, ...]) -> dict[str, int]:
    """The same for a rig with this project's names; of a chain (`head`, `head.001`) the first bone counts."""
    places: dict[str, int] = {}
    for bone, name in enumerate(names):
        stem, side = split_side(name)
        place = OURS.get(stem)
        if place and (place == "head") == (side == ""):
            places.setdefault(place + side, bone)
    return places


def left_of_truth(asset: RiggedAsset) -> tuple[np.ndarray, float] | None:
    """The character's left, a unit vector along an axis, and its middle plane's offset; None when nothing tells."""
    sides = [side for _, side in _sided_names(asset)]
    lefts, rights = (np.array([s == side for s in sides]) for side in BOTH_SIDES)
    box = asset.mesh.vertices[np.unique(asset.mesh.triangles)]
    middle = (box.min(0) + box.max(0)) / 2
    if lefts.any() and rights.any():
        apart = asset.joints[lefts].mean(0) - asset.joints[rights].mean(0)
        left = np.zeros(3)
        left[np.argmax(np.abs(apart[:2]))] = np.sign(apart[np.argmax(np.abs(apart[:2]))])
        pairs = _pairs(asset)
        if pairs:
            middle = asset.joints[np.array(pairs).ravel()].mean(0)
    else:
        return None
    return left, float(left @ middle)


def _sided_names(asset: RiggedAsset) -> list[tuple[str, str]]:
    """Each joint's name without its side, and its side; by hand where the artist's names tell nothing."""
    by_hand = NAMES_BY_HAND.get(asset.name, {})
    return [artists_side(by_hand.get(name, name)) for name in asset.names]


def _pairs(asset: RiggedAsset) -> list[tuple[int, int]]:
    """Joints of the same name on both sides."""
    place = {name: joint for joint, name in enumerate(_sided_names(asset))}
    return [
        (joint, place[stem, ".R"]) for (stem, side), joint in place.items() if side == ".L" and (stem, ".R") in place
    ]
