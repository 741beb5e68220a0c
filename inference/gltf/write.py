"""Write .glb and .gltf files: all buffers become one, pictures beside the file come into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ..files import write_whole
from .asset import ALIGNMENT, Asset, reading
from .read import BINARY_CHUNK, CHUNK, HEADER, JSON_CHUNK, MAGIC
from .uris import file_of, is_data

_KINDS = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"\xabKTX 20", "image/ktx2"))
_WEBP = "image/webp"


@dataclass(frozen=True)
class Packed:
    """A document that is ready to be written, with its one buffer."""

    document: dict
    binary: bytes
    chunks: bytes  # of a GLB, beside those of the specification
    notes: tuple[str, ...]  # what is to be said about it


def write_glb(asset: Asset, path: Path, beside: Path | None = None) -> list[str]:
    """Write the document to `path`, whole or not at all (see files.write_whole). What is to be noted about it."""
    packed = pack(asset)
    write_packed(packed, path, beside)
    return list(packed.notes)


def pack(asset: Asset) -> Packed:
    """The document with everything in one buffer. The asset is used up."""
    with reading(asset.name):
        notes = tuple(_take_in_pictures(asset))
        return Packed(asset.document, _join_buffers(asset), asset.chunks, notes)


def write_packed(packed: Packed, path: Path, beside: Path | None = None) -> None:
    """Write to `path`, a .glb, or a .gltf with its buffer in a .bin of the same name: whole or not at all."""
    if path.suffix.lower() == ".gltf":
        _write_gltf(packed, path, beside)
        return
    text = _json(packed.document)
    text += b" " * (-len(text) % ALIGNMENT)
    pieces = [CHUNK.pack(len(text), JSON_CHUNK), text]
    if packed.binary:
        pieces += [CHUNK.pack(len(packed.binary), BINARY_CHUNK), packed.binary]
    pieces.append(packed.chunks)
    length = HEADER.size + sum(map(len, pieces))
    write_whole(path, HEADER.pack(MAGIC, 2, length), *pieces, beside=beside)


def buffer_of(path: Path) -> Path:
    """Where the buffer of a .gltf goes."""
    return path.with_suffix(".bin")


def _write_gltf(packed: Packed, path: Path, beside: Path | None) -> None:
    """The .gltf is there only while its .bin is the one that it was made with."""
    document = packed.document
    if packed.binary:
        buffer = {**document["buffers"][0], "uri": quote(buffer_of(path).name)}
        document = {**document, "buffers": [buffer, *document["buffers"][1:]]}
        path.unlink(missing_ok=True)
        write_whole(buffer_of(path), packed.binary, beside=beside and buffer_of(beside))
    write_whole(path, _json(document), beside=beside)


def _json(document: dict) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _join_buffers(asset: Asset) -> bytes:
    """All buffers one after another, each where its views then look for it; the first keeps its place."""
    joined, starts = bytearray(), []
    for content in (*asset.buffers, bytes(asset.added)):
        joined.extend(bytes(-len(joined) % ALIGNMENT))
        starts.append(len(joined))
        joined.extend(content or b"")
    for view in asset.entries("bufferViews"):
        for holder in (view, *(e for e in view.get("extensions", {}).values() if "buffer" in e)):
            start = starts[holder["buffer"]]
            holder["buffer"] = 0
            if start or "byteOffset" in holder:
                holder["byteOffset"] = holder.get("byteOffset", 0) + start
    if joined:
        first = dict(asset.entries("buffers")[0]) if asset.buffers else {}
        first.pop("uri", None)
        asset.document["buffers"] = [{**first, "byteLength": len(joined)}]
    joined.extend(bytes(-len(joined) % ALIGNMENT))
    return bytes(joined)


def _take_in_pictures(asset: Asset) -> Iterator[str]:
    """Pictures that lie beside the file become part of it; yields a word about each that cannot."""
    for image in asset.entries("images"):
        uri = image.get("uri")
        if uri is None or is_data(uri):
            continue
        path = file_of(uri, asset.folder)
        content = path.read_bytes() if path is not None and path.is_file() else b""
        kind = _kind(content) or image.get("mimeType")
        if not content or kind is None:
            yield f"The picture '{uri[:200]}' is not beside the file; the result refers to it as the input did."
            continue
        del image["uri"]
        image.update(bufferView=asset.append_view(content), mimeType=kind)


def _kind(content: bytes) -> str | None:
    """What the first bytes say a picture is."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _WEBP
    return next((kind for start, kind in _KINDS if content.startswith(start)), None)
