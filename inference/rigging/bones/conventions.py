"""Bone names of other programs: ours <-> Rigify, Mixamo, Unreal and the humanoid of Unity and VRM.

A name is read into a role ("the second bone of the trunk", "the left forearm") and written from it, so every convention
reads into every other. Bones without a role, such as tails and ears, keep their names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...errors import BadRequestError

Convention = Literal["bonewright", "rigify", "mixamo", "unreal", "humanoid"]
CONVENTIONS: tuple[Convention, ...] = ("bonewright", "rigify", "mixamo", "unreal", "humanoid")

# part -> its name in each convention; {s} stands for the side as that convention writes it
_PARTS: dict[str, tuple[str, str, str, str, str]] = {
    "hips": ("hips", "spine", "mixamorig:Hips", "pelvis", "Hips"),
    "head": ("head", "", "mixamorig:Head", "head", "Head"),
    "shoulder": ("shoulder{s}", "shoulder{s}", "mixamorig:{s}Shoulder", "clavicle{s}", "{s}Shoulder"),
    "upper_arm": ("upper_arm{s}", "upper_arm{s}", "mixamorig:{s}Arm", "upperarm{s}", "{s}UpperArm"),
    "forearm": ("forearm{s}", "forearm{s}", "mixamorig:{s}ForeArm", "lowerarm{s}", "{s}LowerArm"),
    "hand": ("hand{s}", "hand{s}", "mixamorig:{s}Hand", "hand{s}", "{s}Hand"),
    "thigh": ("thigh{s}", "thigh{s}", "mixamorig:{s}UpLeg", "thigh{s}", "{s}UpperLeg"),
    "shin": ("shin{s}", "shin{s}", "mixamorig:{s}Leg", "calf{s}", "{s}LowerLeg"),
    "foot": ("foot{s}", "foot{s}", "mixamorig:{s}Foot", "foot{s}", "{s}Foot"),
    "toe": ("toe{s}", "toe{s}", "mixamorig:{s}ToeBase", "ball{s}", "{s}Toes"),
    # helpers, in the style of each; Unreal alone has names of its own for them
    **{
        f"{ours}.twist": (
            f"{ours}.twist{{s}}",
            f"{ours}.twist{{s}}",
            f"mixamorig:{{s}}{mixamo}Twist",
            f"{unreal}_twist_01{{s}}",
            f"{{s}}{humanoid}Twist",
        )
        for ours, mixamo, unreal, humanoid in (
            ("upper_arm", "Arm", "upperarm", "UpperArm"),
            ("forearm", "ForeArm", "lowerarm", "LowerArm"),
            ("thigh", "UpLeg", "thigh", "UpperLeg"),
            ("shin", "Leg", "calf", "LowerLeg"),
        )
    },
}
_FINGERS: dict[str, tuple[str, str, str, str, str]] = {
    "thumb": ("thumb", "thumb", "Thumb", "thumb", "Thumb"),
    "index": ("f_index", "f_index", "Index", "index", "Index"),
    "middle": ("f_middle", "f_middle", "Middle", "middle", "Middle"),
    "ring": ("f_ring", "f_ring", "Ring", "ring", "Ring"),
    "pinky": ("f_pinky", "f_pinky", "Pinky", "pinky", "Little"),
}
_JOINTS = ("Proximal", "Intermediate", "Distal")
_SIDES: dict[Convention, tuple[str, str]] = {
    "bonewright": (".L", ".R"),
    "rigify": (".L", ".R"),
    "mixamo": ("Left", "Right"),
    "unreal": ("_l", "_r"),
    "humanoid": ("Left", "Right"),
}
# trunk and neck are chains of any length
_TRUNK = {
    "bonewright": re.compile(r"(?:spine(?:\.\d+)?|chest)$"),
    "mixamo": re.compile(r"mixamorig:Spine\d*$"),
    "unreal": re.compile(r"spine_\d+$"),
    "humanoid": re.compile(r"(?:Spine\d*|Chest|UpperChest)$"),
}
_NECK = {
    "bonewright": re.compile(r"neck(?:\.\d+)?$"),
    "mixamo": re.compile(r"mixamorig:Neck\d*$"),
    "unreal": re.compile(r"neck_\d+$"),
    "humanoid": re.compile(r"Neck\d*$"),
}


@dataclass(frozen=True)
class Role:
    """What a bone is."""

    part: str
    side: int = -1  # 0 left, 1 right, -1 the middle
    number: int = 0  # within trunk, neck or finger
    count: int = 1  # bones in that trunk or neck
    below: int = 0  # bones between it and the root, for what sits on the spine


def detect(names: Sequence[str], parents: np.ndarray) -> Convention:
    """The convention that explains the most of `names`."""

    def explained(convention: Convention) -> int:
        found = roles(names, parents, convention)
        return len(found) + any(role.part == "hips" for role in found.values())

    return max(CONVENTIONS, key=explained)


def translate(names: Sequence[str], parents: np.ndarray, target: Convention) -> dict[str, str]:
    """Old name -> new name, for the bones whose name changes."""
    found = roles(names, parents, detect(names, parents))
    if not any(role.part == "hips" for role in found.values()) or len(found) < 5:
        raise BadRequestError("These bones are no humanoid with names that are known. Nothing was renamed.")
    fresh = {name: write_name(role, target) for name, role in found.items()}
    kept = set(names) - set(fresh)
    for old, new in fresh.items():
        if new in kept:
            raise BadRequestError(f"'{old}' would become '{new}', which exists already. Rename that bone first.")
    if len(set(fresh.values())) < len(fresh):
        raise BadRequestError("Two bones would get the same name. Nothing was renamed.")
    return {old: new for old, new in fresh.items() if old != new}


def own_names(names: Sequence[str], parents: np.ndarray) -> dict[str, str]:
    """Each of `names` -> what we would call that bone, whichever program named it; what says nothing stays."""
    same = {name: name for name in names}
    if detect(names, parents) == "bonewright":
        return same
    try:
        return same | translate(names, parents, "bonewright")
    except BadRequestError:
        return same


def roles(names: Sequence[str], parents: np.ndarray, convention: Convention) -> dict[str, Role]:
    """What each bone is, as far as `convention` knows its name."""
    column = CONVENTIONS.index(convention)
    known: dict[str, Role] = {}
    for side, mark in [(-1, ""), *enumerate(_SIDES[convention])]:
        for part, written in _PARTS.items():
            if written[column] and ("{s}" in written[column]) == (side >= 0):
                known[written[column].format(s=mark)] = Role(part, side)
        if side >= 0:
            for finger in _FINGERS:
                for number in range(3):
                    role = Role(finger, side, number)
                    known[write_name(role, convention)] = role
    found = {name: known[name] for name in names if name in known}
    if convention == "rigify":
        hips, trunk, neck, head = _rigify_chain(names, parents)
        found |= {name: Role("hips") for name in hips}
    else:
        trunk = [name for name in names if _TRUNK[convention].match(name)]
        neck = [name for name in names if _NECK[convention].match(name)]
        head = [name for name, role in found.items() if role.part == "head"]
    on_spine = 1 + len(trunk)
    found |= {name: Role("trunk", -1, place, len(trunk), 1 + place) for place, name in enumerate(trunk)}
    found |= {name: Role("neck", -1, place, len(neck), on_spine + place) for place, name in enumerate(neck)}
    found |= {name: Role("head", below=on_spine + len(neck)) for name in head}
    return found


def _rigify_chain(names: Sequence[str], parents: np.ndarray) -> tuple[list[str], list[str], list[str], list[str]]:
    """Hips, trunk, neck and head: Rigify numbers one chain, and the arms tell where the trunk ends."""
    chain = [name for name in names if re.match(r"spine(?:\.\d+)?$", name)]
    if len(chain) < 4:
        return [], [], [], []
    arms = [place for place, name in enumerate(names) if name in ("shoulder.L", "upper_arm.L") and parents[place] >= 0]
    carriers = [names[int(parents[place])] for place in arms]
    chest = next((chain.index(name) for name in carriers if name in chain), len(chain) - 3)
    return chain[:1], chain[1 : chest + 1], chain[chest + 1 : -1], chain[-1:] if chest < len(chain) - 1 else []


def write_name(role: Role, convention: Convention) -> str:
    """The name of the bone with this role."""
    column = CONVENTIONS.index(convention)
    side = _SIDES[convention][role.side] if role.side >= 0 else ""
    if role.part in ("neck", "head") and convention == "rigify":
        return f"spine.{role.below:03d}"
    if role.part == "trunk":
        return _trunk_name(role, convention)
    if role.part == "neck":
        return _neck_name(role, convention)
    if role.part in _FINGERS:
        return _finger_name(_FINGERS[role.part][column], role.number, side, convention)
    return _PARTS[role.part][column].format(s=side)


def _trunk_name(role: Role, convention: Convention) -> str:
    last = role.number == role.count - 1
    match convention:
        case "bonewright":
            return "chest" if last and role.count > 1 else _numbered("spine", role.number)
        case "rigify":
            return f"spine.{role.number + 1:03d}"
        case "mixamo":
            return f"mixamorig:Spine{role.number or ''}"
        case "unreal":
            return f"spine_{role.number + 1:02d}"
        case "humanoid":
            from_top = role.count - 1 - role.number
            if role.number == 0:
                return "Spine"
            if from_top == 0:
                return "UpperChest" if role.count > 2 else "Chest"
            return "Chest" if from_top == 1 else f"Spine{role.number}"


def _neck_name(role: Role, convention: Convention) -> str:
    match convention:
        case "bonewright" | "rigify":
            return _numbered("neck", role.number)
        case "mixamo":
            return f"mixamorig:Neck{role.number or ''}"
        case "unreal":
            return f"neck_{role.number + 1:02d}"
        case "humanoid":
            return f"Neck{role.number or ''}"


def _finger_name(finger: str, number: int, side: str, convention: Convention) -> str:
    match convention:
        case "bonewright" | "rigify":
            return f"{finger}.{number + 1:02d}{side}"
        case "mixamo":
            return f"mixamorig:{side}Hand{finger}{number + 1}"
        case "unreal":
            return f"{finger}_{number + 1:02d}{side}"
        case "humanoid":
            return f"{side}{finger}{_JOINTS[number]}"


def _numbered(base: str, number: int) -> str:
    return base if number == 0 else f"{base}.{number:03d}"
