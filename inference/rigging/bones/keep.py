"""A fresh armature around bones that a rigger has put right and locked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature
from .names import other_side

SHORTEST = 1e-3  # of the armature's size: a fresh bone squeezed below this goes back to where it was, unconnected


@dataclass
class _Bone:
    parent: str  # "" for the root
    head: np.ndarray
    tail: np.ndarray
    roll: float
    connected: bool
    confidence: float
    deform: bool
    radii: np.ndarray
    kept: bool = False


def keep_bones(fresh: Armature, old: Armature, locked: Collection[str]) -> Armature:
    """`fresh`, save that the bones of `old` named in `locked` are exactly as they were; their neighbours meet them."""
    bones = _bones_of(fresh)
    for name, bone in _bones_of(old).items():
        if name in locked:
            known = bones.get(name)
            parent = bone.parent if bone.parent in locked or bone.parent in bones else fresh.names[0]
            parent = known.parent if known is not None and bone.parent not in locked else parent
            root = known is not None and known.parent == ""
            bones[name] = replace(bone, parent="" if root else parent, kept=True, confidence=1.0)
    for name, bone in _bones_of(old).items():
        if name in bones and not bones[name].kept and bone.parent in locked:
            bones[name].parent, bones[name].connected = bone.parent, bone.connected
    _meet(bones, float(np.ptp(fresh.heads, axis=0).max()) or 1.0)
    return _armature_of(bones, fresh)


def _meet(bones: dict[str, _Bone], size: float) -> None:
    """Connected neighbours of kept bones come to them; who would shrink to nothing lets go instead."""
    for bone in bones.values():
        parent = bones.get(bone.parent)
        if parent is None or not bone.connected or np.allclose(bone.head, parent.tail, atol=1e-9 * size):
            continue
        if bone.kept and not parent.kept and np.linalg.norm(bone.head - parent.head) > SHORTEST * size:
            parent.tail = bone.head
        elif not bone.kept and np.linalg.norm(bone.tail - parent.tail) > SHORTEST * size:
            bone.head = parent.tail
        else:
            bone.connected = False
    for bone in bones.values():  # a parent's tail that has moved takes its other children along
        parent = bones.get(bone.parent)
        if parent is not None and bone.connected and not np.allclose(bone.head, parent.tail, atol=1e-9 * size):
            if bone.kept or np.linalg.norm(bone.tail - parent.tail) <= SHORTEST * size:
                bone.connected = False
            else:
                bone.head = parent.tail


def _bones_of(armature: Armature) -> dict[str, _Bone]:
    names = armature.names
    return {
        name: _Bone(
            names[int(armature.parents[place])] if armature.parents[place] >= 0 else "",
            armature.heads[place],
            armature.tails[place],
            float(armature.rolls[place]),
            bool(armature.connected[place]),
            float(armature.confidence[place]),
            bool(armature.deform[place]),
            armature.radii[place],
        )
        for place, name in enumerate(names)
    }


def _armature_of(bones: dict[str, _Bone], like: Armature) -> Armature:
    names = _parents_first(bones)
    ordered = [bones[name] for name in names]
    armature = Armature(
        names=names,
        parents=np.array([names.index(bone.parent) if bone.parent else -1 for bone in ordered], np.int32),
        heads=np.array([bone.head for bone in ordered]),
        tails=np.array([bone.tail for bone in ordered]),
        rolls=np.array([bone.roll for bone in ordered]),
        connected=np.array([bone.connected for bone in ordered], bool),
        confidence=np.array([bone.confidence for bone in ordered]),
        deform=np.array([bone.deform for bone in ordered], bool),
        radii=np.array([bone.radii for bone in ordered]),
        kind=like.kind,
    )
    return replace(armature, symmetry=like.symmetry) if _mirrors(armature, like) else armature


def _parents_first(bones: dict[str, _Bone]) -> tuple[str, ...]:
    done: dict[str, None] = {}

    def put(name: str) -> None:
        if name and name not in done:
            put(bones[name].parent)
            done[name] = None

    for name in bones:
        put(name)
    return tuple(done)


def _mirrors(armature: Armature, like: Armature) -> bool:
    """Left and right still are each other's mirror image."""
    if like.symmetry is None:
        return False
    size = float(np.ptp(armature.heads, axis=0).max()) or 1.0
    place = {name: index for index, name in enumerate(armature.names)}
    for name, index in place.items():
        other = other_side(name)
        if other not in place:
            return False
        for ends in (armature.heads, armature.tails):
            if np.abs(like.symmetry.mirror(ends[[index]])[0] - ends[place[other]]).max() > 1e-5 * size:
                return False
    return True
