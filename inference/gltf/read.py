"""Open .glb and .gltf files."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import IO

from ..errors import FileError
from .asset import Asset, reading
from .uris import bytes_of

MAGIC, JSON_CHUNK, BINARY_CHUNK = b"glTF", 0x4E4F534A, 0x004E4942
HEADER = struct.Struct("<4sII")  # magic, version, length of the whole
CHUNK = struct.Struct("<II")  # length, type


def read_asset(path: Path) -> Asset:
    """A file and the buffers it refers to. Raises FileError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"'{path.name}' cannot be read: {error.strerror}. Check the path.") from error
    return parse_asset(content, path.name, path.absolute().parent)


def parse_asset(content: bytes, name: str, folder: Path) -> Asset:
    """The same from the bytes of a file; its URIs start in `folder`."""
    if not content:
        raise FileError(f"'{name}' is empty. Export it again.")
    with reading(name):
        text, binary, chunks = _chunks(content) if content.startswith(MAGIC) else (content, None, b"")
        document = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
        if not str(document["asset"]["version"]).startswith("2."):
            raise FileError(f"'{name}' is glTF {document['asset']['version']}. Convert it to glTF 2.0.")
        buffers = [
            _buffer(entry, binary if number == 0 else None, folder, name)
            for number, entry in enumerate(document.get("buffers", []))
        ]
        return Asset(name, folder, document, buffers, chunks)


def referenced_uris(file: IO[bytes]) -> list[str]:
    """The URIs of buffers and pictures of an open file, of which no more than its JSON is read."""
    text = file.read(HEADER.size)
    if text.startswith(MAGIC):
        size, _ = CHUNK.unpack(file.read(CHUNK.size))
        text = file.read(size)
    else:
        text += file.read()
    document = json.loads(text.decode("utf-8-sig"))
    entries = [*document.get("buffers", []), *document.get("images", [])]
    return [str(entry["uri"]) for entry in entries if "uri" in entry]


def _chunks(content: bytes) -> tuple[bytes, bytes | None, bytes]:
    """JSON, binary chunk and whatever chunks follow, of a GLB."""
    _, version, length = HEADER.unpack_from(content)
    if version != 2:
        raise ValueError(f"container version {version}")
    if length > len(content):
        raise ValueError(f"{len(content)} of {length} bytes")
    found: list[tuple[int, bytes, int]] = []  # type, content, where the chunk ends
    place = HEADER.size
    while place + CHUNK.size <= length:
        size, kind = CHUNK.unpack_from(content, place)
        start, place = place + CHUNK.size, place + CHUNK.size + size
        if place > length:
            raise ValueError("a chunk that ends after the file")
        found.append((kind, content[start:place], place))
    if not found or found[0][0] != JSON_CHUNK:
        raise ValueError("no JSON chunk")
    has_binary = len(found) > 1 and found[1][0] == BINARY_CHUNK
    return found[0][1], found[1][1] if has_binary else None, content[found[1 if has_binary else 0][2] : length]


def _buffer(entry: dict, binary: bytes | None, folder: Path, name: str) -> bytes | None:
    length = int(entry["byteLength"])
    content = bytes_of(entry["uri"], folder, name) if "uri" in entry else binary
    if content is None:
        return None
    if not 0 < length <= len(content):
        raise ValueError(f"a buffer of {length} bytes that holds {len(content)}")
    return content[:length]


def _refuse(word: str) -> float:
    raise ValueError(f"the number {word}")
