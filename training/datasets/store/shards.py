"""One file of a dataset: a safetensors file that holds the arrays of several items one after the other.

The arrays of an item lie together, the widest types first, and every item begins at a multiple of eight bytes, so that
each array can be used where it lies in the mapped file. Where an item's bytes do not fill the last eight, an array
named `~` does. The file's metadata say what the dataset is, which items are here, where, and what is missing why.
"""

from __future__ import annotations

import json
import mmap
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .errors import BadItemError, DamagedShardError, NotADatasetError, UnknownVersionError
from .plan import Header

FORMAT = "bonewright dataset"
VERSION = 2
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
LEAD = b'{"__metadata__":{"crc32":"'  # how the header begins; then comes its checksum, taken with UNKNOWN there
UNKNOWN = b"00000000"
REMEDY = "Delete the file and run the same build again, or fetch a fresh copy."
_ARRAY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


@dataclass(frozen=True)
class Item:
    """What is stored under one name."""

    name: str
    arrays: Mapping[str, np.ndarray]
    labels: Mapping[str, str] = field(default_factory=dict)  # short words to choose items by: family, split, ...


@dataclass(frozen=True)
class Skipped:
    """An item that was planned and is not there."""

    name: str
    reason: str


class Stored(NamedTuple):
    """Where an item lies in its shard."""

    name: str
    labels: Mapping[str, str]
    begin: int  # bytes from the start of the data
    end: int
    crc32: int


@dataclass(frozen=True)
class Content:
    """What a shard says of itself."""

    header: Header
    shard: int
    items: tuple[Stored, ...]
    skipped: tuple[Skipped, ...]


def encode(header: Header, shard: int, results: Sequence[Item | Skipped]) -> bytes:
    """The bytes of a shard."""
    tensors: dict[str, dict[str, str | list[int]]] = {}
    blocks: list[bytes] = []
    stored: list[Stored] = []
    start = 0
    for item in results:
        if isinstance(item, Skipped):
            continue
        check_name(item.name)
        begin, crc = start, 0
        for name, array in _in_order(item):
            block = array.tobytes()
            tensors[f"{item.name}/{name}"] = {
                "dtype": CODES[array.dtype],
                "shape": list(array.shape),
                "data_offsets": [start, start + len(block)],
            }
            start += len(block)
            crc = zlib.crc32(block, crc)
            blocks.append(block)
        stored.append(Stored(item.name, dict(sorted(item.labels.items())), begin, start, crc))
    skipped = [[result.name, result.reason] for result in results if isinstance(result, Skipped)]
    about = {
        "format": FORMAT,
        "version": VERSION,
        "shard": shard,
        **asdict(header),
        "items": stored,
        "skipped": skipped,
    }
    metadata = {"crc32": UNKNOWN.decode(), "about": _json(about)}
    head = _json({"__metadata__": metadata, **tensors}).encode()
    head += b" " * (-len(head) % ALIGNED)
    head = head.replace(UNKNOWN, b"%08x" % zlib.crc32(head), 1)
    return b"".join([len(head).to_bytes(8, "little"), head, *blocks])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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


def read_content(path: Path) -> Content:
    """What lies in a shard, by its header alone."""
    head, size = _read_head(path)
    metadata, _ = json.JSONDecoder().raw_decode(head.decode(), len('{"__metadata__":'))
    about = json.loads(metadata["about"])
    if about["format"] != FORMAT or about["version"] != VERSION:
        raise UnknownVersionError(
            f"'{path}' has version {about['version']} of the format; this program reads version {VERSION}. "
            "Use the program that wrote it, or build it again."
        )
    header = Header(*(about[name] for name in Header.__dataclass_fields__))
    items = tuple(Stored(*entry) for entry in about["items"])
    whole = 8 + len(head) + (items[-1].end if items else 0)
    if size != whole:
        raise DamagedShardError(f"'{path}' has {size} bytes instead of {whole}. {REMEDY}")
    return Content(header, about["shard"], items, tuple(Skipped(*entry) for entry in about["skipped"]))


def _read_head(path: Path) -> tuple[bytes, int]:
    """The header, whose checksum is right, and the size of the file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(min(int.from_bytes(file.read(8), "little"), size))
    except OSError as problem:
        raise DamagedShardError(f"'{path}' cannot be opened: {problem}. {REMEDY}") from problem
    if not head.startswith(LEAD):
        raise NotADatasetError(f"'{path}' is no dataset, an older one, or damaged. Delete it and build it again.")
    told, rest = head[len(LEAD) : len(LEAD) + len(UNKNOWN)], head[len(LEAD) + len(UNKNOWN) :]
    if b"%08x" % zlib.crc32(LEAD + UNKNOWN + rest) != told:
        raise DamagedShardError(f"The header of '{path}' is damaged. {REMEDY}")
    return head, size


class Shard:
    """The items of a shard, mapped into memory: only what is looked at is read."""

    def __init__(self, path: Path) -> None:
        head, _ = _read_head(path)
        self.path, self._start = path, 8 + len(head)
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # Of each item its arrays' names, types, shapes, and where they begin.
        self._places: dict[str, list[tuple[str, np.dtype, list[int], int]]] = {}
        for key, entry in json.loads(head).items():
            if key != "__metadata__":
                item, _, name = key.rpartition("/")
                place = self._start + entry["data_offsets"][0]
                self._places.setdefault(item, []).append((name, TYPES[entry["dtype"]], entry["shape"], place))

    def arrays(self, item: str) -> dict[str, np.ndarray]:
        """Read-only views into the file, by name."""
        return {
            name: np.ndarray(shape, kind, self._bytes, place) if 0 not in shape else np.zeros(shape, kind)
            for name, kind, shape, place in self._places[item]
            if name != FILLER
        }

    def is_sound(self, place: Stored) -> bool:
        """Whether the bytes of an item are those that were written."""
        with memoryview(self._bytes) as every:
            return zlib.crc32(every[self._start + place.begin : self._start + place.end]) == place.crc32
