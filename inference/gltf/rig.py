"""A rig into a document: joint nodes, skins, joints and weights of the vertices. What was there stays."""

from __future__ import annotations

import numpy as np

from ..anatomy import Armature, Array, Rig
from ..axes import bone_axes
from .accessors import append_accessor
from .asset import Asset, reading
from .carriers import SkinCarriers
from .fitting.reshape import Reshaping
from .influences import Influences
from .scene import GltfScene, MeshNode
from .tree import TURN, parts_of
from .vrm.springs import add_springs, nodes_of

FRONT = np.eye(3)  # of what faces -Y


def add_rig(
    asset: Asset,
    scene: GltfScene,
    rig: Rig,
    name: str,
    *,
    front: Array = FRONT,
    reshaping: Reshaping | None = None,
) -> None:
    """Put `rig`, made for the mesh of `scene`, into the document; `name` is that of the node above its root.

    That node looks to the `front` (3, 3: rows left, back and up, Z up). The rig may be that of another rest pose, which
    `reshaping` brings the mesh into.
    """
    with reading(asset.name):
        above = _shared_parent(scene.nodes)
        frames = joint_frames(rig.armature)
        stands = np.eye(4)
        stands[:3, :3] = TURN @ front.T @ TURN.T
        joints = _append_joints(asset, rig.armature, frames, stands)
        parts = parts_of(stands if above is None else np.linalg.inv(above[1]) @ stands)
        parent = above[0] if above is not None and parts is not None else None
        parts = parts_of(stands) if parts is None else parts
        root = joints[int(np.flatnonzero(rig.armature.parents < 0)[0])]
        top = asset.append("nodes", {"name": name, "children": [root], **(parts or {})})
        carriers = SkinCarriers(asset, scene.nodes)
        if parent is not None:
            asset.entries("nodes")[parent].setdefault("children", []).append(top)
        carriers.show(top, [item.node.number for item in scene.nodes], listed=parent is None)
        add_springs(asset, rig.springs, nodes_of(rig.armature, joints))
        if rig.skin is None:
            return
        influences = Influences(asset, scene, rig.skin)
        skins = _Skins(asset, joints, frames, scene.nodes)
        for item in scene.nodes:
            mesh = carriers.own_mesh(item)
            influences.give(item, mesh)
            if reshaping is not None:
                reshaping.give(asset, item, mesh)
            carriers.bind(item, skins.number(item))


def joint_frames(armature: Armature) -> Array:
    """The axes and heads of bones in glTF's world, (B, 4, 4): y runs along the bone, as Blender has it.

    The axes that Blender gives bones next to -Y are not quite at right angles. Joints can only turn, so theirs are.
    """
    frames = np.tile(np.eye(4), (len(armature.names), 1, 1))
    axes = bone_axes(armature.heads, armature.tails, armature.rolls)
    left, _, right = np.linalg.svd(axes.transpose(0, 2, 1))
    frames[:, :3, :3] = TURN @ left @ right
    frames[:, :3, 3] = armature.heads @ TURN.T
    return frames


def _shared_parent(nodes: tuple[MeshNode, ...]) -> tuple[int, Array] | None:
    """The lowest node above all meshes, and its place: what moves it moves them all, so it shall move the bones."""
    paths = [item.node.path for item in nodes]
    shared = 0
    while all(len(path) > shared and path[shared] == paths[0][shared] for path in paths):
        shared += 1
    if shared == 0:
        return None
    return paths[0][shared - 1], nodes[0].node.places[shared - 1]


def _append_joints(asset: Asset, armature: Armature, frames: Array, top: Array) -> list[int]:
    """A node for each bone below a node that stands at `top` (4, 4); the number of each."""
    first = len(asset.entries("nodes"))
    numbers = [first + bone for bone in range(len(armature.names))]
    for bone, name in enumerate(armature.names):
        parent = int(armature.parents[bone])
        local = np.linalg.inv(top if parent < 0 else frames[parent]) @ frames[bone]
        children = [numbers[child] for child in np.flatnonzero(armature.parents == bone)]
        listed = {"children": children} if children else {}
        asset.append("nodes", {"name": name, **listed, **_rigid_parts(local)})
    return numbers


def _rigid_parts(matrix: Array) -> dict[str, object]:
    """Translation and rotation of a transform that is known to be no more."""
    left, _, right = np.linalg.svd(matrix[:3, :3])
    clean = matrix.copy()
    clean[:3, :3] = left @ right
    parts = parts_of(clean) or {}
    return {key: parts[key] for key in ("translation", "rotation") if key in parts}


class _Skins:
    """Skins with the same joints: one for each way that stored positions become the world's."""

    def __init__(self, asset: Asset, joints: list[int], frames: Array, nodes: tuple[MeshNode, ...]) -> None:
        self._asset = asset
        self._joints = joints
        self._undone = np.linalg.inv(frames)
        self._made: dict[bytes, int] = {}
        mine = {item.node.number for item in nodes}
        kept = {node["skin"] for k, node in enumerate(asset.entries("nodes")) if "skin" in node and k not in mine}
        old = {asset.entries("nodes")[number].get("skin") for number in mine}
        self._free = sorted(number for number in old if number is not None and number not in kept)

    def number(self, item: MeshNode) -> int:
        """The skin of a mesh. Old ones that nothing else uses are replaced before new ones are made."""
        key = item.place.tobytes()
        if key not in self._made:
            matrices = (self._undone @ item.place).astype(np.float32)
            matrices[:, 3] = (0.0, 0.0, 0.0, 1.0)
            stored = append_accessor(self._asset, matrices.transpose(0, 2, 1).reshape(-1, 16), "MAT4", {})
            skin = {"inverseBindMatrices": stored, "joints": list(self._joints)}
            if self._free:
                self._made[key] = self._free.pop(0)
                self._asset.entries("skins")[self._made[key]] = skin
            else:
                self._made[key] = self._asset.append("skins", skin)
        return self._made[key]
