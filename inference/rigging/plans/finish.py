"""A draft becomes an armature."""

from __future__ import annotations

import numpy as np

from ...anatomy import Armature, Symmetry
from ..bones.names import sided, unique
from ..bones.rolls import bone_rolls
from .draft import Bone, Draft
from .settle import settle


def finished(draft: Draft, kind: str) -> Armature:
    """The armature of a draft, its bones settled into the shape, with the right side mirrored from the left."""
    settle(draft)
    twins: dict[tuple[int, int], int] = {}
    order: list[tuple[int, int]] = []
    for number, bone in enumerate(draft.bones):
        for side in (1, -1) if draft.symmetric and bone.side else (bone.side,):
            twins[number, side] = len(order)
            order.append((number, side))
    mirror = np.array([-1.0, 1.0, 1.0])
    bones = [draft.bones[number] for number, _ in order]
    flips = [mirror if draft.symmetric and side < 0 else np.ones(3) for _, side in order]
    heads = np.stack([bone.head * flip for bone, flip in zip(bones, flips, strict=True)]) + 0.0
    tails = np.stack([bone.tail * flip for bone, flip in zip(bones, flips, strict=True)]) + 0.0
    parents = np.array([_parent(draft, bone, side, twins) for bone, (_, side) in zip(bones, order, strict=True)])
    flex = np.stack(
        [np.full(3, np.nan) if b.flex is None else b.flex * flip for b, flip in zip(bones, flips, strict=True)]
    )
    share = draft.interior.share_inside(heads, tails)
    evenness = 1.0 if draft.symmetric else 0.7
    salience = np.array([bone.salience for bone in bones])
    rolls = bone_rolls(heads, tails, parents, flex)
    for (number, side), place in twins.items():
        if draft.symmetric and side < 0:
            rolls[place] = -rolls[twins[number, 1]]
    return Armature(
        names=unique([sided(bone.name, side) for bone, (_, side) in zip(bones, order, strict=True)]),
        parents=parents.astype(np.int32),
        heads=heads,
        tails=tails,
        rolls=rolls,
        connected=np.array([bone.connected for bone in bones]),
        confidence=np.clip(share * (0.25 + 0.75 * salience) * evenness, 0.0, 1.0),
        deform=np.ones(len(bones), bool),
        radii=np.stack([draft.interior.depth(heads), draft.interior.depth(tails)], axis=1),
        kind=kind,
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.0) if draft.symmetric else None,
    )


def _parent(draft: Draft, bone: Bone, side: int, twins: dict[tuple[int, int], int]) -> int:
    """The place of the bone's parent in the armature: on the same side where there are two."""
    if bone.parent < 0:
        return -1
    parent_side = draft.bones[bone.parent].side
    wanted = side if draft.symmetric and parent_side else parent_side
    return twins[bone.parent, wanted]
