"""Skinned GLB files as truth: a mesh, its joints and its weights in this project's frame (Z up).

glTF has Y up and characters that face +Z; here Z is up and they face -Y: (x, y, z) -> (x, -z, y). Left stays +X.
"""

from __future__ import annotations

import csv
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh, SkinWeights

LIBRARY = Path("../shared/data")  # rigged and static models, listed in its SOURCES.csv
SCALARS = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class NotSkinnedError(ValueError):
    """The file holds no skin, so there is no truth in it."""


@dataclass(frozen=True)
class Listing:
    """One line of a folder's SOURCES.csv."""

    path: Path
    kind: str  # as the data says it: "biped human realistic", "quadruped", ...
    split: str  # train or val
    rigged: bool

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


@dataclass(frozen=True)
class RiggedAsset:
    """What an artist made: a joint is the head of a bone; tips of leaf bones are not known."""

    name: str
    kind: str
    split: str
    mesh: Mesh
    names: tuple[str, ...]  # (J,)
    parents: np.ndarray  # (J,) int32, -1 for the root; parents come before their children
    joints: np.ndarray  # (J, 3) float64
    skin: SkinWeights  # indices into the joints
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # (J,) each joint's place in the file
    axes: np.ndarray = field(default_factory=lambda: np.zeros((0, 3, 3)))  # (J, 3, 3) bind rotations, where known


def list_assets(
    folder: Path, split: str | None = None, kinds: tuple[str, ...] = (), *, rigged: bool | None = True
) -> list[Listing]:
    """The files of `folder` by its SOURCES.csv (without one: every .glb, kind 'unknown', split 'val'), sorted by path.

    `kinds` keeps the kinds that start with one of these words; `rigged=None` keeps static models too.
    """
    table = folder / "SOURCES.csv"
    if table.exists():
        with table.open(newline="", encoding="utf-8") as lines:
            found = [
                Listing(folder / row["file"], row["kind"], row["split"], row["file"].startswith("rigged/"))
                for row in csv.DictReader(lines)
            ]
    else:
        found = [Listing(path, "unknown", "val", rigged=True) for path in sorted(folder.rglob("*.glb"))]
    return sorted(
        (
            item
            for item in found
            if (split is None or item.split == split)
            and (not kinds or item.kind.startswith(kinds))
            and (rigged is None or item.rigged == rigged)
        ),
        key=lambda item: item.path,
    )


def read_rigged(listing: Listing | Path) -> RiggedAsset:
    """Mesh, joints and weights of a skinned GLB."""
    if isinstance(listing, Path):
        listing = Listing(listing, "unknown", "val", rigged=True)
    document, buffer = _open(listing.path)
    if not document.get("skins"):
        raise NotSkinnedError(f"'{listing.path.name}' has no skin.")
    joint_nodes = document["skins"][0]["joints"]
    inverse = _accessor(document, buffer, document["skins"][0]["inverseBindMatrices"]).reshape(-1, 4, 4)
    # Stored column by column; the bind pose of a joint is the inverse of what undoes it.
    bind = np.linalg.inv(inverse.transpose(0, 2, 1).astype(np.float64))
    order, parents = _tree(document, joint_nodes)
    renumber = np.empty(len(order), np.int32)
    renumber[order] = np.arange(len(order))
    bones, weights = (_attribute(document, buffer, name) for name in ("JOINTS_0", "WEIGHTS_0"))
    shares = weights.astype(np.float64) / np.maximum(weights.astype(np.float64).sum(1, keepdims=True), 1e-12)
    used = np.where(shares > 0, renumber[bones.astype(np.int64)], 0).astype(np.int32)
    heaviest = np.argsort(-shares, axis=1, kind="stable")
    skin = SkinWeights(
        np.take_along_axis(used, heaviest, 1), np.take_along_axis(shares, heaviest, 1).astype(np.float32)
    )
    names = tuple(document["nodes"][joint_nodes[i]].get("name", f"joint.{i}") for i in order)
    return RiggedAsset(
        listing.name,
        listing.kind,
        listing.split,
        _mesh(document, buffer),
        names,
        parents,
        z_up(bind[order, :3, 3]),
        skin,
        order,
        Z_UP @ _rotations(bind[order, :3, :3]),
    )


def read_mesh(path: Path) -> Mesh:
    """Only the triangles of a GLB, rigged or not."""
    return _mesh(*_open(path))


