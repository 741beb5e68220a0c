"""A glTF file in memory: its JSON as it was written, and the bytes beside it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import FileError

BROKEN = (  # what goes wrong over a document that breaks the rules
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
ALIGNMENT = 4  # bytes that every part of a buffer starts at a multiple of


@dataclass
class Asset:
    """The document and its buffers. What is added goes into `added`, a further buffer, until the file is written."""

    name: str  # of the file, for messages
    folder: Path  # where its URIs start; nothing outside of it is read
    document: dict  # the JSON, its keys in their order
    buffers: list[bytes | None]  # of document["buffers"]; None where the file has no bytes for one
    chunks: bytes = b""  # of a GLB, after those of the specification
    added: bytearray = field(default_factory=bytearray)

    def entries(self, key: str) -> list[dict]:
        """The document's list called `key`; empty where it has none."""
        return self.document.get(key, [])

    def append(self, key: str, entry: dict) -> int:
        """Add an entry to the list called `key`, which is made if missing. Its number."""
        entries = self.document.setdefault(key, [])
        entries.append(entry)
        return len(entries) - 1

    def append_view(self, content: bytes, **more: object) -> int:
        """Add bytes as a buffer view of the further buffer. Its number."""
        self.added.extend(bytes(-len(self.added) % ALIGNMENT))
        place = {"buffer": len(self.buffers), "byteOffset": len(self.added), "byteLength": len(content)}
        self.added.extend(content)
        return self.append("bufferViews", {**place, **more})


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what goes wrong over a document that breaks the rules of glTF into an error about the file `name`."""
    try:
        yield
    except BROKEN as error:
        said = f"{type(error).__name__} {error}".strip()
        raise FileError(f"'{name}' is damaged or no glTF 2.0 ({said}). Export it again.") from error
