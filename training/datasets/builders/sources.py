"""Where shapes come from: mesh files, a library of them, generators, or a reader of a public data set.

All can be sent to other processes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from inference.anatomy import Mesh
from training.datasets.readers import FORMATS
from training.datasets.readers.common import Frame as FileFrame
from training.datasets.readers.common import Item as Listed
from training.datasets.readers.common import Skipped as NotListed
from training.datasets.readers.mesh_files import MESH_ENDINGS, read_mesh_file
from training.datasets.rigged_glb import (
    LIBRARY,
    Listing,
    NotSkinnedError,
    RiggedAsset,
    list_assets,
    read_mesh,
    read_rigged,
)
from training.datasets.store.errors import DatasetError, SkippedError
from training.shapes.shape import Generator, KnownShape

from .rigs import RIG_FILE, Rigged, as_asset, of_asset, read_rig

ENDINGS = (*MESH_ENDINGS, RIG_FILE)
Y_UP = FileFrame((0, 1, 0), (0, 0, 1), "assumed")
ONLY_GENERATORS = "only generators know the truth about their shapes"
Z_UP = FileFrame((0, 0, 1), (0, -1, 0), "assumed")


class NoInputError(DatasetError):
    """Nothing was found where the shapes should come from."""


@dataclass(frozen=True)
class Files:
    """Mesh files, and all of those in folders; a folder's SOURCES.csv tells kinds and splits."""

    inputs: tuple[Path, ...]
    up: Literal["y", "z"] = "z"  # in files other than GLB

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A file's path below the folder that was given; its own name when the file itself was."""
        return tuple(self._paths)

    @cached_property
    def _paths(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for given in self.inputs:
            if not given.exists():
                raise NoInputError(f"'{given}' does not exist.")
            several = len(self.inputs) > 1 and given.is_dir()
            for path in sorted(given.rglob("*")) if given.is_dir() else [given]:
                if path.is_file() and path.name.lower().endswith(ENDINGS):
                    below = path.relative_to(given).as_posix() if given.is_dir() else path.name
                    name = f"{given.name}/{below}" if several else below
                    if name in found:
                        raise NoInputError(f"'{path}' and '{found[name]}' would both be named '{name}'.")
                    found[name] = path
        if not found:
            raise NoInputError(f"There is no mesh file ({', '.join(ENDINGS)}) in what was given.")
        return found

    @cached_property
    def _labels(self) -> dict[Path, dict[str, str]]:
        tables = [given for given in self.inputs if (given / "SOURCES.csv").exists()]
        listed = [item for folder in tables for item in list_assets(folder, rigged=None)]
        return {item.path: {"kind": item.kind, "split": item.split} for item in listed}

    def labels(self, name: str) -> dict[str, str]:
        """Kind and split where a table tells."""
        return self._labels.get(self._paths[name], {})

    def mesh(self, name: str) -> Mesh:
        """In this project's frame; GLB files have Y up by their standard."""
        path = self._paths[name]
        if path.name.endswith(RIG_FILE):
            return read_rig(path)[0]
        if path.suffix.lower() == ".glb":
            return _mesh_of_glb(path)
        return read_mesh_file(path, Y_UP if self.up == "y" else Z_UP)

    def rig(self, name: str) -> Rigged:
        """Of a skinned file."""
        mesh, armature, skin = read_rig(self._paths[name])
        return mesh, replace(armature, kind=self.labels(name).get("kind", armature.kind)), skin

    def asset(self, name: str) -> RiggedAsset:
        """The joints of a skinned file."""
        labels = {"kind": "unknown", "split": "train", **self.labels(name)}
        path = self._paths[name]
        if path.name.endswith(RIG_FILE):
            return as_asset(name, labels["kind"], labels["split"], read_rig(path))
        if path.suffix.lower() != ".glb":
            raise SkippedError("a file of this kind has no bones")
        return replace(read_rigged(Listing(path, labels["kind"], labels["split"], rigged=True)), name=name)

    def known(self, name: str) -> KnownShape:
        """Files know no truth."""
        raise SkippedError(ONLY_GENERATORS)


@dataclass(frozen=True)
class Library:
    """The GLB files that a folder's SOURCES.csv lists, by their names without ending."""

    folder: Path = LIBRARY
    rigged: bool | None = True  # None: static models too

    @cached_property
    def _listed(self) -> dict[str, Listing]:
        return {item.name: item for item in list_assets(self.folder, rigged=self.rigged)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """In the order of their paths."""
        if not self._listed:
            raise NoInputError(f"'{self.folder}' lists no model.")
        return tuple(self._listed)

    def listing(self, name: str) -> Listing:
        """Its line of the table."""
        return self._listed[name]

    def labels(self, name: str) -> dict[str, str]:
        """Kind and split."""
        return {"kind": self.listing(name).kind, "split": self.listing(name).split}

    def mesh(self, name: str) -> Mesh:
        """Rigged or not."""
        return read_mesh(self.listing(name).path)

    def rig(self, name: str) -> Rigged:
        """Of a skinned file."""
        return of_asset(self.asset(name))

    def asset(self, name: str) -> RiggedAsset:
        """The joints of a skinned file."""
        return read_rigged(self.listing(name))

    def known(self, name: str) -> KnownShape:
        """Files know no truth."""
        raise SkippedError(ONLY_GENERATORS)


@dataclass(frozen=True)
class Generated:
    """Shapes of some families for some seeds."""

    families: tuple[str, ...]
    seeds: Sequence[int]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """family/seed, family by family."""
        return tuple(f"{family}/{seed:06d}" for family in self.families for seed in self.seeds)

    def labels(self, name: str) -> dict[str, str]:
        """The family."""
        return {"family": name.rpartition("/")[0]}

    def mesh(self, name: str) -> Mesh:
        """As generated: the unit frame."""
        return self.known(name).mesh

    def rig(self, name: str) -> Rigged:
        """Of a family that has rigs."""
        shape = self.known(name)
        if shape.rig is None:
            raise SkippedError(f"family '{shape.family}' has no rigs")
        return shape.mesh, shape.rig.armature, shape.rig.skin

    def asset(self, name: str) -> RiggedAsset:
        """The joints of a shape whose family has rigs."""
        return as_asset(name, self.known(name).family, "train", self.rig(name))

    def has_front(self, name: str) -> bool:
        """Whether the family's shapes have one: a tree or a heart has none."""
        groups: dict[str, dict[str, Generator]] = importlib.import_module("training.shapes.families").GROUPS
        return any(name.rpartition("/")[0] in groups[group] for group in ("categories", "characters", "people"))

    def known(self, name: str) -> KnownShape:
        """The shape with its truth."""
        family, _, seed = name.rpartition("/")
        return generator(family)(int(seed))


class _Reading:
    """Goes through a data set in its order and holds one item only: some hold all the arrays of their model.

    Whoever asks in that order reads everything once; an item that was passed already is found by starting again.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._format, self._folder = name, folder
        self._last: Listed | None = None
        self._passed: set[str] = set()
        self._coming: Iterator[Listed] = iter(())

    def item(self, name: str) -> Listed:
        """The item of this name."""
        if self._last is not None and self._last.name == name:
            return self._last
        if not self._passed or name in self._passed:
            self._passed, self._coming = set(), FORMATS[self._format](self._folder, [])
        self._last = None  # its arrays may go before the next are read
        for item in self._coming:
            self._passed.add(item.name)
            if item.name == name:
                self._last = item
                return item
        raise SkippedError("it is no longer in the data set")


@dataclass(frozen=True)
class Read:
    """The items of a public data set as it lies on disk."""

    format: str
    folder: Path
    skipped: list[NotListed] = field(default_factory=list)  # what the reader left out

    @cached_property
    def _reading(self) -> _Reading:
        return _Reading(self.format, self.folder)

    def __getstate__(self) -> dict[str, object]:
        # How far the reading is cannot be sent: each process reads for itself.
        return {"format": self.format, "folder": self.folder, "skipped": []}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """As the data set names them, each once; what is left out, the second of a name too, is in `skipped`."""
        names = tuple(item.name for item in FORMATS[self.format](self.folder, self.skipped))
        if not names:
            raise NoInputError(f"No item of format '{self.format}' was found in '{self.folder}'.")
        return names

    def labels(self, name: str) -> dict[str, str]:
        """Category and split."""
        item = self._reading.item(name)
        return {"category": item.category, "split": item.split}

    def mesh(self, name: str) -> Mesh:
        """In this project's frame, the file's own units."""
        item = self._reading.item(name)
        if item.load_mesh is not None:
            return item.load_mesh()
        if item.load_rig is not None:
            return item.load_rig().mesh
        raise SkippedError("the data set has no mesh for it")

    def rig(self, name: str) -> Rigged:
        """Of a data set of rigs."""
        return of_asset(self.asset(name))

    def asset(self, name: str) -> RiggedAsset:
        """The joints, of a data set of rigs."""
        load = self._reading.item(name).load_rig
        if load is None:
            raise SkippedError("the data set has no rig for it")
        return load()

    def known(self, name: str) -> KnownShape:
        """Data sets know no truth."""
        raise SkippedError(ONLY_GENERATORS)


Source = Files | Library | Generated | Read


def _mesh_of_glb(path: Path) -> Mesh:
    """A skin lies where its bones put it; what has none lies where its nodes put it."""
    try:
        return read_rigged(path).mesh
    except NotSkinnedError:
        return read_mesh_file(path, Y_UP)


def generator(family: str) -> Generator:
    """By its name among the families, or `module:function` for one of your own."""
    module, colon, name = family.partition(":")
    if colon:
        return getattr(importlib.import_module(module), name)
    families: dict[str, Callable[[int], KnownShape]] = importlib.import_module("training.shapes.families").FAMILIES
    return families[family]


def families_named(names: Sequence[str]) -> tuple[str, ...]:
    """Families by name or group, or `module:function`; all when none is named."""
    own = [name for name in names if ":" in name]
    others = [name for name in names if ":" not in name]
    known = importlib.import_module("training.shapes.families").chosen(others) if others or not own else []
    return (*known, *own)
