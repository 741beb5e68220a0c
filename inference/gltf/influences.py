"""Skin weights -> the attributes JOINTS_n and WEIGHTS_n of primitives."""

from __future__ import annotations

import re

import numpy as np
from scipy.spatial import KDTree

from ..anatomy import Array, SkinWeights
from .accessors import VERTEX_DATA, append_accessor, read_accessor
from .asset import Asset
from .scene import GltfScene, MeshNode

A_SET = 4  # bones in each of the attributes
_OLD = re.compile(r"(JOINTS|WEIGHTS)_\d+")


class Influences:
    """The weights of a rig, handed to the vertices of a document."""

    def __init__(self, asset: Asset, scene: GltfScene, skin: SkinWeights) -> None:
        used = int((skin.weights > 0).sum(1).max(initial=1))
        self._sets = -(-used // A_SET)
        width = self._sets * A_SET
        kept = min(width, skin.weights.shape[1])
        self._bones = np.zeros((len(skin.bones), width), np.uint16 if skin.bones.max(initial=0) > 255 else np.uint8)
        self._weights = np.zeros((len(skin.bones), width), np.float32)
        self._weights[:, :kept] = summing_to_one(skin.weights[:, :kept])
        self._bones[:, :kept] = np.where(self._weights[:, :kept] > 0, skin.bones[:, :kept], 0)
        self._asset = asset
        self._scene = scene

    def give(self, item: MeshNode, mesh: dict) -> None:
        """Every primitive of `mesh`, which is `item`'s alone, gets the influences of its vertices."""
        made: dict[int, dict[str, int]] = {}
        for primitive in mesh["primitives"]:
            attributes = primitive["attributes"]
            number = attributes.get("POSITION")
            if number is None:
                continue
            if number not in made:
                made[number] = self._append(rows_of(self._asset, item, number))
            kept = {key: entry for key, entry in attributes.items() if not _OLD.fullmatch(key)}
            primitive["attributes"] = {**kept, **made[number]}

    def _append(self, rows: Array) -> dict[str, int]:
        attributes = {}
        for number in range(self._sets):
            columns = slice(A_SET * number, A_SET * (number + 1))
            for name, values in (("JOINTS", self._bones), ("WEIGHTS", self._weights)):
                stored = append_accessor(self._asset, values[rows, columns], "VEC4", VERTEX_DATA)
                attributes[f"{name}_{number}"] = stored
        return attributes


def rows_of(asset: Asset, item: MeshNode, accessor: int) -> Array:
    """For each element of an accessor of positions its vertex in the joined mesh; the nearest if it is in none."""
    positions = read_accessor(asset, accessor).astype(np.float64)
    rows = np.full(len(positions), -1, np.int64)
    for stretch in item.stretches:
        if stretch.accessor == accessor:
            rows[stretch.vertices] = stretch.start + np.arange(len(stretch.vertices))
    lost = np.flatnonzero(rows < 0)
    if len(lost):
        known = np.concatenate([stretch.start + np.arange(len(stretch.vertices)) for stretch in item.stretches])
        stored = [read_accessor(asset, stretch.accessor)[stretch.vertices] for stretch in item.stretches]
        points = np.concatenate(stored).astype(np.float64)
        rows[lost] = known[KDTree(points).query(np.nan_to_num(positions[lost]))[1]]
    return rows


def summing_to_one(weights: Array) -> Array:
    """Weights (V, K), heaviest first, as float32 whose sum is 1 to the last bit that float32 has."""
    exact = weights.astype(np.float64)
    rounded = (exact / np.maximum(exact.sum(1, keepdims=True), 1e-30)).astype(np.float32)
    rounded[:, 0] = 1.0 - rounded[:, 1:].astype(np.float64).sum(1)
    return rounded
