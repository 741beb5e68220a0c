"""The nodes of a document: where each stands in the world, and which scenes show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from ..anatomy import Array
from .asset import Asset

TURN = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])  # Z up, facing -Y -> Y up, facing +Z
DEEPEST = 1000  # nodes above one another
SAME = 1e-6  # how far a matrix may be from its parts, of the longest axis


@dataclass(frozen=True)
class PlacedNode:
    """A node of a scene."""

    number: int
    path: tuple[int, ...]  # the nodes above it, from the root
    places: tuple[Array, ...]  # of those nodes, and in the end its own: (4, 4) own coordinates -> glTF's world

    @property
    def place(self) -> Array:
        """Its own coordinates -> glTF's world, (4, 4)."""
        return self.places[-1]


def shown_nodes(asset: Asset) -> Iterator[PlacedNode]:
    """The nodes of the scene that a viewer opens, parents first, in the order of the file; hidden ones are left out."""
    yield from walk(asset, roots(asset, asset.document.get("scene", 0)))


def roots(asset: Asset, scene: int) -> list[int]:
    """The uppermost nodes of a scene; of a document without scenes all that have no parent."""
    scenes = asset.entries("scenes")
    if scenes:
        return scenes[scene].get("nodes", [])
    children = {child for node in asset.entries("nodes") for child in node.get("children", [])}
    return [number for number in range(len(asset.entries("nodes"))) if number not in children]


def walk(asset: Asset, starts: list[int]) -> Iterator[PlacedNode]:
    """The visible nodes below `starts`. Raises ValueError where one is met twice."""
    nodes, seen = asset.entries("nodes"), set[int]()
    waiting: list[tuple[int, PlacedNode | None]] = [(number, None) for number in reversed(starts)]
    while waiting:
        number, above = waiting.pop()
        node = nodes[number]
        if number in seen:
            raise ValueError(f"node {number} has two parents or is its own")
        seen.add(number)
        if not node.get("extensions", {}).get("KHR_node_visibility", {}).get("visible", True):
            continue
        if above is None:
            here = PlacedNode(number, (), (local_matrix(node),))
        else:
            if len(above.path) >= DEEPEST:
                raise ValueError(f"nodes nested deeper than {DEEPEST}")
            place = above.place @ local_matrix(node)
            here = PlacedNode(number, (*above.path, above.number), (*above.places, place))
        yield here
        waiting.extend((child, here) for child in reversed(node.get("children", [])))


def has_transform(node: dict) -> bool:
    """Whether the node says where it is."""
    return any(key in node for key in ("matrix", "translation", "rotation", "scale"))


def local_matrix(node: dict) -> Array:
    """A node's transform, (4, 4)."""
    matrix = np.eye(4)
    if "matrix" in node:
        matrix[:] = np.array(node["matrix"], np.float64).reshape(4, 4).T
        return matrix
    scale = np.array(node.get("scale", (1.0, 1.0, 1.0)), np.float64)
    matrix[:3, :3] = _rotation(node.get("rotation", (0.0, 0.0, 0.0, 1.0))) * scale
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def parts_of(matrix: Array) -> dict[str, object] | None:
    """Translation, rotation and scale of a transform, those that change something; None where it is skewed."""
    scale = np.linalg.norm(matrix[:3, :3], axis=0)
    if not np.isfinite(matrix).all() or scale.min() <= 0:
        return None
    scale[0] *= np.sign(np.linalg.det(matrix[:3, :3]))
    turn = matrix[:3, :3] / scale
    if np.abs(turn.T @ turn - np.eye(3)).max() > SAME:
        return None
    parts: dict[str, object] = {}
    if matrix[:3, 3].any():
        parts["translation"] = matrix[:3, 3].tolist()
    if np.abs(turn - np.eye(3)).max() > 0:
        parts["rotation"] = Rotation.from_matrix(turn).as_quat().tolist()
    if (scale != 1).any():
        parts["scale"] = scale.tolist()
    return parts


def _rotation(quaternion: list[float]) -> Array:
    """A quaternion x, y, z, w as a matrix, (3, 3); it need not be quite a unit."""
    x, y, z, w = np.array(quaternion, np.float64) / max(float(np.linalg.norm(quaternion)), 1e-30)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
