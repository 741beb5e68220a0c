"""The nodes that carry skinned meshes. glTF ignores where such a node stands, so it has to stand at the root."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence

from .asset import Asset
from .scene import MeshNode
from .tree import has_transform, roots

WEIGHTS_POINTER = "/nodes/{}/weights"


class SkinCarriers:
    """Gives meshes that are bound to bones the nodes and the meshes that they need."""

    def __init__(self, asset: Asset, nodes: Sequence[MeshNode]) -> None:
        self._asset = asset
        self._users = Counter(node["mesh"] for node in asset.entries("nodes") if "mesh" in node)
        count = len(asset.entries("scenes"))
        self._shown = [_below(asset, roots(asset, scene)) for scene in range(count)]

    def show(self, number: int, beside: Sequence[int], *, listed: bool) -> None:
        """Let every scene that shows one of the nodes `beside` show node `number`, too, where it is not below one."""
        for scene, shown in zip(self._asset.entries("scenes"), self._shown, strict=True):
            if listed and shown.intersection(beside):
                scene["nodes"].append(number)

    def own_mesh(self, item: MeshNode) -> dict:
        """The mesh of a node, a copy of it where other nodes show it too: they stand elsewhere among the bones."""
        node = self._asset.entries("nodes")[item.node.number]
        mesh = self._asset.entries("meshes")[node["mesh"]]
        if self._users[node["mesh"]] == 1:
            return mesh
        self._users[node["mesh"]] -= 1
        node["mesh"] = self._asset.append("meshes", copy.deepcopy(mesh))
        return self._asset.entries("meshes")[node["mesh"]]

    def bind(self, item: MeshNode, skin: int) -> None:
        """Give the mesh a skin: at its node if that is a root without a transform, else at a node of its own."""
        nodes, number = self._asset.entries("nodes"), item.node.number
        node = nodes[number]
        if not item.node.path and not has_transform(node):
            node["skin"] = skin
            return
        node.pop("skin", None)
        moved = {key: node.pop(key) for key in ("mesh", "weights") if key in node}
        carrier = self._asset.append("nodes", {"name": f"{item.name}_skinned", **moved, "skin": skin})
        self.show(carrier, [number], listed=True)
        self._retarget(number, carrier)

    def _retarget(self, number: int, carrier: int) -> None:
        """Animations of a node's morph targets follow its mesh."""
        old, new = WEIGHTS_POINTER.format(number), WEIGHTS_POINTER.format(carrier)
        for animation in self._asset.entries("animations"):
            for channel in animation["channels"]:
                target = channel["target"]
                if target.get("node") == number and target.get("path") == "weights":
                    target["node"] = carrier
                pointer = target.get("extensions", {}).get("KHR_animation_pointer", {})
                at = str(pointer.get("pointer", ""))
                if at == old or at.startswith(old + "/"):
                    pointer["pointer"] = new + at.removeprefix(old)


def _below(asset: Asset, starts: list[int]) -> set[int]:
    """All nodes at or below `starts`."""
    found, waiting = set[int](), list(starts)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(asset.entries("nodes")[number].get("children", []))
    return found
