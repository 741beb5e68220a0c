"""glTF documents made for tests, and an evaluation of skins that shares no code with what is tested."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tools.sample import make_creature


@dataclass
class Builder:
    """Collects a document and its one buffer."""

    document: dict = field(
        default_factory=lambda: {"asset": {"version": "2.0", "extras": {"author": "a tester"}}, "scene": 0}
    )
    binary: bytearray = field(default_factory=bytearray)

    def add(self, key: str, entry: dict) -> int:
        self.document.setdefault(key, []).append(entry)
        return len(self.document[key]) - 1

    def view(self, content: bytes, **more: object) -> int:
        self.binary.extend(bytes(-len(self.binary) % 4))
        start = len(self.binary)
        self.binary.extend(content)
        return self.add("bufferViews", {"buffer": 0, "byteOffset": start, "byteLength": len(content), **more})

    def accessor(self, values: np.ndarray, kind: str, **more: object) -> int:
        code = {"<i1": 5120, "<u1": 5121, "<i2": 5122, "<u2": 5123, "<u4": 5125, "<f4": 5126}
        name = values.dtype.str.replace("|", "<")
        stride = {} if (values.itemsize * values[0].size) % 4 == 0 or kind == "SCALAR" else {"byteStride": 4}
        if stride:
            values = np.concatenate([values, np.zeros((len(values), 1), values.dtype)], 1)
            stride["byteStride"] = values.itemsize * values.shape[1]
        target = 34963 if kind == "SCALAR" else 34962
        entry = {"bufferView": self.view(values.tobytes(), target=target, **stride), "componentType": code[name]}
        return self.add("accessors", {**entry, "count": len(values), "type": kind, **more})

    def positions(self, points: np.ndarray) -> int:
        points = points.astype("<f4")
        return self.accessor(points, "VEC3", min=points.min(0).tolist(), max=points.max(0).tolist())

    def indices(self, corners: np.ndarray) -> int:
        return self.accessor(corners.astype("<u4").reshape(-1), "SCALAR")

    def glb(self) -> bytes:
        if self.binary:
            self.document["buffers"] = [{"byteLength": len(self.binary), "extras": {"kept": True}}]
        text = json.dumps(self.document).encode()
        text += b" " * (-len(text) % 4)
        body = bytes(self.binary) + bytes(-len(self.binary) % 4)
        return b"".join(
            (
                struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(body)),
                struct.pack("<I4s", len(text), b"JSON"),
                text,
                struct.pack("<I4s", len(body), b"BIN\0"),
                body,
            )
        )

    def gltf(self, uri: str) -> str:
        self.document["buffers"] = [{"uri": uri, "byteLength": len(self.binary)}]
        return json.dumps(self.document, indent=1)


def creature(cells: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of the sample creature, Y up as glTF has it."""
    vertices, triangles = make_creature(cells=cells)
    return np.stack([vertices[:, 0], vertices[:, 2], -vertices[:, 1]], 1), triangles


def plain(points: np.ndarray, corners: np.ndarray, **node: object) -> Builder:
    """A document of one mesh at one node."""
    made = Builder()
    primitive = {"attributes": {"POSITION": made.positions(points)}, "indices": made.indices(corners)}
    made.add("meshes", {"name": "Fox mesh", "primitives": [primitive]})
    made.add("nodes", {"name": "Fox", "mesh": 0, **node})
    made.add("scenes", {"nodes": [0]})
    return made


def opened(path: Path) -> tuple[dict, bytes]:
    """The document of a GLB and its binary chunk, as far as the buffer goes."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 12)
    document = json.loads(content[20 : 20 + length])
    size = document["buffers"][0]["byteLength"]
    return document, content[28 + length : 28 + length + size]


def array(document: dict, binary: bytes, number: int) -> np.ndarray:
    """An accessor as (count, width) float64, without normalising."""
    accessor = document["accessors"][number]
    view = document["bufferViews"][accessor["bufferView"]]
    kind = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}[accessor["componentType"]]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor["type"]]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    item = np.dtype(kind).itemsize
    stride = view.get("byteStride", item * width)
    rows = [
        np.frombuffer(binary, kind, width, start + stride * row).astype(np.float64) for row in range(accessor["count"])
    ]
    return np.array(rows).reshape(-1, width)


def matrix(node: dict) -> np.ndarray:
    if "matrix" in node:
        return np.array(node["matrix"]).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    turn = np.array(
        [
            [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
        ]
    )
    full = np.eye(4)
    full[:3, :3] = turn @ np.diag(node.get("scale", (1, 1, 1)))
    full[:3, 3] = node.get("translation", (0, 0, 0))
    return full


def places(document: dict) -> dict[int, np.ndarray]:
    """Where each node of the scene stands."""
    found: dict[int, np.ndarray] = {}

    def visit(number: int, above: np.ndarray) -> None:
        found[number] = above @ matrix(document["nodes"][number])
        for child in document["nodes"][number].get("children", []):
            visit(child, found[number])

    for number in document["scenes"][document["scene"]]["nodes"]:
        visit(number, np.eye(4))
    return found


def shown_points(document: dict, binary: bytes, turned: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """Every vertex of every shown mesh, in the order of mesh and primitive, where a viewer draws it: sorted rows.

    `turned` are extra transforms of joints by their names, in the joint's own frame.
    """
    nodes, where = document["nodes"], places(document)
    if turned:
        document = json.loads(json.dumps(document))
        for node in document["nodes"]:
            if node.get("name") in turned:
                posed = matrix(node) @ turned[node["name"]]
                for key in ("translation", "rotation", "scale"):
                    node.pop(key, None)
                node["matrix"] = posed.T.ravel().tolist()
        nodes, where = document["nodes"], places(document)
    drawn = []
    for number, place in where.items():
        node = nodes[number]
        if "mesh" not in node:
            continue
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            attributes = primitive["attributes"]
            points = array(document, binary, attributes["POSITION"])
            points = np.concatenate([points, np.ones((len(points), 1))], 1)
            if "skin" in node:
                skin = document["skins"][node["skin"]]
                undone = array(document, binary, skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
                matrices = np.stack([where[joint] for joint in skin["joints"]]) @ undone
                bones = array(document, binary, attributes["JOINTS_0"]).astype(int)
                weights = array(document, binary, attributes["WEIGHTS_0"])
                points = np.einsum("vk,vkij,vj->vi", weights, matrices[bones], points)
            else:
                points = points @ place.T
            drawn.append(points[:, :3])
    return np.concatenate(drawn)
