"""A rig that looks another way: the same joints and weights, with names, sides and hinges that follow. Nothing is
computed anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...anatomy import Armature, Pose, Report, Rig, SkinWeights, Symmetry
from ...frames import Frame
from .hinges import with_natural_rolls
from .marks import Stance, names_in
from .moved import picked
from .names import plain_name, sided, sign_of_side, unique
from .rolls import bone_rolls

TRUNK = ("root", "hips", "trunk", "trunk.lower", "spine", "chest", "body")
HEAD = ("neck", "head")
ON_HEAD = ("jaw", "ear", "eye", "horn", "antenna", "snout", "tongue", "beak", "crest", "horn.tip", "ear.tip")
ON_TAIL = ("fin.tail",)
QUOTED = re.compile(r"'([^']+)'")
WORDS = re.compile(r"\b(left|right)\b")


def facing(rig: Rig, front: Sequence[float] | np.ndarray) -> Rig:
    """`rig`, looking to `front`, a direction in its mesh's frame; or along the nearest of its own axes.

    Turned round, the trunk of an animal leads from the new hips to the new head, and hind legs are front legs; turned
    by a quarter, what was left is in front. What looks up or down stands up from all fours, or goes down on them.
    """
    pose, before = rig.pose, _stance(rig)
    axes = [sign * axis for axis in (pose.forward, pose.left, pose.up) for sign in (1.0, -1.0)]
    forward = max(axes, key=lambda axis: float(axis @ np.asarray(front, float)))
    if forward is axes[0]:
        return rig
    up = pose.up
    if abs(float(forward @ up)) > 0.5:
        up = before.trunk if abs(float(before.trunk @ forward)) < 0.5 else -pose.forward
    after = Stance(np.cross(up, forward), forward, up, before.trunk)
    armature = rig.armature
    names = names_in(armature.names, before, after)
    made = _other_end_first(armature, names) if _leads_back(after) else replace(armature, names=tuple(names))
    if after.across:
        made = replace(made, names=tuple(_ends_as_limbs(made, armature.names, after)))
    made = replace(made, names=unique(list(made.names)), kind=_kind(armature, before, after))
    order = _parents_first(made.parents)
    new_names = dict(zip(armature.names, made.names, strict=True))
    placed = Pose(up, forward, after.left, pose.certainty)
    return replace(
        rig,
        armature=_rolled(picked(replace(made, symmetry=_plane(armature.symmetry, after)), order), placed),
        skin=None if rig.skin is None else _ordered(rig.skin, order),
        pose=placed,
        report=_renamed(rig.report, new_names, swapped=float(pose.left @ after.left) < -0.5),
    )


def _stance(rig: Rig) -> Stance:
    """How the rig stands, and along which of its axes its trunk leads."""
    pose, armature = rig.pose, rig.armature
    trunk = _trunk_of(armature)
    along = armature.tails[trunk[-1]] - armature.heads[trunk[0]]
    axes = [pose.forward, pose.up, -pose.forward, -pose.up]
    return Stance(pose.left, pose.forward, pose.up, max(axes, key=lambda axis: float(axis @ along)))


def _trunk_of(armature: Armature) -> list[int]:
    """The bones from the root to where the head's end of the trunk is."""
    plain = [plain_name(name) for name in armature.names]
    above = [
        armature.parents[bone]
        for bone, name in enumerate(plain)
        if name in HEAD and armature.parents[bone] >= 0 and plain[armature.parents[bone]] in TRUNK
    ]
    middle = [bone for bone, name in enumerate(plain) if name in TRUNK and not sign_of_side(armature.names[bone])]
    paths = [_path(armature.parents, int(bone)) for bone in (above or middle or [0])]
    return max(paths, key=len)


def _path(parents: np.ndarray, bone: int) -> list[int]:
    """From the root to a bone."""
    path = [bone]
    while parents[path[-1]] >= 0:
        path.append(int(parents[path[-1]]))
    return path[::-1]


def _leads_back(stance: Stance) -> bool:
    """The trunk leads backwards or down."""
    return float(stance.trunk @ (stance.forward + stance.up)) < -0.5