def z_up(points: np.ndarray) -> np.ndarray:
    """glTF's frame (Y up, facing +Z) to this project's (Z up, facing -Y); points (N, 3)."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], 1).astype(np.float64)


def as_armature(asset: RiggedAsset) -> Armature:
    """The truth's joints as bones with tails, as an importer or a rigger would draw them.

    A bone ends at the child that carries on its direction (the root: at the child with the largest subtree). A leaf
    ends at the far end of its own flesh: the 95th percentile of its vertices along the direction of their centre.
    Joints without weight do not deform.
    """
    count = len(asset.names)
    size = float(np.ptp(asset.mesh.vertices, axis=0).max())
    dense = asset.skin.dense(count)
    heads, parents = asset.joints, asset.parents
    tails = np.empty_like(heads)
    continued = np.full(count, -1)
    subtree = _subtree_sizes(parents)
    for joint in range(count):
        children = np.flatnonzero(parents == joint)
        if len(children) == 0:
            tails[joint] = _leaf_tip(asset.mesh.vertices, dense[:, joint], heads, parents, joint, size)
            continue
        if parents[joint] < 0:
            chosen = children[np.argmax(subtree[children])]
        else:
            onward = _unit(heads[joint] - heads[parents[joint]])
            steps = heads[children] - heads[joint]
            chosen = children[np.argmax(steps @ onward / np.maximum(np.linalg.norm(steps, axis=1), 1e-12))]
        continued[joint] = chosen
        tails[joint] = heads[chosen]
        if np.linalg.norm(tails[joint] - heads[joint]) < 1e-4 * size:
            tails[joint] = heads[joint] + np.array([0.0, 0.0, 0.01 * size])
            continued[joint] = -1
    connected = np.array([p >= 0 and continued[p] == i for i, p in enumerate(parents)])
    return Armature(
        names=_unique(asset.names),
        parents=parents.astype(np.int32),
        heads=heads,
        tails=tails,
        rolls=np.zeros(count),
        connected=connected,
        confidence=np.ones(count),
        deform=dense.max(0) > 0,
        radii=np.full((count, 2), 0.03 * size),
    )


def _leaf_tip(
    vertices: np.ndarray, share: np.ndarray, heads: np.ndarray, parents: np.ndarray, joint: int, size: float
) -> np.ndarray:
    """Where the flesh of a leaf joint ends."""
    mine = vertices[share > 0.5] if (share > 0.5).any() else vertices[share > 0]
    head = heads[joint]
    onward = _unit(head - heads[parents[joint]]) if parents[joint] >= 0 else np.array([0.0, 0.0, 1.0])
    if len(mine) == 0:
        return head + 0.02 * size * onward
    away = mine.mean(0) - head
    direction = _unit(away) if np.linalg.norm(away) > 1e-3 * size else onward
    reach = np.percentile((mine - head) @ direction, 95)
    return head + max(float(reach), 0.005 * size) * direction


def _subtree_sizes(parents: np.ndarray) -> np.ndarray:
    """Joints in the subtree of each joint, itself included; (J,)."""
    sizes = np.ones(len(parents), np.int64)
    for joint in range(len(parents) - 1, 0, -1):
        sizes[parents[joint]] += sizes[joint]
    return sizes


def _rotations(linear: np.ndarray) -> np.ndarray:
    """The rotations nearest to linear maps (J, 3, 3)."""
    left, _, right = np.linalg.svd(linear)
    return left @ right


def _unit(vector: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else np.array([0.0, 0.0, 1.0])


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(result)


def _open(path: Path) -> tuple[dict, bytes]:
    """The JSON document and the binary buffer of a GLB."""
    data = path.read_bytes()
    magic, _, _, json_length = struct.unpack_from("<4sIII", data)
    if magic != b"glTF":
        raise ValueError(f"'{path.name}' is not a binary glTF file.")
    return json.loads(data[20 : 20 + json_length]), data[20 + json_length + 8 :]


def _accessor(document: dict, buffer: bytes, index: int) -> np.ndarray:
    """An accessor as (count, width)."""
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    scalar = np.dtype(SCALARS[accessor["componentType"]])
    width = WIDTHS[accessor["type"]]
    offset = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride", scalar.itemsize * width)
    return np.ndarray((accessor["count"], width), scalar, buffer, offset, (stride, scalar.itemsize))


def _primitives(document: dict) -> list[dict]:
    return [primitive for mesh in document["meshes"] for primitive in mesh["primitives"]]


def _attribute(document: dict, buffer: bytes, name: str) -> np.ndarray:
    return np.concatenate([_accessor(document, buffer, p["attributes"][name]) for p in _primitives(document)])


def _mesh(document: dict, buffer: bytes) -> Mesh:
    triangles, start = [], 0
    for primitive in _primitives(document):
        triangles.append(_accessor(document, buffer, primitive["indices"]).reshape(-1, 3).astype(np.int32) + start)
        start += document["accessors"][primitive["attributes"]["POSITION"]]["count"]
    return Mesh(z_up(_attribute(document, buffer, "POSITION")), np.concatenate(triangles))


def _tree(document: dict, joint_nodes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """An order with parents before children, and the parents in that order."""
    above = {child: node for node, entry in enumerate(document["nodes"]) for child in entry.get("children", [])}
    place = {node: joint for joint, node in enumerate(joint_nodes)}
    raw = [place.get(above.get(node, -1), -1) for node in joint_nodes]
    depth = [0] * len(raw)
    for joint in range(len(raw)):
        up = raw[joint]
        while up >= 0:
            depth[joint] += 1
            up = raw[up]
    order = np.argsort(depth, kind="stable")
    renumber = {int(old): new for new, old in enumerate(order)}
    return order, np.array([renumber.get(raw[old], -1) for old in order], np.int32)
