"""Springs -> the extension VRMC_springBone 1.0: chains of joints, and capsules that they do not pass through.

Its specification: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_springBone-1.0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ...anatomy import Armature, Array, Spring
from ...rigging.bones.conventions import own_names
from ..asset import Asset

NAME, VERSION = "VRMC_springBone", "1.0"
DOWN = [0.0, -1.0, 0.0]  # glTF's
SHARE = 0.8  # of how deep a bone lies: a capsule stays below the skin


@dataclass(frozen=True)
class BoneNode:
    """The node of a bone in the document."""

    number: int
    tail: Array  # (3,) where the bone ends, in the node's own coordinates
    radius: float  # how deep it lies below the skin


def nodes_of(armature: Armature, numbers: Iterable[int], size: float = 1.0) -> dict[str, BoneNode]:
    """The bones by name, where the nodes' y axes run along them; `size` is what a length of 1 is in the file."""
    depth = armature.radii.mean(1)
    return {
        name: BoneNode(number, np.array([0.0, size * length, 0.0]), size * float(radius))
        for name, number, length, radius in zip(armature.names, numbers, armature.lengths, depth, strict=True)
    }


def add_springs(asset: Asset, springs: Iterable[Spring], bones: Mapping[str, BoneNode]) -> int:
    """Write the springs into the document, in place of those that it had. How many were written.

    A chain some of whose bones are gone is left out: they were renamed or deleted.
    """
    called = {ours: name for name, ours in own_names(tuple(bones), np.full(len(bones), -1)).items()}
    colliders: list[dict[str, object]] = []
    groups: dict[str, int] = {}
    group_list: list[dict[str, object]] = []
    written = []
    for spring in springs:
        if not spring.bones or any(bone not in bones for bone in spring.bones):
            continue
        around = []
        for bone in spring.around:
            name = bone if bone in bones else called.get(bone, "")
            if name not in bones or name in spring.bones:
                continue
            if name not in groups:
                groups[name] = len(group_list)
                group_list.append({"name": name, "colliders": [len(colliders)]})
                colliders.append(_capsule(bones[name]))
            around.append(groups[name])
        joints: list[dict[str, object]] = [
            {
                "node": bones[bone].number,
                "hitRadius": spring.radius,
                "stiffness": spring.stiffness,
                "gravityPower": spring.gravity,
                "gravityDir": DOWN,
                "dragForce": spring.drag,
            }
            for bone in spring.bones
        ]
        joints.append({"node": _end(asset, spring.bones[-1], bones[spring.bones[-1]])})
        written.append({"name": spring.name, "joints": joints, **({"colliderGroups": around} if around else {})})
    if written:
        content: dict[str, object] = {"specVersion": VERSION, "springs": written}
        if colliders:
            content |= {"colliders": colliders, "colliderGroups": group_list}
        use_extension(asset, NAME, content)
    return len(written)


def use_extension(asset: Asset, name: str, content: dict[str, object]) -> None:
    """Put an extension of the whole document into it."""
    used = asset.document.setdefault("extensionsUsed", [])
    if name not in used:
        used.append(name)
    asset.document.setdefault("extensions", {})[name] = content


def _end(asset: Asset, bone: str, node: BoneNode) -> int:
    """An empty node where a chain ends: its last bone turns towards it."""
    end = asset.append("nodes", {"name": f"{bone}_end", "translation": node.tail.tolist()})
    asset.entries("nodes")[node.number].setdefault("children", []).append(end)
    return end


def _capsule(node: BoneNode) -> dict[str, object]:
    capsule = {"offset": [0.0, 0.0, 0.0], "radius": SHARE * node.radius, "tail": node.tail.tolist()}
    return {"node": node.number, "shape": {"capsule": capsule}}