def _other_end_first(armature: Armature, names: list[str]) -> Armature:
    """The trunk from its other end on: head and tail change places, and so do all that is named after them."""
    trunk = _trunk_of(armature)
    heads, tails, radii = armature.heads.copy(), armature.tails.copy(), armature.radii.copy()
    parents = armature.parents.copy()
    heads[trunk], tails[trunk], radii[trunk] = tails[trunk], heads[trunk], radii[trunk][:, ::-1]
    for bone, above in zip(trunk, [*trunk[1:], -1], strict=True):
        parents[bone] = above
    fresh = list(names)
    for bone, name in zip(trunk[::-1], [armature.names[bone] for bone in trunk], strict=True):
        fresh[bone] = name
    plain = [plain_name(name) for name in armature.names]
    for bone, name in enumerate(plain):
        if bone in trunk:
            continue
        holder = next((plain[above] for above in _path(armature.parents, bone)[-2::-1] if plain[above] != name), "")
        side = sign_of_side(fresh[bone])
        if name in HEAD:
            fresh[bone] = sided("tail", side)
        elif name == "tail":
            ends = not any(plain[child] == "tail" for child in np.flatnonzero(armature.parents == bone))
            fresh[bone] = sided("head" if ends else "neck", side)
        elif name in ON_HEAD and holder in (*HEAD, *ON_HEAD):
            fresh[bone] = sided("tail.tip", side)
        elif name in ON_TAIL and holder == "tail":
            fresh[bone] = sided("head.tip", side)
    joined = np.array([above >= 0 and np.allclose(heads[bone], tails[above]) for bone, above in enumerate(parents)])
    return replace(
        armature, names=tuple(fresh), parents=parents, heads=heads, tails=tails, radii=radii, connected=joined
    )


def _ends_as_limbs(armature: Armature, before: Sequence[str], after: Stance) -> list[str]:
    """Names where the trunk lies across: what was the head and what was the tail reach to the sides now."""
    side = round(float(after.trunk @ after.left))
    plain = [plain_name(name) for name in before]
    taken = [int(found) for name in armature.names if (found := plain_name(name).removeprefix("limb")).isdigit()]
    number = max(taken, default=0) + 1
    named = list(armature.names)
    for bone, name in enumerate(plain):
        if name in HEAD:
            named[bone] = sided(f"limb{number}", side)
        elif name == "tail":
            named[bone] = sided(f"limb{number}", -side)
    return named


def _kind(armature: Armature, before: Stance, after: Stance) -> str:
    """What the body is called in its new stance."""
    kind = armature.kind
    if kind not in ("biped", "quadruped"):
        return kind
    if after.across or (kind == "biped" and abs(float(before.left @ after.left)) < 0.5):
        return "creature"
    if before.upright == after.upright:
        return kind
    return "biped" if after.upright else "quadruped"


def _plane(plane: Symmetry | None, after: Stance) -> Symmetry | None:
    """The mirror plane, its normal to the new left; none where left and right are not mirrored any more."""
    if plane is None or abs(float(plane.normal @ after.left)) < 0.5:
        return None
    sign = float(np.sign(plane.normal @ after.left))
    return Symmetry(sign * plane.normal, sign * plane.offset)


def _parents_first(parents: np.ndarray) -> np.ndarray:
    """The bones in an order in which each comes after its parent, and else as they were."""
    order: list[int] = []
    placed = np.zeros(len(parents), bool)
    while len(order) < len(parents):
        for bone in np.flatnonzero(~placed):
            if parents[bone] < 0 or placed[parents[bone]]:
                order.append(int(bone))
                placed[bone] = True
    return np.array(order)


def _ordered(skin: SkinWeights, order: np.ndarray) -> SkinWeights:
    """The weights for bones in another order."""
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return replace(skin, bones=np.where(skin.weights > 0, place[skin.bones], 0).astype(np.int32))


def _rolled(armature: Armature, pose: Pose) -> Armature:
    """With the rolls of a body that stands and looks as `pose` says."""
    frame = Frame(np.stack([pose.left, -pose.forward, pose.up]), 1.0, np.zeros(3))
    own = frame.into(armature)
    return frame.out(with_natural_rolls(replace(own, rolls=bone_rolls(own.heads, own.tails, own.parents))))


def _renamed(report: Report, names: dict[str, str], *, swapped: bool) -> Report:
    """The same report, with the new names wherever it speaks of bones, and the other side where sides are swapped."""

    def renamed(text: str) -> str:
        text = QUOTED.sub(lambda found: f"'{names.get(found[1], found[1])}'", text)
        return WORDS.sub(lambda found: "left" if found[1] == "right" else "right", text) if swapped else text

    warnings = tuple(
        replace(
            warning,
            message=renamed(warning.message),
            bones=tuple(names.get(bone, bone) for bone in warning.bones),
        )
        for warning in report.warnings
    )
    return replace(report, warnings=warnings, reasons=tuple(map(renamed, report.reasons)))
