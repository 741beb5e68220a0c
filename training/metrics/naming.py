"""Whether bones are called what a rigger would call them, and lie on the side their names say; kind and facing too.

Judged on the bones every biped and quadruped has (upper and lower limb, hand or foot, head) by the artist's joints.
Frame: the asset's own; the only length, a tolerance of 0.005, is a share of its longest side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.anatomy import Armature
from inference.kinds import Kind
from inference.rigging.bones.names import sign_of_side
from training.datasets.likeness import left_of_truth, places_of_rig, places_of_truth
from training.datasets.rigged_glb import RiggedAsset

SIDE_TOLERANCE = 0.005
WITHIN = np.cos(np.deg2rad(45.0))
# Which kinds are right for a body plan; the first is what one would tell the program.
KINDS_OF_PLANS: dict[str, tuple[Kind, ...]] = {
    "biped": ("biped",),
    "robot_biped": ("biped", "mech"),
    "dinosaur_biped": ("biped", "bird", "creature"),
    "quadruped": ("quadruped",),
    "bird": ("bird",),
    "bat": ("bird", "creature"),
    "flying_quadruped": ("creature",),
    "wyvern": ("creature", "bird"),
    "fish": ("fish",),
    "whale": ("fish",),
    "ray": ("fish",),
    "insect": ("insect",),
    "arachnid": ("insect",),
    "crustacean": ("insect",),
    "cephalopod": ("creature",),
    "jellyfish": ("creature",),
    "serpent": ("serpent",),
    "robot_legs": ("creature", "mech", "object"),
    "drone": ("object", "mech"),
    "vehicle": ("object", "mech"),
    "hand": ("creature", "hand", "object"),
    "prop": ("object",),
    "blob": ("creature", "object"),
    "other": ("creature", "object"),
}


@dataclass(frozen=True)
class NameScore:
    """Shares 0..1 of one asset."""

    kind: bool  # biped called biped, quadruped called quadruped; two-legged animals may be biped, bird or creature
    sides: float  # of the bones named .L or .R: share whose middle lies on the character's left or right; 0 without any
    limbs: float  # of the artist's key joints: share whose namesake exists and starts nearest to the same limb
    names: float  # the same, nearest to the very joint (upper arm, not forearm)
    wrong: tuple[str, ...]  # places and bones that are missing or wrong

    @property
    def right(self) -> bool:
        """Named and sided correctly: every side and every limb; what the whole is called is another question."""
        return self.sides == 1 and self.limbs == 1


NO_NAMES = NameScore(kind=False, sides=0.0, limbs=0.0, names=0.0, wrong=("no rig",))


def score_names(armature: Armature, asset: RiggedAsset) -> NameScore | None:
    """None when the artist's rig does not tell where left is."""
    left = left_of_truth(asset)
    if left is None:
        return None
    size = float(np.ptp(asset.mesh.vertices[np.unique(asset.mesh.triangles)], axis=0).max())
    sides, misplaced = score_sides(armature, *left, size)
    limbs, names, missed = _places(armature, asset)
    return NameScore(_kind_fits(armature.kind, asset.kind), sides, limbs, names, (*misplaced, *missed))


def plan_fits(found: str, plan: str) -> bool:
    """Whether a kind that was found, by the geometry or by a network, is right for a body plan of the labels."""
    return found in KINDS_OF_PLANS[plan]


def looks_along(found: np.ndarray, truth: np.ndarray) -> bool:
    """Whether a unit direction (3,) is the true one and not one of the other ways that axes point."""
    return bool(found @ truth > WITHIN)


def _kind_fits(found: str, truth: str) -> bool:
    if truth.startswith("biped creature"):
        return found in ("biped", "bird", "creature")
    return truth.startswith(found)


def score_sides(armature: Armature, left: np.ndarray, offset: float, size: float) -> tuple[float, tuple[str, ...]]:
    """Share of the sided bones on their own side of the plane left . x = offset, and those that are not.

    0 without a sided bone. `size` is the longest side of the shape, in the units of the armature.
    """
    sign = np.array([sign_of_side(name) for name in armature.names])
    if not sign.any():
        return 0.0, ("no sides",)
    away = ((armature.heads + armature.tails) / 2) @ left - offset
    good = sign * away > -SIDE_TOLERANCE * size
    wrong = np.flatnonzero((sign != 0) & ~good)
    return 1 - len(wrong) / int((sign != 0).sum()), tuple(armature.names[bone] for bone in wrong)


def _places(armature: Armature, asset: RiggedAsset) -> tuple[float, float, tuple[str, ...]]:
    truth, mine = places_of_truth(asset), places_of_rig(armature.names)
    if not truth:
        return 0.0, 0.0, ("no telling names",)
    keys = list(truth)
    joints = asset.joints[[truth[key] for key in keys]]
    limbs = names = 0
    wrong = []
    for key in keys:
        if key not in mine:
            wrong.append(f"{key} missing")
            continue
        nearest = keys[int(np.argmin(np.linalg.norm(joints - armature.heads[mine[key]], axis=1)))]
        names += nearest == key
        limbs += _limb(nearest) == _limb(key)
        if nearest != key:
            wrong.append(f"{key} at {nearest}")
    return limbs / len(keys), names / len(keys), tuple(wrong)


def _limb(place: str) -> str:
    """ "front.upper.L" -> "front.L"."""
    return place if place == "head" else place.split(".")[0] + place[-2:]
