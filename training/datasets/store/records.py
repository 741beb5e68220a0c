"""What an item holds, as typed records, and the named arrays they are written as.

A record's arrays are named `prefix.field`; the prefix is the record's own unless another is given, so that one item
can hold several records of a kind ("volume64", "volume256"). Numbers, texts and lists of names are written together as
JSON in the array `prefix.about`. Arrays that are None are not written.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar, get_type_hints

import numpy as np

from inference.anatomy import Armature, MedialSpheres, Mesh, SkinWeights
from inference.files import write_whole

from .errors import BadRecordError
from .plan import Plan
from .reading import Dataset
from .shards import Item, encode

ABOUT = "about"  # the array of all that is no array


@dataclass(frozen=True)
class Array:
    """How a field is written: the type of its numbers, and sizes; equal letters stand for equal sizes in a record."""

    kind: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True)
class Record:
    """A dataclass that is written under a prefix."""

    PREFIX: ClassVar[str]


Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True)
class Frame(Record):
    """Where the shape was before it was normalised: source = centre + scale x stored."""

    PREFIX: ClassVar[str] = "frame"
    centre: Annotated[np.ndarray, Array("<f8", (3,))]
    scale: float


@dataclass(frozen=True)
class SurfacePoints(Record):
    """Points on a surface with its outward normals."""

    PREFIX: ClassVar[str] = "surface"
    points: Annotated[np.ndarray, Array("<f4", ("N", 3))]
    normals: Annotated[np.ndarray, Array("<f4", ("N", 3))]


@dataclass(frozen=True)
class Spheres(Record):
    """Medial spheres."""

    PREFIX: ClassVar[str] = "spheres"
    centres: Annotated[np.ndarray, Array("<f4", ("S", 3))]
    radii: Annotated[np.ndarray, Array("<f4", ("S",))]
    sheet: Annotated[np.ndarray, Array("?", ("S",))]  # sheet-like rather than tube-like

    @staticmethod
    def of(noun: MedialSpheres) -> Spheres:
        """From the noun."""
        return Spheres(noun.centres, noun.radii, noun.sheet)

    def noun(self) -> MedialSpheres:
        """As the noun."""
        return MedialSpheres(self.centres.astype(float), self.radii.astype(float), self.sheet)


@dataclass(frozen=True)
class SkeletonPoints(Record):
    """Points on a meso-skeleton: on its curves and on its sheets."""

    PREFIX: ClassVar[str] = "skeleton"
    points: Annotated[np.ndarray, Array("<f4", ("N", 3))]
    radii: Annotated[np.ndarray, Array("<f4", ("N",))]  # distance to the surface
    sheet: Annotated[np.ndarray, Array("?", ("N",))]


@dataclass(frozen=True)
class Volume(Record):
    """A cube of cells that are full or empty, packed.

    Cell (x, y, z) is bit 7 - i % 8 of byte i // 8 for i = (x R + y) R + z. Cell x reaches from
    low + x size / R to low + (x + 1) size / R.
    """

    PREFIX: ClassVar[str] = "volume"
    bits: Annotated[np.ndarray, Array("u1", ("B",))]
    resolution: int
    low: float = -0.5  # lowest coordinate, the same on every axis
    size: float = 1.0  # side of the cube

    @staticmethod
    def of(cells: np.ndarray, low: float = -0.5, size: float = 1.0) -> Volume:
        """From cells (R, R, R) bool."""
        return Volume(np.packbits(cells, axis=None), len(cells), low, size)

    def dense(self) -> np.ndarray:
        """The cells, (R, R, R) bool."""
        r = self.resolution
        return np.unpackbits(self.bits, count=r**3).view(bool).reshape(r, r, r)


@dataclass(frozen=True)
class SdfVolume(Record):
    """Signed distances at the middles of a cube's cells, positive inside; cells lie as in `Volume`."""

    PREFIX: ClassVar[str] = "sdf_volume"
    values: Annotated[
        np.ndarray, Array("<f2", ("R", "R", "R"))
    ]  # half precision: off by at most 0.0005 of the distance
    low: float = -1.1
    size: float = 2.2


@dataclass(frozen=True)
class SdfSamples(Record):
    """Signed distances at points, positive inside."""

    PREFIX: ClassVar[str] = "sdf"
    points: Annotated[np.ndarray, Array("<f4", ("N", 3))]
    distances: Annotated[np.ndarray, Array("<f4", ("N",))]


@dataclass(frozen=True)
class MeshRecord(Record):
    """A triangle mesh."""

    PREFIX: ClassVar[str] = "mesh"
    vertices: Annotated[np.ndarray, Array("<f4", ("V", 3))]
    triangles: Annotated[np.ndarray, Array("<i4", ("F", 3))]

    @staticmethod
    def of(noun: Mesh) -> MeshRecord:
        """From the noun."""
        return MeshRecord(noun.vertices, noun.triangles)

    def noun(self) -> Mesh:
        """As the noun."""
        return Mesh(self.vertices.astype(float), np.asarray(self.triangles))


