"""A rigged document made ready to be looked at: its bones as meshes that move with them, and an animation of a pose."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from ..anatomy import Array
from ..rigging.bones.names import sign_of_side
from .accessors import VERTEX_DATA, append_accessor
from .asset import Asset, reading
from .joints import GltfJoints
from .tree import TURN

COLOURS = {1: (0.01, 0.07, 0.78), -1: (0.78, 0.01, 0.01), 0: (0.86, 0.33, 0.0)}  # linear; left, right, middle
MATERIALS = {1: "bonewright left", -1: "bonewright right", 0: "bonewright middle"}
NAME = "test pose"
SECONDS = 3.0  # from rest to the pose and back
KEYS = 13
UNLIT = "KHR_materials_unlit"


def add_display(asset: Asset, joints: GltfJoints, turns: Array) -> None:
    """Add bones to look at and, in the place of other animations, one in which each joint turns by `turns`.

    `turns` (B, 3) are axes times radians in the house's frame.
    """
    with reading(asset.name):
        _add_bones(asset, joints)
        asset.document.pop("animations", None)
        if np.abs(turns).max(initial=0.0) > 0:
            _add_animation(asset, joints, turns @ TURN.T)


def octahedra(heads: Array, tails: Array) -> tuple[Array, Array]:
    """Bones (B, 3) as Blender draws them: corners (6 B, 3) and triangles (8 B, 3)."""
    along = tails - heads
    least = np.eye(3)[np.abs(along).argmin(1)]
    side = np.cross(along, least)
    lengths = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    side *= 0.1 * lengths / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
    other = np.cross(along, side) / lengths
    belt = heads + 0.1 * along
    corners = np.stack([heads, tails, belt + side, belt + other, belt - side, belt - other], 1)
    ring = [(2, 3), (3, 4), (4, 5), (5, 2)]
    pattern = np.array([(0, second, first) for first, second in ring] + [(1, first, second) for first, second in ring])
    return corners.reshape(-1, 3), (pattern + 6 * np.arange(len(heads))[:, None, None]).reshape(-1, 3)


def _add_bones(asset: Asset, joints: GltfJoints) -> None:
    """A skinned mesh of all bones, each moved by its joint alone, of one primitive a side."""
    armature = joints.armature
    heads, tails = armature.heads @ TURN.T, armature.tails @ TURN.T
    sides = np.array([sign_of_side(name) for name in armature.names])
    kind = np.uint16 if len(sides) > 255 else np.uint8
    primitives = []
    for side, name in MATERIALS.items():
        mine = np.flatnonzero(sides == side)
        if not len(mine):
            continue
        corners, faces = octahedra(heads[mine], tails[mine])
        points = corners.astype(np.float32)
        bones = np.zeros((len(points), 4), kind)
        bones[:, 0] = np.repeat(mine, 6)
        weights = np.tile(np.array([1, 0, 0, 0], np.float32), (len(points), 1))
        place = append_accessor(asset, points, "VEC3", VERTEX_DATA)
        asset.entries("accessors")[place].update(min=points.min(0).tolist(), max=points.max(0).tolist())
        attributes = {
            "POSITION": place,
            "JOINTS_0": append_accessor(asset, bones, "VEC4", VERTEX_DATA),
            "WEIGHTS_0": append_accessor(asset, weights, "VEC4", VERTEX_DATA),
        }
        indices = append_accessor(asset, faces.reshape(-1, 1).astype(np.uint32), "SCALAR", {"target": 34963})
        colour = {"baseColorFactor": [*COLOURS[side], 1.0], "metallicFactor": 0.0, "roughnessFactor": 1.0}
        material = {"name": name, "pbrMetallicRoughness": colour, "extensions": {UNLIT: {}}, "doubleSided": True}
        primitives.append(
            {"attributes": attributes, "indices": indices, "material": asset.append("materials", material)}
        )
    used = asset.document.setdefault("extensionsUsed", [])
    used.extend([UNLIT] if UNLIT not in used else [])
    undone = np.linalg.inv(joints.frames).astype(np.float32)
    undone[:, 3] = (0.0, 0.0, 0.0, 1.0)
    matrices = append_accessor(asset, undone.transpose(0, 2, 1).reshape(-1, 16), "MAT4", {})
    skin = asset.append("skins", {"inverseBindMatrices": matrices, "joints": list(joints.nodes)})
    mesh = asset.append("meshes", {"name": "bonewright bones", "primitives": primitives})
    node = asset.append("nodes", {"name": "bonewright bones", "mesh": mesh, "skin": skin})
    scenes = asset.entries("scenes")
    if scenes:
        scenes[asset.document.get("scene", 0)].setdefault("nodes", []).append(node)


def _add_animation(asset: Asset, joints: GltfJoints, turns: Array) -> None:
    """From rest to the pose and back, slow at both ends; `turns` are in glTF's world."""
    times = np.linspace(0.0, SECONDS, KEYS).astype(np.float32)[:, None]
    shares = np.sin(np.linspace(0.0, np.pi, KEYS)) ** 2
    clock = append_accessor(asset, times, "SCALAR", {})
    asset.entries("accessors")[clock].update(min=[0.0], max=[SECONDS])
    animation: dict[str, list] = {"samplers": [], "channels": []}
    for bone in np.flatnonzero(np.linalg.norm(turns, axis=1) > 0):
        node = asset.entries("nodes")[joints.nodes[bone]]
        rest = Rotation.from_quat(node.get("rotation", (0.0, 0.0, 0.0, 1.0)))
        left, _, right = np.linalg.svd(joints.frames[bone, :3, :3])
        own = (left @ right).T @ turns[bone]  # about its own axes
        keys = (rest * Rotation.from_rotvec(shares[:, None] * own)).as_quat().astype(np.float32)
        output = append_accessor(asset, keys, "VEC4", {})
        target = {"node": joints.nodes[bone], "path": "rotation"}
        animation["channels"].append({"sampler": len(animation["samplers"]), "target": target})
        animation["samplers"].append({"input": clock, "interpolation": "LINEAR", "output": output})
    asset.append("animations", {"name": NAME, **animation})
