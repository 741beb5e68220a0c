"""Vertices of a document in another rest pose: places, normals, tangents and morph targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import Array, SkinWeights
from ..accessors import VERTEX_DATA, append_accessor, read_accessor
from ..asset import Asset
from ..influences import rows_of
from ..scene import MeshNode
from ..tree import TURN

MOVED = {"POSITION", "NORMAL", "TANGENT"}


@dataclass(frozen=True)
class Reshaping:
    """How the vertices of a joined mesh move: each by its own affine map, (V, 3, 4), Z up."""

    maps: Array

    @staticmethod
    def by(skin: SkinWeights, moves: Array) -> Reshaping:
        """Linear blend of the moves (B, 3, 4) of bones; what no bone moves stays."""
        weights = skin.weights.astype(np.float64)
        maps = np.einsum("vk,vkij->vij", weights, moves[skin.bones])
        maps[weights.sum(1) <= 0] = np.eye(4)[:3]
        return Reshaping(maps)

    def give(self, asset: Asset, item: MeshNode, mesh: dict) -> None:
        """Every primitive of `mesh`, which is `item`'s alone, gets its vertices' new places."""
        made: dict[int, dict[int, int]] = {}  # accessor of positions -> accessor -> what it became
        for primitive in mesh["primitives"]:
            number = primitive["attributes"].get("POSITION")
            if number is None:
                continue
            known = made.setdefault(number, {})
            maps = _stored(self.maps[rows_of(asset, item, number)], item.place)
            places = [(primitive["attributes"], True), *((target, False) for target in primitive.get("targets", ()))]
            for attributes, whole in places:
                for name in sorted(MOVED & attributes.keys()):
                    old = attributes[name]
                    if old not in known:
                        known[old] = _moved(asset, old, name, maps, whole=whole)
                    attributes[name] = known[old]


def _stored(maps: Array, place: Array) -> Array:
    """Maps (N, 3, 4) of the house's frame as they are for positions as they are stored."""
    into = np.eye(4)
    into[:3, :3] = TURN.T
    into = into @ place
    full = np.tile(np.eye(4), (len(maps), 1, 1))
    full[:, :3] = maps
    return (np.linalg.inv(into) @ full @ into)[:, :3]


def _moved(asset: Asset, number: int, name: str, maps: Array, *, whole: bool) -> int:
    """The number of an accessor's successor; of a morph target (not `whole`) it holds steps, not places."""
    values = read_accessor(asset, number).astype(np.float64)
    linear = maps[:, :, :3]
    if name != "POSITION":  # directions at right angles to the surface turn with it and keep their length
        linear = _rotations(linear)
    result = values.copy()
    result[:, :3] = np.einsum("nij,nj->ni", linear, values[:, :3])
    if name == "POSITION" and whole:
        result[:, :3] += maps[:, :, 3]
    stored = result.astype(np.float32)
    successor = append_accessor(asset, stored, f"VEC{values.shape[1]}", VERTEX_DATA)
    if name == "POSITION":
        entry = asset.entries("accessors")[successor]
        entry["min"], entry["max"] = stored.min(0).tolist(), stored.max(0).tolist()
    return successor


def _rotations(linear: Array) -> Array:
    """The rotation in each linear map (N, 3, 3)."""
    left, _, right = np.linalg.svd(linear)
    left[:, :, 2] *= np.sign(np.linalg.det(left @ right))[:, None]
    return left @ right