@dataclass(frozen=True)
class RigRecord(Record):
    """A mesh's bones and skin weights. Parents come before their children."""

    PREFIX: ClassVar[str] = "rig"
    heads: Annotated[np.ndarray, Array("<f4", ("J", 3))]  # the joints
    tails: Annotated[np.ndarray, Array("<f4", ("J", 3))]
    rolls: Annotated[np.ndarray, Array("<f4", ("J",))]
    parents: Annotated[np.ndarray, Array("<i4", ("J",))]  # -1 for a root
    connected: Annotated[np.ndarray, Array("?", ("J",))]
    deform: Annotated[np.ndarray, Array("?", ("J",))]
    bones: Annotated[np.ndarray, Array("<u2", ("V", "K"))]  # heaviest first
    weights: Annotated[np.ndarray, Array("<f4", ("V", "K"))]  # 0 where a place is not used
    names: tuple[str, ...]
    kind: str

    @staticmethod
    def of(armature: Armature, skin: SkinWeights) -> RigRecord:
        """From the nouns."""
        return RigRecord(
            armature.heads,
            armature.tails,
            armature.rolls,
            armature.parents,
            armature.connected,
            armature.deform,
            skin.bones,
            skin.weights,
            armature.names,
            armature.kind,
        )

    def nouns(self) -> tuple[Armature, SkinWeights]:
        """As the nouns; the flesh around the bones is not stored and comes back as 0."""
        count = len(self.names)
        armature = Armature(
            self.names,
            np.asarray(self.parents),
            self.heads.astype(float),
            self.tails.astype(float),
            self.rolls.astype(float),
            self.connected,
            np.ones(count),
            self.deform,
            np.zeros((count, 2)),
            self.kind,
        )
        return armature, SkinWeights(self.bones.astype(np.int32), np.asarray(self.weights))


def write_record(record: Record, prefix: str | None = None) -> dict[str, np.ndarray]:
    """The named arrays of a record, in the types they are stored in."""
    made: dict[str, np.ndarray] = {}
    said: dict[str, object] = {}
    sizes: dict[str, int] = {}
    for field, stored in _fields(type(record)).items():
        name, value = f"{prefix or record.PREFIX}.{field}", getattr(record, field)
        if stored is None:
            said[field] = value
        elif value is not None:
            made[name] = _cast(name, np.asarray(value), np.dtype(stored.kind))
            _check(name, made[name].shape, stored, sizes)
    if said:
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        made[f"{prefix or record.PREFIX}.{ABOUT}"] = np.frombuffer(text.encode(), np.uint8)
    return made


def read_record(kind: type[Kind], item: Item, prefix: str | None = None) -> Kind:
    """A record of an item; arrays stay views into the dataset's file."""
    about = item.arrays.get(f"{prefix or kind.PREFIX}.{ABOUT}")
    values: dict[str, object] = {}
    if about is not None:
        said: dict[str, object] = json.loads(about.tobytes())
        values = {f: tuple(v) if isinstance(v, list) else v for f, v in said.items() if f in _fields(kind)}
    sizes: dict[str, int] = {}
    for field, stored in _fields(kind).items():
        name = f"{prefix or kind.PREFIX}.{field}"
        found = item.arrays.get(name)
        if stored is not None and found is not None:
            _check(f"{item.name}/{name}", found.shape, stored, sizes)
            values[field] = found
        elif field not in values and not hasattr(kind, field):
            raise BadRecordError(f"Item '{item.name}' has no '{name}', so it holds no {kind.__name__} there.")
    return kind(**values)


def holds(item: Item, kind: type[Record], prefix: str | None = None) -> bool:
    """Whether an item has a record of this kind."""
    return any(name.startswith(f"{prefix or kind.PREFIX}.") for name in item.arrays)


def read_all(kind: type[Kind], path: Path, prefix: str | None = None) -> Iterator[tuple[str, Kind]]:
    """The records of a dataset by the names of their items; those of items that have none are left out."""
    for item in Dataset(path):
        if holds(item, kind, prefix):
            yield item.name, read_record(kind, item, prefix)


def write_file(path: Path, kind: str, records: Mapping[str, Record]) -> None:
    """Records by the names of their items, in one file."""
    plan = Plan(kind, tuple(records)).in_one_shard
    items = [Item(name, write_record(record)) for name, record in records.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, encode(plan.header, 0, items))


@cache
def _fields(kind: type[Record]) -> dict[str, Array | None]:
    """How each field is written where it is an array."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        field.name: next(iter(getattr(hints[field.name], "__metadata__", ())), None)
        for field in dataclasses.fields(kind)
    }


def _cast(name: str, found: np.ndarray, kind: np.dtype) -> np.ndarray:
    stored = found.astype(kind)
    if kind.kind in "iu" and not np.array_equal(stored, found):
        raise BadRecordError(f"Array '{name}' has values that {kind} cannot hold.")
    return stored


def _check(name: str, found: tuple[int, ...], stored: Array, sizes: dict[str, int]) -> None:
    fits = len(found) == len(stored.shape) and all(
        size == (sizes.setdefault(want, size) if isinstance(want, str) else want)
        for size, want in zip(found, stored.shape, strict=True)
    )
    if not fits:
        known = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
        wanted = ", ".join(str(size) for size in stored.shape)
        raise BadRecordError(f"Array '{name}' has the shape {found}, not ({wanted}){known and ' with ' + known}.")
