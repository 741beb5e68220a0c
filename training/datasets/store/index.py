"""The small files of a dataset: its header, one index for each shard, and the mark of completion.

Each holds one line of JSON and below it the SHA-256 of that line, so that damage is noticed when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .errors import DamagedShardError, NotADatasetError, UnknownVersionError
from .files import write_whole
from .shards import Place

FORMAT = "bonewright dataset"
VERSION = 1
HEADER = "dataset.json"
COMPLETE = "complete.json"
SHARDS = "shards"

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True)
class Plan:
    """What a dataset is to hold, decided before the first item is made."""

    kind: str  # what its items are: "sdf", "rigs", ...
    names: tuple[str, ...]  # unique, in order
    recipe: Mapping[str, Json] = field(default_factory=dict)  # every option that changes a byte
    items_per_shard: int = 64

    @property
    def shard_count(self) -> int:
        """How many shards there will be."""
        return -(-len(self.names) // self.items_per_shard)

    def places(self, shard: int) -> range:
        """The numbers of the items of a shard."""
        return range(shard * self.items_per_shard, min((shard + 1) * self.items_per_shard, len(self.names)))


@dataclass(frozen=True)
class Header:
    """What is known of a dataset before its shards are looked at."""

    kind: str
    recipe: Mapping[str, Json]
    planned: int  # items, those that came to nothing included
    items_per_shard: int
    names_sha256: str  # of the planned names, each followed by a line feed
    version: int = VERSION


@dataclass(frozen=True)
class Stored:
    """One item in a shard's index."""

    name: str
    labels: Mapping[str, str]
    place: Place


@dataclass(frozen=True)
class Skipped:
    """An item that was planned and is not there."""

    name: str
    reason: str


@dataclass(frozen=True)
class ShardIndex:
    """What lies in a shard."""

    shard: int
    size: int  # bytes of the file
    sha256: str  # of the file
    header_crc32: int
    items: tuple[Stored, ...]
    skipped: tuple[Skipped, ...]


def header_of(plan: Plan) -> Header:
    """The header of a dataset that follows a plan."""
    names = hashlib.sha256("".join(f"{name}\n" for name in plan.names).encode()).hexdigest()
    recipe: dict[str, Json] = json.loads(json.dumps(dict(plan.recipe), sort_keys=True))
    return Header(plan.kind, recipe, len(plan.names), plan.items_per_shard, names)


def shard_path(folder: Path, shard: int) -> Path:
    """The file of a shard."""
    return folder / SHARDS / f"{shard:05d}.safetensors"


def index_path(folder: Path, shard: int) -> Path:
    """The file that tells what lies in a shard."""
    return folder / SHARDS / f"{shard:05d}.json"


def write_header(folder: Path, header: Header) -> None:
    """Write the dataset's first file."""
    write_whole(folder / HEADER, _sealed({"format": FORMAT, **asdict(header)}))


def read_header(folder: Path) -> Header:
    """The dataset's header; refuses what is none of ours or newer than this program."""
    path = folder / HEADER
    if not path.is_file():
        raise NotADatasetError(f"'{folder}' holds no dataset: there is no '{HEADER}' in it.")
    content = _opened(path)
    if content.get("format") != FORMAT:
        raise NotADatasetError(f"'{path}' does not describe a dataset of this program.")
    version = content.get("version")
    if version != VERSION:
        raise UnknownVersionError(
            f"'{folder}' has version {version} of the format; this program reads version {VERSION}. "
            "Use the program that wrote it, or build it again."
        )
    return Header(
        content["kind"],
        content["recipe"],
        content["planned"],
        content["items_per_shard"],
        content["names_sha256"],
    )


def write_index(folder: Path, index: ShardIndex) -> None:
    """Commit a shard: from now on it counts."""
    content = {
        "shard": index.shard,
        "size": index.size,
        "sha256": index.sha256,
        "header_crc32": index.header_crc32,
        "items": [
            [item.name, dict(sorted(item.labels.items())), item.place.begin, item.place.end, item.place.crc32]
            for item in index.items
        ],
        "skipped": [[item.name, item.reason] for item in index.skipped],
    }
    write_whole(index_path(folder, index.shard), _sealed(content))


def read_index(folder: Path, shard: int) -> ShardIndex:
    """What lies in a shard."""
    content = _opened(index_path(folder, shard))
    return ShardIndex(
        content["shard"],
        content["size"],
        content["sha256"],
        content["header_crc32"],
        tuple(Stored(name, labels, Place(begin, end, crc)) for name, labels, begin, end, crc in content["items"]),
        tuple(Skipped(name, reason) for name, reason in content["skipped"]),
    )


def write_complete(folder: Path, shard_count: int) -> None:
    """Say that nothing is missing."""
    write_whole(folder / COMPLETE, _sealed({"shards": shard_count}))


def _sealed(content: Mapping[str, object]) -> bytes:
    line = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n"


def _opened(path: Path) -> dict:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise DamagedShardError(f"'{path}' cannot be read: {problem}. Fetch a fresh copy or build again.") from problem
    line, _, seal = content.partition(b"\n")
    if hashlib.sha256(line).hexdigest().encode() != seal.strip():
        raise DamagedShardError(f"'{path}' is damaged. Delete it and run the same build again, or fetch a fresh copy.")
    return json.loads(line)
