"""What VRM adds to a glTF file that Blender has written: spring bones, and which bone of a human each bone is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np

from ....inference.gltf.asset import Asset
from ....inference.gltf.read import read_asset
from ....inference.gltf.vrm.humanoid import add_human
from ....inference.gltf.vrm.springs import BoneNode, add_springs
from ....inference.gltf.write import write_glb
from ...typed import armature_data
from ..armatures import read_armature
from ..meshes import matrix
from ..swinging.kept import springs_of

UNNAMED = "Unknown"  # VRM asks for an author; Blender knows none


def add_vrm(source: Path, target: Path, armature: bpy.types.Object, written: bpy.types.Object, scale: float) -> None:
    """Bring the file `source` to `target` with the spring bones of `armature`; a .vrm becomes a human too.

    `written` is the armature that the file has, with axes and names of its own; `scale` what a length of 1 is in it.
    """
    springs = springs_of(armature)
    human = target.suffix == ".vrm"
    if not springs and not human:
        if source != target:
            source.replace(target)
        return
    asset = read_asset(source)
    bones = _bone_nodes(asset, armature, written, scale)
    add_springs(asset, [replace(spring, radius=scale * spring.radius) for spring in springs], bones)
    if human:
        own = read_armature(written, np.eye(4))
        add_human(asset, own.names, own.parents, bones, armature.name, UNNAMED)
        asset.document.pop("animations", None)
    write_glb(asset, target)


def _bone_nodes(
    asset: Asset, armature: bpy.types.Object, written: bpy.types.Object, scale: float
) -> dict[str, BoneNode]:
    """The joints of the file by their names, with where each bone ends seen from its node."""
    nodes = asset.entries("nodes")
    numbers = {nodes[number].get("name", ""): number for skin in asset.entries("skins") for number in skin["joints"]}
    ends = {bone.name: bone for bone in armature_data(armature).bones}
    found = {}
    for bone in armature_data(written).bones:
        if bone.name not in numbers:
            continue
        like = ends.get(bone.name)
        tail = np.array([*(bone.tail_local if like is None else like.tail_local * scale), 1.0])
        own = np.linalg.inv(matrix(bone.matrix_local)) @ tail
        radius = float(bone.head_radius + bone.tail_radius) / 2 * (1.0 if like is None else scale)
        found[bone.name] = BoneNode(numbers[bone.name], own[:3], radius)
    return found
