"""One shard: a safetensors file that holds the arrays of several items one after the other.

The arrays of an item lie together, the widest types first, and every item begins at a multiple of eight bytes, so that
each array can be used where it lies in the mapped file. Where an item's bytes do not fill the last eight, an array
named `~` does.
"""

from __future__ import annotations

import json
import mmap
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .errors import BadItemError, DamagedShardError

TYPES = {
    "BOOL": np.dtype("?"),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F64": np.dtype("<f8"),
}
CODES = {kind: code for code, kind in TYPES.items()}
ALIGNED = 8  # bytes
FILLER = "~"  # name of the array that fills an item up to a multiple of eight bytes
_ARRAY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


@dataclass(frozen=True)
class Item:
    """What is stored under one name."""

    name: str
    arrays: Mapping[str, np.ndarray]
    labels: Mapping[str, str] = field(default_factory=dict)  # short words to choose items by: family, split, ...


@dataclass(frozen=True)
class Place:
    """Where an item lies in its shard."""

    begin: int  # bytes from the start of the data
    end: int
    crc32: int


@dataclass(frozen=True)
class _Array:
    kind: np.dtype
    shape: tuple[int, ...]
    begin: int
    end: int


def encode(items: Sequence[Item], about: Mapping[str, str]) -> tuple[bytes, list[Place], int]:
    """The bytes of a shard, where each item lies in it, and the checksum of its header."""
    header: dict[str, object] = {"__metadata__": dict(about)}
    blocks: list[bytes] = []
    places: list[Place] = []
    start = 0
    for item in items:
        check_name(item.name)
        begin, crc = start, 0
        for name, array in _in_order(item):
            block = array.tobytes()
            header[f"{item.name}/{name}"] = {
                "dtype": CODES[array.dtype],
                "shape": list(array.shape),
                "data_offsets": [start, start + len(block)],
            }
            start += len(block)
            crc = zlib.crc32(block, crc)
            blocks.append(block)
        places.append(Place(begin, start, crc))
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    head += b" " * (-len(head) % ALIGNED)
    return b"".join([len(head).to_bytes(8, "little"), head, *blocks]), places, zlib.crc32(head)


def check_name(name: str) -> None:
    """Refuse what could not be read back or not be typed."""
    if not name or not name.isprintable() or name != name.strip() or name == "__metadata__":
        raise BadItemError(f"{name!r} cannot be the name of an item: use printable characters without spaces at ends.")


def _in_order(item: Item) -> list[tuple[str, np.ndarray]]:
    """The arrays as they are written, the filler last."""
    if not item.arrays:
        raise BadItemError(f"Item '{item.name}' has no arrays.")
    made: list[tuple[str, np.ndarray]] = []
    for name, given in item.arrays.items():
        array = np.asarray(given, order="C")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if not _ARRAY_NAME.fullmatch(name):
            raise BadItemError(f"Item '{item.name}': {name!r} cannot be the name of an array.")
        if array.dtype not in CODES:
            raise BadItemError(f"Item '{item.name}': array '{name}' holds {array.dtype}, which cannot be stored.")
        made.append((name, array))
    made.sort(key=lambda pair: (-pair[1].itemsize, pair[0]))
    size = sum(array.nbytes for _, array in made)
    if size % ALIGNED:
        made.append((FILLER, np.zeros(-size % ALIGNED, np.uint8)))
    return made


class Shard:
    """A shard on disk, mapped into memory: only what is looked at is read."""

    def __init__(self, path: Path, size: int, header_crc32: int) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as problem:
            raise DamagedShardError(f"Shard '{path}' cannot be opened: {problem}. {REMEDY}") from problem
        if len(self._bytes) != size:
            raise DamagedShardError(f"Shard '{path}' has {len(self._bytes)} bytes instead of {size}. {REMEDY}")
        length = int.from_bytes(self._bytes[:8], "little")
        head = self._bytes[8 : 8 + min(length, size)]
        if zlib.crc32(head) != header_crc32:
            raise DamagedShardError(f"The header of shard '{path}' is damaged. {REMEDY}")
        self._start = 8 + length
        self._items: dict[str, dict[str, _Array]] = {}
        for key, entry in json.loads(head).items():
            if key == "__metadata__":
                continue
            item, _, name = key.rpartition("/")
            begin, end = entry["data_offsets"]
            array = _Array(TYPES[entry["dtype"]], tuple(entry["shape"]), begin, end)
            self._items.setdefault(item, {})[name] = array

    def arrays(self, item: str) -> dict[str, np.ndarray]:
        """Read-only views into the file, by name."""
        return {
            name: np.ndarray(array.shape, array.kind, self._bytes, self._start + array.begin)
            if array.end > array.begin
            else np.zeros(array.shape, array.kind)
            for name, array in self._items[item].items()
            if name != FILLER
        }

    def is_sound(self, place: Place) -> bool:
        """Whether the bytes of an item are those that were written."""
        with memoryview(self._bytes) as every:
            return zlib.crc32(every[self._start + place.begin : self._start + place.end]) == place.crc32


REMEDY = "Delete the shard's two files and run the same build again, or fetch a fresh copy."
