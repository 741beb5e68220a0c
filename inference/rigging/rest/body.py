"""How the body of an armature stands, told by its bones alone, whoever named them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature
from ...errors import BadArmatureError
from ...frames import Frame
from ..bones.conventions import own_names
from ..bones.hinges import FINGERS
from ..bones.names import other_side, sign_of_side
from .structure import names_by_shape, with_names

LEANS = np.cos(np.radians(35.0))  # a trunk that leans less than this stands on an axis of the frame it is given in
LEADS = {  # which joint a bone leads to, the first that is there
    "upper_arm": ("forearm", "hand"),
    "forearm": ("hand",),
    "hand": ("f_middle.01", "f_ring.01", "f_index.01", "f_pinky.01"),
    "thigh": ("shin", "foot"),
    "shin": ("foot",),
    "foot": ("toe",),
    "shoulder": ("upper_arm",),
    **{f"{stem}.{k:02d}": (f"{stem}.{k + 1:02d}",) for stem in (*FINGERS, "thumb") for k in (1, 2, 3)},
}
TELLING, LEAST = ("hips", "thigh.L", "thigh.R", "upper_arm.L", "upper_arm.R"), 3  # fewer names of these tell nothing
LINE = ("hips", "spine", "chest", "neck", "head")


@dataclass(frozen=True)
class NamedBody:
    """An armature with our names in the canonical frame, and how it came there."""

    armature: Armature
    frame: Frame
    place: dict[str, int]  # our name -> bone
    ends: np.ndarray  # (B, 3) where each bone leads: the joint that follows it in the body, else its tail

    @property
    def ways(self) -> np.ndarray:
        """Unit vectors along the bones, from joint to joint, (B, 3)."""
        span = self.ends - self.armature.heads
        return span / np.maximum(np.linalg.norm(span, axis=1, keepdims=True), 1e-12)


def named_body(armature: Armature) -> NamedBody:
    """The body of an armature in any frame. Raises BadArmatureError where its bones tell no left and right."""
    named = replace(armature, names=tuple(own_names(armature.names, armature.parents).values()))
    if len(set(TELLING) & set(named.names)) < LEAST:
        by_shape = names_by_shape(armature)
        named = with_names(named, by_shape) if by_shape else named
    frame = Frame(_axes(named), 1.0, np.zeros(3))
    inside = frame.into(named)
    place = {name: bone for bone, name in enumerate(inside.names)}
    return NamedBody(inside, frame, place, ends_of(inside, place))


def _axes(armature: Armature) -> np.ndarray:
    """The body's own left, back and up, (3, 3) rows."""
    place = {name: bone for bone, name in enumerate(armature.names)}
    pairs = [(bone, place[other_side(name)]) for name, bone in place.items() if _is_left_of_two(name, place)]
    if not pairs:
        raise BadArmatureError(
            "The bones do not tell left from right. Name them as Blender, Mixamo, Unreal or Unity do, and try again."
        )
    left, right = np.array(pairs).T
    apart = (armature.heads[left] - armature.heads[right]).sum(0)
    if armature.symmetry is not None:
        apart = armature.symmetry.normal * np.sign(armature.symmetry.normal @ apart)
    up = _upright(_trunk(armature, place))
    sideways = apart - (apart @ up) * up
    if np.linalg.norm(sideways) < 1e-9:
        raise BadArmatureError("The left and the right of the armature lie on each other. Bring its bones in order.")
    sideways /= np.linalg.norm(sideways)
    return np.stack([sideways, np.cross(up, sideways), up])


def _is_left_of_two(name: str, place: dict[str, int]) -> bool:
    return sign_of_side(name) > 0 and other_side(name) in place


def _trunk(armature: Armature, place: dict[str, int]) -> np.ndarray:
    """From the hips to the shoulders or the head, as far as they are there, (3,)."""

    def middle(*stems: str) -> np.ndarray | None:
        for stem in stems:
            bones = [place[name] for name in (stem, f"{stem}.L", f"{stem}.R") if name in place]
            if bones:
                return armature.heads[bones].mean(0)
        return None

    low, high = middle("thigh", "hips"), middle("upper_arm", "shoulder", "neck", "head", "chest")
    if low is None or high is None or np.linalg.norm(high - low) < 1e-9:
        raise BadArmatureError(
            "No trunk with arms or legs is found among the bones. Rest poses are for two-legged bodies; "
            "name the bones as Blender, Mixamo, Unreal or Unity do."
        )
    return high - low


def _upright(trunk: np.ndarray) -> np.ndarray:
    """Which way is up: the axis of the frame that the trunk stands on, or the trunk itself where it leans far."""
    trunk = trunk / np.linalg.norm(trunk)
    axis = int(np.abs(trunk).argmax())
    return np.eye(3)[axis] * np.sign(trunk[axis]) if abs(trunk[axis]) > LEANS else trunk


def ends_of(armature: Armature, place: dict[str, int]) -> np.ndarray:
    """Where each bone leads, (B, 3): to the joint that follows it in a body, else to its tail; our names."""
    ends = armature.tails.copy()
    for name, bone in place.items():
        side = name[-2:] if sign_of_side(name) else ""
        stem = name.removesuffix(side)
        for follower in LEADS.get(stem, ()):
            other = place.get(follower + side)
            if other is not None and np.linalg.norm(armature.heads[other] - armature.heads[bone]) > 1e-9:
                ends[bone] = armature.heads[other]
                break
    for bone, above in enumerate(armature.parents):  # trunk, neck and head are one line
        if above >= 0 and all(name.startswith(LINE) for name in (armature.names[bone], armature.names[above])):
            ends[above] = armature.heads[bone]
    return ends
