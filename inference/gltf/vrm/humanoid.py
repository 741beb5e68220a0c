"""A person's skeleton -> the extension VRMC_vrm 1.0: which node is which bone of a human, and whose model it is.

Its specification: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm-1.0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...anatomy import Array
from ...errors import BadRequestError
from ...rigging.bones.conventions import Role, detect, own_names, roles, write_name
from ..asset import Asset
from .springs import BoneNode, use_extension

NAME, VERSION = "VRMC_vrm", "1.0"
LICENCE = "https://vrm.dev/licenses/1.0/"  # the one text that VRM 1.0 allows; what it grants is said beside it
_LIMBS = ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
REQUIRED = ("hips", "spine", "head", *(f"{side}{limb}" for limb in _LIMBS for side in ("left", "right")))
_TORSO = ("hips", "spine", "chest", "upperChest", "neck", "head")
_FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")
_JOINTS = ("Proximal", "Intermediate", "Distal")
_THUMB = {
    "Proximal": "Metacarpal",
    "Intermediate": "Proximal",
    "Distal": "Distal",
}  # VRM counts the thumb's from the wrist
KNOWN = (
    *_TORSO,
    "jaw",
    *(
        f"{side}{part}"
        for side in ("left", "right")
        for part in (
            "Eye",
            "Shoulder",
            *_LIMBS,
            "Toes",
            *(f"Thumb{joint}" for joint in _THUMB.values()),
            *(f"{finger}{joint}" for finger in _FINGERS[1:] for joint in _JOINTS),
        )
    ),
)


def human_bones(names: Sequence[str], parents: Array) -> dict[str, str]:
    """VRM's names of the bones of a human -> ours. Raises BadRequestError where one that VRM requires is missing."""
    found: dict[str, str] = {}
    for name, role in roles(names, parents, detect(names, parents)).items():
        word = _vrm_name(role)
        if word in KNOWN and word not in found:
            found[word] = name
    for name, ours in own_names(names, parents).items():
        for word, part in (("jaw", "jaw"), ("leftEye", "eye.L"), ("rightEye", "eye.R")):
            if ours == part and word not in found:
                found[word] = name
    _with_chest(found)
    missing = [word for word in REQUIRED if word not in found]
    if missing:
        raise BadRequestError(
            f"VRM is for people with two arms and two legs: there is no bone for {', '.join(missing)}. "
            "Export as glTF instead; it carries the spring bones too."
        )
    return found


def add_human(
    asset: Asset, names: Sequence[str], parents: Array, bones: Mapping[str, BoneNode], title: str, author: str
) -> None:
    """Write the extension: which bone is which, and the strictest of VRM's licences, for the owner to loosen."""
    order = [name in bones for name in names]
    found = human_bones(names, np.asarray(parents)) if all(order) else human_bones(*_those(names, parents, bones))
    use_extension(
        asset,
        NAME,
        {
            "specVersion": VERSION,
            "meta": {"name": title, "authors": [author], "licenseUrl": LICENCE},
            "humanoid": {"humanBones": {word: {"node": bones[name].number} for word, name in found.items()}},
        },
    )


def _those(names: Sequence[str], parents: Array, bones: Mapping[str, BoneNode]) -> tuple[list[str], Array]:
    """The bones that the document has, each with the nearest of its carriers that it has as well."""
    kept = [place for place, name in enumerate(names) if name in bones]
    number = {place: new for new, place in enumerate(kept)}
    above = []
    for place in kept:
        parent = int(parents[place])
        while parent >= 0 and parent not in number:
            parent = int(parents[parent])
        above.append(number.get(parent, -1))
    return [names[place] for place in kept], np.array(above, np.int32)


def _vrm_name(role: Role) -> str:
    """What VRM calls a bone, or a name that it does not know."""
    name = write_name(role, "humanoid")
    for joint, word in _THUMB.items():
        if name.endswith(f"Thumb{joint}"):
            name = name.removesuffix(joint) + word
            break
    return name[:1].lower() + name[1:]


def _with_chest(found: dict[str, str]) -> None:
    """An upper chest may only be there where a chest is."""
    if "upperChest" in found and "chest" not in found:
        found["chest"] = found.pop("upperChest")
