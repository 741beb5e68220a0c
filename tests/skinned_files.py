"""Skinned GLB files that tests write."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np


def write_skinned(
    path: Path,
    positions: np.ndarray,
    triangles: np.ndarray,
    joints: np.ndarray,
    weights: np.ndarray,
    nodes: list[dict[str, object]],
    heads: np.ndarray,
) -> None:
    """A GLB of positions (V, 3) float32, triangles (F, 3) uint16, joints and weights (V, 4) uint8.

    Every node is a joint, bound without a turn where `heads` (J, 3) float32 says.
    """
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(heads), 1, 1))
    inverse[:, 3, :3] = -heads  # column-major: the translation is the last row as stored
    parts = [positions, triangles, joints, weights, inverse]
    kinds = [(5126, "VEC3"), (5123, "SCALAR"), (5121, "VEC4"), (5121, "VEC4"), (5126, "MAT4")]
    counts = [len(positions), triangles.size, len(joints), len(weights), len(heads)]
    views, start = [], 0
    for part in parts:
        views.append({"buffer": 0, "byteOffset": start, "byteLength": part.nbytes})
        start += part.nbytes
    document = {
        "asset": {"version": "2.0"},
        "nodes": nodes,
        "skins": [{"joints": list(range(len(nodes))), "inverseBindMatrices": 4}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "JOINTS_0": 2, "WEIGHTS_0": 3}, "indices": 1}]}],
        "accessors": [
            {"bufferView": i, "componentType": kind, "type": shape, "count": count}
            for i, ((kind, shape), count) in enumerate(zip(kinds, counts, strict=True))
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": start}],
    }
    header = json.dumps(document).encode()
    header += b" " * (-len(header) % 4)
    binary = b"".join(part.tobytes() for part in parts)
    total = 12 + 8 + len(header) + 8 + len(binary)
    path.write_bytes(
        struct.pack("<4sII", b"glTF", 2, total)
        + struct.pack("<I4s", len(header), b"JSON")
        + header
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + binary
    )


def write_strip(path: Path) -> None:
    """A strip along glTF's +Z (forwards) with a child joint stored before its parent."""
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 0, 1], [0, 0, 2], [1, 0, 2]], np.float32)
    triangles = np.array([[0, 2, 1], [1, 2, 3], [2, 4, 3], [3, 4, 5]], np.uint16)
    joints = np.array([[1, 0, 0, 0]] * 2 + [[1, 0, 0, 0]] * 2 + [[0, 0, 0, 0]] * 2, np.uint8)
    weights = np.array([[255, 0, 0, 0]] * 2 + [[85, 170, 0, 0]] * 2 + [[255, 0, 0, 0]] * 2, np.uint8)
    nodes: list[dict[str, object]] = [
        {"name": "Tip", "translation": [0, 0, 1]},
        {"name": "Base", "translation": [0.5, 0, 0], "children": [0]},
    ]
    heads = np.array([[0.5, 0, 1], [0.5, 0, 0]], np.float32)
    write_skinned(path, positions, triangles, joints, weights, nodes, heads)
