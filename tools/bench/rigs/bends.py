"""Whether joints bend the natural way by a positive turn about their own x axis: fists, elbows, knees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Rig
from inference.axes import bone_axes
from inference.frames import Frame
from inference.rigging.bones.hinges import FINGERS, FORWARD, USUAL, limb_flex, palm_of
from inference.rigging.bones.names import side_of, split_side

CLOSED_BY = 80.0  # degrees that each joint of a finger is bent for a fist, from straight in the plane of the palm on
INTO = 0.05  # of a finger's length: how far its tip comes into the palm at least ...
NEAR = 0.7  # ... and how near to its root


@dataclass(frozen=True)
class Bending:
    """Of one rig."""

    fingers: dict[str, bool]  # "f_index.L" -> whether its tip comes into the palm
    off_axis: dict[str, float]  # finger bone -> degrees between its hinge and the hand's
    limbs: dict[str, bool]  # forearm, shin, animals' lower legs and feet -> whether they bend the natural way


def bending(rig: Rig) -> Bending:
    """How the joints of a rig with our names bend."""
    axes = np.stack([rig.pose.left, -rig.pose.forward, rig.pose.up])
    armature = Frame(axes, 1.0, np.zeros(3)).into(rig.armature)
    hinges = bone_axes(armature.heads, armature.tails, armature.rolls)
    fingers, off = {}, {}
    for side, sign in (("L", 1.0), ("R", -1.0)):
        palm = palm_of(armature, side, sign)
        bones = [
            bone for bone, name in enumerate(armature.names) if side_of(name) == side and name.split(".")[0] in FINGERS
        ]
        if palm is None or not bones:
            continue
        axis = hinges[bones, 0].mean(0)
        axis /= max(float(np.linalg.norm(axis)), 1e-12)
        off |= {armature.names[b]: float(np.degrees(np.arccos(np.clip(hinges[b, 0] @ axis, -1, 1)))) for b in bones}
        fingers |= {f"{stem}.{side}": _closes(armature, hinges, stem, side, palm[0]) for stem in FINGERS if
                    f"{stem}.01.{side}" in armature.names}  # fmt: skip
    return Bending(fingers, off, _limbs(armature, hinges))


def _closes(armature: Armature, hinges: np.ndarray, stem: str, side: str, into: np.ndarray) -> bool:
    """Whether the tip of a finger comes into the palm when each of its joints turns about its own x axis.

    A finger that is bent at rest needs less; turned as far as a straight one, it would go through the palm.
    """
    place = {name: bone for bone, name in enumerate(armature.names)}
    chain = [place[name] for k in range(1, 5) if (name := f"{stem}.{k:02d}.{side}") in place]
    turn, at = Rotation.identity(), armature.heads[chain[0]]
    bent = np.degrees(np.arcsin(np.clip(hinges[chain, 1] @ into, -1.0, 1.0)))
    for bone, by in zip(chain, CLOSED_BY - np.diff(bent, prepend=0.0), strict=True):
        turn = Rotation.from_rotvec(np.radians(max(by, 0.0)) * turn.apply(hinges[bone, 0])) * turn
        at = at + turn.apply(armature.tails[bone] - armature.heads[bone])
    way = at - armature.heads[chain[0]]
    length = np.linalg.norm(armature.tails[chain[-1]] - armature.heads[chain[0]])
    return bool(way @ into > INTO * length and np.linalg.norm(way) < NEAR * length)


def _limbs(armature: Armature, hinges: np.ndarray) -> dict[str, bool]:
    """Whether a positive turn about x takes the tail of each such bone where that joint bends."""
    flex = limb_flex(armature)
    found = {}
    for bone, name in enumerate(armature.names):
        stem = split_side(name)[0]
        if stem in USUAL and np.isfinite(flex[bone]).all():
            usual = USUAL[stem] if abs(hinges[bone, 1] @ FORWARD) < 0.9 else flex[bone]
            wanted = flex[bone] if stem not in ("forearm", "shin") else usual
            found[name] = bool(hinges[bone, 2] @ wanted > 0)
    return found
