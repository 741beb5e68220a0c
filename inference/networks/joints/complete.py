"""Bones that a humanoid usually has and that the geometry did not show: fingers and eyes, where they are expected."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature
from ...rigging.bones.names import BOTH_SIDES, sign_of_side, split_side
from ...rigging.bones.rolls import bone_rolls

FINGERS = ("thumb", "f_index", "f_middle", "f_ring", "f_pinky")
JOINTS = 3
ACROSS = {"thumb": 0.35, "f_index": 0.2, "f_middle": 0.06, "f_ring": -0.08, "f_pinky": -0.22}  # of the hand's length
EYE = (0.18, -0.35, 0.45)  # of the head's length: to the side, forwards, up


@dataclass(frozen=True)
class Completed:
    """An armature with every usual bone."""

    armature: Armature
    found: np.ndarray  # (B,) bool: False for bones that were put where they are expected


def usual_bones(armature: Armature) -> dict[str, str]:
    """Name of every bone a complete humanoid of these hands and this head has beyond its limbs -> its parent's."""
    wanted = {}
    for side in BOTH_SIDES:
        if f"hand{side}" in armature.names:
            for finger in FINGERS:
                above = f"hand{side}"
                for number in range(1, JOINTS + 1):
                    name = f"{finger}.{number:02d}{side}"
                    wanted[name] = above
                    above = name
        if "head" in armature.names:
            wanted[f"eye{side}"] = "head"
    return wanted


def completed(armature: Armature) -> Completed:
    """A biped with all fingers and eyes, those that were missing at the end; other kinds as they are."""
    found = np.ones(len(armature.names), bool)
    if armature.kind != "biped":
        return Completed(armature, found)
    missing = {name: above for name, above in usual_bones(armature).items() if name not in armature.names}
    if not missing:
        return Completed(armature, found)
    names = (*armature.names, *missing)
    place = {name: bone for bone, name in enumerate(names)}
    parents = np.concatenate([armature.parents, [place[above] for above in missing.values()]]).astype(np.int32)
    heads = np.concatenate([armature.heads, [expected_at(armature, name) for name in missing]])
    tails = np.concatenate([armature.tails, [expected_at(armature, name, 1) for name in missing]])
    count = len(missing)
    grown = replace(
        armature,
        names=names,
        parents=parents,
        heads=heads,
        tails=tails,
        rolls=np.concatenate([armature.rolls, bone_rolls(heads[-count:], tails[-count:])]),
        connected=np.concatenate([armature.connected, [not a.startswith(("hand", "head")) for a in missing.values()]]),
        confidence=np.concatenate([armature.confidence, np.zeros(count)]),
        deform=np.concatenate([armature.deform, np.ones(count, bool)]),
        radii=np.concatenate([armature.radii, np.full((count, 2), 0.005)]),
    )
    return Completed(grown, np.concatenate([found, np.zeros(count, bool)]))


def expected_at(armature: Armature, name: str, further: int = 0) -> np.ndarray:
    """Roughly where a finger's or eye's head (`further` = 1: its tail) is, (3,)."""
    base, mark = split_side(name)
    side = sign_of_side(name)
    if base == "eye":
        bone = armature.names.index("head")
        along = armature.tails[bone] - armature.heads[bone]
        sideways, onward, up = EYE
        length = np.linalg.norm(along)
        at = armature.heads[bone] + up * along + length * np.array([side * sideways, onward, 0.0])
        return at + further * np.array([0.0, -0.1 * length, 0.0])
    finger, number = base.split(".")
    bone = armature.names.index(f"hand{mark}")
    along = armature.tails[bone] - armature.heads[bone]
    forward = np.array([0.0, -1.0, 0.0])  # where thumbs point when the palms look down
    reach = (0.3 if finger == "thumb" else 1.0) + 0.35 * (int(number) - 1 + further)
    return armature.heads[bone] + reach * along + ACROSS[finger] * np.linalg.norm(along) * forward
