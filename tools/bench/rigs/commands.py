"""What can be asked of the benchmark about rigs: its commands and their options."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import tyro

from inference.requests import Method, RigOptions, WeightsMethod
from training.datasets.rigged_glb import Listing, list_assets

DATA = Path("../shared/data")


@dataclass(frozen=True)
class Rig:
    """Quality, names, skin weights and speed on a folder of rigged assets, by kind."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged GLB files; a SOURCES.csv in it tells kinds and splits."""
    split: Literal["val", "train", "all"] = "val"
    """Which assets."""
    kinds: tuple[str, ...] = ()
    """Only kinds that start with one of these words (biped, quadruped, ...)."""
    limit: int | None = None
    """Only so many assets of each kind."""
    turns: tuple[int, ...] = (0, 90, 180, 270)
    """Degrees about the up axis by which bipeds and quadrupeds are turned to check their names."""
    orientations: Literal[4, 24] = 4
    """24: for the names also laid on every side and on the head."""
    skins: bool = True
    """Also bind the artists' skeletons, beside Blender's automatic weights when bpy is installed."""
    rigs: bool = True
    """Off: only the skins."""
    weights: tuple[WeightsMethod, ...] = ("auto",)
    """Ways to find the skins' weights, side by side: auto, learned, geometric."""
    blender: bool = True
    """Off: the skins without Blender's."""
    options: RigOptions = field(default_factory=RigOptions)
    """How the meshes are rigged."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.rigs.quality import as_records, quality
        from tools.bench.rigs.skins import compare_skins

        found = list_assets(self.folder, None if self.split == "all" else self.split, self.kinds)
        listings = first_of_each_kind(found, self.limit)
        return {
            "rigs": as_records(quality(listings, self.options, self.turns, self.orientations)) if self.rigs else [],
            "skins": compare_skins(listings, blender=self.blender, weights=self.weights) if self.skins else {},
        }


@dataclass(frozen=True)
class Follow:
    """Weights that follow a joint moved by hand in Blender: from the change to the weights on the mesh."""

    vertices: int = 20_000
    """Of the creature, about."""
    moves: int = 20
    """Joints that are moved, one after another."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.rigs.follow import follow

        return follow(self.vertices, self.moves)


@dataclass(frozen=True)
class Torture:
    """All assets, rigged and static, and broken meshes: a valid rig or a named error within the limit."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Assets of any kind."""
    count: int = 1000
    """How many broken meshes."""
    first: int = 0
    """The number of the first."""
    limit_s: float = 10.0
    """Seconds each may take."""
    assets: bool = True
    """Also the assets."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.rigs.torture import as_records, torture

        return as_records(torture(self.folder, self.count, self.first, self.limit_s, assets=self.assets))


@dataclass(frozen=True)
class Scaling:
    """Time, stage by stage, and peak memory against the number of faces, each in a fresh process."""

    faces: tuple[int, ...] = (2_000, 10_000, 40_000, 100_000, 400_000, 1_500_000)
    """Sizes to try."""
    repeats: int = 3
    """Runs of each; the fastest counts."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.scaling import scaling

        return scaling(self.faces, self.repeats)


@dataclass(frozen=True)
class Invariance:
    """Mirrored, moved, scaled and turned inputs, and the same input twice."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged assets; one of each kind is used, besides two plain figures."""
    limit: int | None = None
    """Only the first so many meshes."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.rigs.invariance import invariance

        return invariance(self.folder, self.limit)


@dataclass(frozen=True)
class Bending:
    """Fists, elbows and knees of rigs, bent by positive turns about the bones' own x axes."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged GLB files."""
    split: Literal["val", "train", "all"] = "val"
    """Which assets."""
    kinds: tuple[str, ...] = ("biped", "quadruped")
    """Only kinds that start with one of these words."""
    limit: int | None = None
    """Only so many assets of each kind."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.rigs.bending import compare_bending

        found = list_assets(self.folder, None if self.split == "all" else self.split, self.kinds)
        return compare_bending(first_of_each_kind(found, self.limit))


@dataclass(frozen=True)
class Learned:
    """Every asset rigged by several methods in one run: what the networks add to the geometry."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged GLB files."""
    split: Literal["val", "train"] = "val"
    """Which assets."""
    kinds: tuple[str, ...] = ()
    """Only kinds that start with one of these words."""
    limit: int | None = None
    """Only so many assets of each kind."""
    methods: tuple[Method, ...] = ("geometric", "auto")
    """The first one is what the others are compared with."""
    bind: bool = True
    """Compare skin weights too."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.rigs.learned import learned

        found = list_assets(self.folder, self.split, self.kinds)
        listings = first_of_each_kind(found, self.limit)
        return learned(listings, self.methods, bind=self.bind)


@dataclass(frozen=True)
class Unseen:
    """Assets of artists never seen: errors by kind, what each stage costs, certainties beside what is observed."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged GLB files with SOURCES.csv; labels/joints.csv says what they are, ATTRIBUTION.csv who made them."""
    split: Literal["val", "train", "all"] = "val"
    """Which assets."""
    whose: Literal["many", "one", "all"] = "many"
    """Files of many artists (those in ATTRIBUTION.csv), of the one artist who made the rest, or all."""
    kinds: tuple[str, ...] = ()
    """Only kinds that start with one of these words."""
    fold: int | None = None
    """Only the files of artists whom this fold (0 to 4) holds out, of both splits: for methods trained without them."""
    ways: tuple[str, ...] = ()
    """Only these ways beside auto and geometric (told up, few, free, ...); all when none is given."""
    jobs: int = 1
    """Assets at a time, each in a process of its own."""
    limit_s: float = 600.0
    """Seconds that an asset may take, all ways together."""
    against: Path | None = None
    """The JSON of an earlier release, to take paired differences to."""
    sheet: Path | None = None
    """Where to draw the worst twelve (PNG)."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.unseen.run import Chosen, unseen

        split = None if self.split == "all" else self.split
        chosen = Chosen(self.folder, split, self.whose, self.kinds, self.fold)
        return unseen(chosen, self.ways, self.jobs, self.limit_s, self.against, self.sheet).record()


def first_of_each_kind(found: list[Listing], limit: int | None) -> list[Listing]:
    """Only so many assets of each kind; all without a limit."""
    kinds: Counter[str] = Counter()
    kept = []
    for item in found:
        kinds[item.kind] += 1
        if not limit or kinds[item.kind] <= limit:
            kept.append(item)
    return kept
