"""The meshes of a document -> one Mesh in the house's frame, and where each of its vertices came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy import Array, Mesh
from ..errors import FileError, NeedsBlenderError, RiggedAlreadyError
from .accessors import read_accessor
from .asset import Asset, reading
from .tree import TURN, PlacedNode, shown_nodes

TRIANGLES, STRIP, FAN = 4, 5, 6  # how a primitive's vertices make triangles
MOST_VERTICES = 20_000_000  # of all meshes together: a small file may show one mesh many times
NOISE = 1e-5  # of the size: what the rounding of joints and of what undoes them adds up to
POSED = 1e-3  # of the longest axis: joints that far from the bind pose pose the mesh


@dataclass(frozen=True)
class Stretch:
    """The vertices that one primitive draws, within the joined mesh."""

    accessor: int  # of their positions
    vertices: Array  # (N,) int64, which of the accessor's, in their order
    start: int  # the first one's number in the joined mesh


@dataclass(frozen=True)
class MeshNode:
    """A mesh where it stands in the scene."""

    node: PlacedNode
    name: str
    place: Array  # (4, 4) positions as they are stored -> glTF's world
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class GltfScene:
    """What the scene of a document shows."""

    mesh: Mesh  # Z up; vertices that no triangle uses are left out
    nodes: tuple[MeshNode, ...]
    notes: tuple[str, ...]


def read_scene(asset: Asset, *, replace_rig: bool = False) -> GltfScene:
    """All triangles that the scene shows. Meshes that have a rig are refused, or taken in their bind pose."""
    with reading(asset.name):
        return _Reader(asset, replace_rig=replace_rig).read()


class _Reader:
    def __init__(self, asset: Asset, *, replace_rig: bool) -> None:
        self.asset = asset
        self.replace_rig = replace_rig
        self.shown = list(shown_nodes(asset))
        self.places = {node.number: node.place for node in self.shown}
        self.vertices: list[Array] = []
        self.triangles: list[Array] = []
        self.count = 0
        self.notes: list[str] = []

    def read(self) -> GltfScene:
        nodes = [item for node in self.shown if (item := self._mesh_node(node)) is not None]
        if not nodes:
            raise FileError(f"'{self.asset.name}' shows no mesh with faces. Export the character's meshes with it.")
        mesh = Mesh(np.concatenate(self.vertices), np.concatenate(self.triangles).astype(np.int32))
        return GltfScene(mesh, tuple(nodes), tuple(self.notes))

    def _mesh_node(self, node: PlacedNode) -> MeshNode | None:
        """The node's triangles are added; None where it has none."""
        entry = self.asset.entries("nodes")[node.number]
        if "mesh" not in entry:
            return None
        mesh = self.asset.entries("meshes")[entry["mesh"]]
        drawn = [item for item in mesh["primitives"] if is_drawn(item)]
        if not drawn:
            return None
        name = str(entry.get("name") or mesh.get("name") or f"node {node.number}")
        self._check(entry, drawn, name)
        place = self._bind_place(entry, drawn, name) if "skin" in entry else node.place
        return MeshNode(node, name, place, tuple(self._stretch(item, place) for item in drawn))

    def _check(self, entry: dict, drawn: list[dict], name: str) -> None:
        """Refuse what would be lost or wrong in the result."""
        if "EXT_mesh_gpu_instancing" in entry.get("extensions", {}):
            raise FileError(
                f"'{name}' in '{self.asset.name}' is drawn many times by EXT_mesh_gpu_instancing, which cannot be "
                "bound to bones. Export it without instances."
            )
        if any("KHR_draco_mesh_compression" in item.get("extensions", {}) for item in drawn):
            raise NeedsBlenderError(
                f"'{self.asset.name}' is compressed with KHR_draco_mesh_compression, which only Blender reads. "
                "Use --engine blender, or unpack it first: npx @gltf-transform/cli copy IN.glb OUT.glb"
            )
        if "skin" in entry and not self.replace_rig:
            skin = self.asset.entries("skins")[entry["skin"]]
            raise RiggedAlreadyError(
                f"'{name}' in '{self.asset.name}' has a rig of {len(skin['joints'])} joints. "
                "Add --replace-rig to give it another one."
            )

    def _stretch(self, primitive: dict, place: Array) -> Stretch:
        number = primitive["attributes"]["POSITION"]
        positions = read_accessor(self.asset, number)
        corners = _triangles(self.asset, primitive, len(positions))
        if len(corners) and int(corners.max()) >= len(positions):
            raise ValueError("a triangle of a vertex that is not there")
        if np.linalg.det(place[:3, :3]) < 0:
            corners = corners[:, ::-1]
        used, corners = np.unique(corners, return_inverse=True)
        if self.count + len(used) > MOST_VERTICES:
            raise FileError(
                f"'{self.asset.name}' shows more than {MOST_VERTICES:,} vertices in all. Export fewer copies."
            )
        world = positions[used].astype(np.float64) @ place[:3, :3].T + place[:3, 3]
        self.vertices.append(world @ TURN)
        self.triangles.append(corners.reshape(-1, 3) + self.count)
        stretch = Stretch(number, used.astype(np.int64), self.count)
        self.count += len(used)
        return stretch

    def _bind_place(self, entry: dict, drawn: list[dict], name: str) -> Array:
        """Where the joint that moves most of a skinned mesh puts it: its node does not count."""
        skin = self.asset.entries("skins")[entry["skin"]]
        undone = np.tile(np.eye(4), (len(skin["joints"]), 1, 1))
        if "inverseBindMatrices" in skin:
            stored = read_accessor(self.asset, skin["inverseBindMatrices"])
            undone = stored.astype(np.float64).reshape(-1, 4, 4).transpose(0, 2, 1)
        carried = np.zeros(len(skin["joints"]))
        bound = [item for item in drawn if {"JOINTS_0", "WEIGHTS_0"} <= set(item["attributes"])]
        for item in bound:
            joints = read_accessor(self.asset, item["attributes"]["JOINTS_0"]).astype(np.int64)
            weights = read_accessor(self.asset, item["attributes"]["WEIGHTS_0"])
            np.add.at(carried, joints, weights)
        places = np.stack([self.places[joint] @ undone[k] for k, joint in enumerate(skin["joints"])])
        place = places[carried.argmax()]
        size = np.abs(place[:3, :3]).max()
        if np.abs(places[carried > 0][:, :3, :3] - place[:3, :3]).max(initial=0.0) > POSED * size:
            self.notes.append(f"'{name}' stood posed by its old rig; it now stands in that rig's bind pose.")
        points = read_accessor(self.asset, drawn[0]["attributes"]["POSITION"])
        reach = np.array([1.0, 1.0, 1.0, max(float(np.abs(points).max(initial=0.0)), 1e-30)])
        return np.eye(4) if (np.abs(place - np.eye(4))[:3] <= NOISE * reach).all() else place


def is_drawn(primitive: dict) -> bool:
    """Whether a primitive has triangles."""
    return primitive.get("mode", TRIANGLES) in (TRIANGLES, STRIP, FAN) and "POSITION" in primitive["attributes"]


def _triangles(asset: Asset, primitive: dict, count: int) -> Array:
    """Corners (F, 3) int64 of a primitive of `count` vertices."""
    if "indices" in primitive:
        row = read_accessor(asset, primitive["indices"])[:, 0].astype(np.int64)
    else:
        row = np.arange(count)
    mode = primitive.get("mode", TRIANGLES)
    if mode == TRIANGLES:
        return row[: len(row) // 3 * 3].reshape(-1, 3)
    if mode == FAN:
        return np.stack([np.full(max(len(row) - 2, 0), row[0] if len(row) else 0), row[1:-1], row[2:]], 1)
    strip = np.stack([row[:-2], row[1:-1], row[2:]], 1)
    strip[1::2, :2] = strip[1::2, 1::-1]  # every other one is wound the other way
    return strip
