"""The rig that a document has: its joints as an armature, its weights as those of the joined mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy import Armature, Array, SkinWeights
from .accessors import read_accessor
from .asset import Asset, reading
from .scene import GltfScene, is_drawn
from .tree import TURN, PlacedNode, shown_nodes

CARRIED = 0.4  # weight from which on a vertex shows how long a bone without children is
OURS = "_rig"  # how the name of the node above our joints ends


@dataclass(frozen=True)
class GltfJoints:
    """The joints of a document."""

    nodes: tuple[int, ...]  # (B,) their nodes, parents first
    frames: Array  # (B, 4, 4) their axes and places in glTF's world
    armature: Armature  # in the house's frame; as long as its children or its vertices say
    skin: SkinWeights | None  # of the vertices of the scene


def read_joints(asset: Asset, scene: GltfScene) -> GltfJoints | None:
    """The joints of the first skin, or those below a node of ours where nothing is bound; None where there are none."""
    with reading(asset.name):
        placed = {node.number: node for node in shown_nodes(asset)}
        bound = [item for item in scene.nodes if "skin" in asset.entries("nodes")[item.node.number]]
        numbers = _joints_of_skin(asset, bound[0].node.number) if bound else _joints_below(asset, placed)
        numbers = [node for node in placed if node in set(numbers)]  # parents first
        if not numbers:
            return None
        frames = np.stack([placed[number].place for number in numbers])
        skin = _weights(asset, scene, numbers) if bound else None
        return GltfJoints(tuple(numbers), frames, _armature(asset, scene, placed, numbers, frames, skin), skin)


def _joints_of_skin(asset: Asset, node: int) -> list[int]:
    return asset.entries("skins")[asset.entries("nodes")[node]["skin"]]["joints"]


def _joints_below(asset: Asset, placed: dict[int, PlacedNode]) -> list[int]:
    nodes = asset.entries("nodes")
    tops = [number for number in placed if str(nodes[number].get("name", "")).endswith(OURS)]
    below = [number for number, node in placed.items() if tops and tops[-1] in node.path]
    return [number for number in below if "mesh" not in nodes[number]]


def _weights(asset: Asset, scene: GltfScene, numbers: list[int]) -> SkinWeights:
    """Bones and weights of the joined mesh's vertices, by the primitives they came from."""
    place = {node: bone for bone, node in enumerate(numbers)}
    rows: list[tuple[Array, Array]] = []
    for item in scene.nodes:
        entry = asset.entries("nodes")[item.node.number]
        own = np.array(
            [place.get(node, 0) for node in _joints_of_skin(asset, item.node.number)] if "skin" in entry else [0]
        )
        drawn = [primitive for primitive in asset.entries("meshes")[entry["mesh"]]["primitives"] if is_drawn(primitive)]
        for stretch, primitive in zip(item.stretches, drawn, strict=True):
            rows.append(_rows(asset, primitive["attributes"], own, stretch.vertices))
    width = max(bones.shape[1] for bones, _ in rows)
    padded = [[np.pad(values, ((0, 0), (0, width - values.shape[1]))) for values in pair] for pair in rows]
    return SkinWeights(np.concatenate([pair[0] for pair in padded]), np.concatenate([pair[1] for pair in padded]))


def _rows(asset: Asset, attributes: dict[str, int], own: Array, vertices: Array) -> tuple[Array, Array]:
    count = 0
    while {f"JOINTS_{count}", f"WEIGHTS_{count}"} <= set(attributes):
        count += 1
    if not count:
        return np.zeros((len(vertices), 1), np.int32), np.ones((len(vertices), 1), np.float32)
    joints = [read_accessor(asset, attributes[f"JOINTS_{k}"])[vertices].astype(np.int64) for k in range(count)]
    weights = [read_accessor(asset, attributes[f"WEIGHTS_{k}"])[vertices].astype(np.float32) for k in range(count)]
    return own[np.concatenate(joints, 1)].astype(np.int32), np.concatenate(weights, 1)


def _armature(
    asset: Asset,
    scene: GltfScene,
    placed: dict[int, PlacedNode],
    numbers: list[int],
    frames: Array,
    skin: SkinWeights | None,
) -> Armature:
    """Bones along the y axes of their joints, as long as their children reach, else as what they carry."""
    bone = {node: place for place, node in enumerate(numbers)}
    parents = np.array([bone.get(placed[node].path[-1] if placed[node].path else -1, -1) for node in numbers], np.int32)
    heads = frames[:, :3, 3] @ TURN
    along = frames[:, :3, 1] @ TURN
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    lengths = np.zeros(len(numbers))
    for child, parent in enumerate(parents):
        if parent >= 0:
            lengths[parent] = max(lengths[parent], float((heads[child] - heads[parent]) @ along[parent]))
    size = float(np.ptp(scene.mesh.vertices, axis=0).max())
    for place in np.flatnonzero(lengths <= 1e-6 * size):
        lengths[place] = _carried(scene.mesh.vertices, skin, place, heads[place], along[place]) or 0.05 * size
    count = len(numbers)
    names = tuple(str(asset.entries("nodes")[node].get("name", f"joint {node}")) for node in numbers)
    return Armature(
        names,
        parents,
        heads,
        heads + along * lengths[:, None],
        np.zeros(count),
        np.zeros(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.zeros((count, 2)),
    )


def _carried(vertices: Array, skin: SkinWeights | None, bone: int, head: Array, along: Array) -> float:
    """How far what a bone carries reaches along it; 0 where it carries nothing."""
    if skin is None:
        return 0.0
    mine = (np.where(skin.bones == bone, skin.weights, 0).sum(1)) >= CARRIED
    return max(0.0, float(np.percentile((vertices[mine] - head) @ along, 95))) if mine.any() else 0.0
