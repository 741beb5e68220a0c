"""The skeleton of a glTF file as a template: its joints' names, places and own axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...anatomy import Armature
from ...errors import FileError
from ...rigging.skeletons.template import Template, bare_armature, template_from
from ..asset import Asset, reading
from ..open import GLTF
from ..read import read_asset
from ..tree import TURN, PlacedNode, shown_nodes

TIP = 0.5  # how long a last joint is taken to be, of the way to it


def read_template(path: Path) -> Template:
    """The skeleton of the first skin of a .glb or .gltf file. Raises FileError, BadArmatureError."""
    if path.suffix.lower() not in GLTF:
        raise FileError(f"'{path.name}' is no .glb or .gltf file. Convert the skeleton to one of these.")
    asset = read_asset(path)
    with reading(asset.name):
        armature, axes = _joints(asset)
    return template_from(armature, path.stem, axes)


def _joints(asset: Asset) -> tuple[Armature, np.ndarray]:
    """The joints as bare bones, Z up, and their own axes as rows, (B, 3, 3)."""
    skins = asset.entries("skins")
    if not skins:
        raise FileError(f"'{asset.name}' has no skin, so it has no skeleton. Export it with its armature.")
    wanted = set(skins[0]["joints"])
    shown = [node for node in shown_nodes(asset) if node.number in wanted or _carries(asset, node, wanted)]
    number = {node.number: bone for bone, node in enumerate(shown)}
    parents = np.array([next((number[up] for up in node.path[::-1] if up in number), -1) for node in shown], np.int32)
    heads = np.array([node.place[:3, 3] for node in shown]) @ TURN
    turns = np.array([_turn(node.place[:3, :3]) for node in shown])
    names = [str(asset.entries("nodes")[node.number].get("name", f"joint {node.number}")) for node in shown]
    axes = (TURN.T @ turns).transpose(0, 2, 1)
    return bare_armature(tuple(names), parents, heads, _tails(parents, heads)), axes


def _carries(asset: Asset, node: PlacedNode, wanted: set[int]) -> bool:
    """Whether a node between joints is part of the skeleton though no vertex needs it."""
    below = list(asset.entries("nodes")[node.number].get("children", []))
    return bool(wanted.intersection(node.path)) and any(child in wanted for child in below)


def _turn(matrix: np.ndarray) -> np.ndarray:
    """The rotation in a joint's place, whatever its scale."""
    left, _, right = np.linalg.svd(matrix)
    return left @ np.diag([1.0, 1.0, np.linalg.det(left @ right)]) @ right


def _tails(parents: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """Where each joint leads: to the middle of its children, or on as its parent led to it."""
    tails = heads.copy()
    for bone, parent in enumerate(parents):
        children = np.flatnonzero(parents == bone)
        if len(children):
            tails[bone] = heads[children].mean(0)
        if parent >= 0 and (not len(children) or np.allclose(tails[bone], heads[bone])):
            tails[bone] = heads[bone] + TIP * (heads[bone] - heads[parent])
        if np.allclose(tails[bone], heads[bone]):
            tails[bone] = heads[bone] + (0.0, 0.0, 1e-3 * max(float(np.ptp(heads)), 1e-9))
    return tails
