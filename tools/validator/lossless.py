"""What a rigged glTF file has lost of its input: nothing, if all is well. Reads files by itself, as a judge should."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path

Json = dict | list | str | int | float | bool | None
_MOVED = ("mesh", "weights", "skin")  # what a node may hand to one at the root, where skinned meshes have to be
_SKIN = re.compile(r"(JOINTS|WEIGHTS)_\d+")


def split_glb(path: Path) -> tuple[dict, bytes]:
    """The JSON and the binary chunk of a GLB."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + length]), content[28 + length :]


def losses(source: Path, result: Path, *, replaced: bool = False) -> list[str]:
    """Each thing of the GLB `source` that is not, or not as it was, in the GLB `result`; skins may be `replaced`."""
    (before, held), (after, holds) = split_glb(source), split_glb(result)
    length = before["buffers"][0]["byteLength"] if before.get("buffers") else 0
    lost = [] if held[:length] == holds[:length] else ["bytes of the buffer"]
    if replaced:
        before.pop("skins", None)
    return [*lost, *_lost(before, after, ())]


def _lost(before: Json, after: Json, at: tuple[str | int, ...]) -> Iterator[str]:
    """Where `after` lacks something of `before`: keys in their order, list entries in their places."""
    if isinstance(before, dict) and isinstance(after, dict):
        kept = [key for key in before if not _may_go(at, key, before)]
        if [key for key in after if key in kept] != kept:
            yield f"{_pointer(at)}: keys {list(before)}"
        for key in kept:
            if key in after and (*at, key) != ("buffers", 0, "byteLength"):
                yield from _lost(before[key], after[key], (*at, key))
    elif isinstance(before, list) and isinstance(after, list):
        if len(after) < len(before) or (len(after) > len(before) and not _may_grow(at)):
            yield f"{_pointer(at)}: {len(after)} entries instead of {len(before)}"
        for number, (old, new) in enumerate(zip(before, after, strict=False)):
            yield from _lost(old, new, (*at, number))
    elif before != after or type(before) is not type(after):
        yield f"{_pointer(at)}: {before}"


def _may_go(at: tuple[str | int, ...], key: str, entry: dict) -> bool:
    """What a rig may take away: where a node's mesh was, whom its morphs hear, the attributes of a rig it replaces."""
    if len(at) == 2 and at[0] == "nodes":
        return key in _MOVED
    if len(at) == 5 and at[0] == "animations":
        return key == "node" and entry.get("path") == "weights"
    return len(at) == 5 and at[-1] == "attributes" and _SKIN.fullmatch(key) is not None


def _may_grow(at: tuple[str | int, ...]) -> bool:
    """Lists that a rig may add to: those of the document, the nodes of a scene, the children of a node."""
    return len(at) == 1 or (len(at) == 3 and (at[0], at[2]) in (("scenes", "nodes"), ("nodes", "children")))


def _pointer(at: tuple[str | int, ...]) -> str:
    return "/" + "/".join(map(str, at))
