"""Geometric skin weights on the artists' own skeletons beside the artists' weights: what the skin network learns from.

Of each rigged asset a number of vertices as the network sees them, and for each candidate bone the weight the artist
gave it; with `--varied N` also stretched, jittered copies whose skeletons lack some bones (their weight goes to the
parent, as a rigger with a simpler skeleton would paint). Made by `python -m training.datasets.packed.priors`.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh
from inference.errors import BonewrightError
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import unit_frame
from inference.geometry.solid.make import make_solid
from inference.networks.skin.inputs import Inputs, skin_inputs
from inference.rigging.skin.bind import skin_mesh
from inference.rigging.skin.evidence import Evidence
from inference.rigging.standing.canonical import shape_in

from ..rigged_glb import Listing, as_armature, list_assets, read_rigged

VERSION = "bonewright priors 1"
HALF = ("bones", "points", "pairs", "prior", "artist")  # stored as half floats


@dataclass(frozen=True)
class Options:
    """Where from, where to, how much."""

    data: Path = Path("../shared/data")
    """Folder with SOURCES.csv."""
    out: Path = Path("out/priors.npz")
    """All lessons in one file."""
    points: int = 1024
    """Vertices kept of each asset."""
    varied: int = 1
    """Varied copies of each asset of the train split."""
    processes: int = 2
    """Side by side."""


@dataclass(frozen=True)
class SkinLesson:
    """Some vertices of one bound asset."""

    name: str
    kind: str  # as the data says it
    split: str
    varied: int  # 0: as the artist made it
    inputs: Inputs  # without the leading axis
    artist: np.ndarray  # (P, K) the artist's weights of the candidates
    missed: np.ndarray  # (P,) the artist's weight of all other bones


@dataclass(frozen=True)
class Bound:
    """An asset and its geometric weights."""

    evidence: Evidence
    artist: np.ndarray  # (P, B) on the vertices and bones of the evidence


def bind_listing(listing: Listing, varied: int = 0) -> Bound:
    """Bind an asset, or a varied copy of it, to its own skeleton as the pipeline would."""
    asset = read_rigged(listing)
    armature, dense, vertices = as_armature(asset), asset.skin.dense(len(asset.names)), asset.mesh.vertices
    if varied:
        random = np.random.default_rng([zlib.crc32(asset.name.encode()), varied])
        armature, dense = without_some(armature, dense, random)
        armature, vertices = jittered(armature, vertices, random)
    cleaned, merged = clean_mesh(Mesh(vertices, asset.mesh.triangles))
    frame = unit_frame(cleaned)
    shape = shape_in(frame, cleaned)
    found: list[Evidence] = []

    def listen(evidence: Evidence) -> np.ndarray:
        found.append(evidence)
        return evidence.weights

    skin_mesh(shape, make_solid(shape), frame.into(armature), correct=listen)
    used = np.zeros(len(shape.vertices), bool)
    used[shape.triangles] = True
    first = np.zeros(len(used), np.int64)
    usable = np.flatnonzero(merged >= 0)[::-1]
    first[merged[usable]] = usable
    artist = dense[:, np.flatnonzero(armature.deform)][first[used]]
    if len(artist) != len(found[0].mesh.vertices):
        raise ValueError(f"'{listing.name}' is too large to be its own proxy.")
    return Bound(found[0], artist)


def without_some(armature: Armature, dense: np.ndarray, random: np.random.Generator) -> tuple[Armature, np.ndarray]:
    """Some bones and whole chains merged into their parents; weights (V, B) go along."""
    count = len(armature.names)
    gone = random.random(count) < 0.12 * random.random()
    gone |= random.random(count) < 0.06
    cut = random.random(count) < 0.05
    for bone, parent in enumerate(armature.parents):
        cut[bone] |= parent >= 0 and cut[parent] and random.random() < 0.9
    gone = (gone | cut) & (armature.parents >= 0)
    tails, heir, weights = armature.tails.copy(), np.arange(count), dense.astype(np.float64)
    for bone in np.flatnonzero(gone)[::-1]:
        parent = armature.parents[bone]
        weights[:, parent] += weights[:, bone]
        if armature.connected[bone] and not cut[bone]:
            tails[parent] = tails[bone]
    for bone in np.flatnonzero(gone):
        heir[bone] = heir[armature.parents[bone]]
    kept = np.flatnonzero(~gone)
    place = np.full(count, -1)
    place[kept] = np.arange(len(kept))
    above = armature.parents[kept]
    simpler = replace(
        armature,
        names=tuple(armature.names[bone] for bone in kept),
        parents=np.where(above >= 0, place[heir[above]], -1).astype(np.int32),
        heads=armature.heads[kept],
        tails=tails[kept],
        rolls=armature.rolls[kept],
        connected=armature.connected[kept],
        confidence=armature.confidence[kept],
        radii=armature.radii[kept],
        deform=weights[:, kept].max(0) > 0,
    )
    return simpler, weights[:, kept]


def jittered(armature: Armature, vertices: np.ndarray, random: np.random.Generator) -> tuple[Armature, np.ndarray]:
    """Stretched, with joints a little off and vertices in noise."""
    size = float(np.ptp(vertices, axis=0).max())
    stretch = np.exp(random.normal(0, 0.1, 3))
    heads, tails = armature.heads * stretch, armature.tails * stretch
    moved = random.normal(0, 0.012 * random.random(), heads.shape) * size
    for bone, parent in enumerate(armature.parents):
        if parent >= 0 and armature.connected[bone]:
            tails[parent] += moved[bone]
    noise = random.normal(0, 0.0015 * random.random(), vertices.shape) * size
    return replace(armature, heads=heads + moved, tails=tails), vertices * stretch + noise


def lesson_of(listing: Listing, bound: Bound, varied: int, points: int) -> SkinLesson:
    """`points` vertices of a bound asset, drawn at random."""
    inputs = skin_inputs(bound.evidence)
    count = inputs.near.shape[1]
    random = np.random.default_rng([zlib.crc32(listing.name.encode()), varied, 1])
    chosen = np.sort(random.permutation(count)[:points])
    artist = np.take_along_axis(bound.artist, inputs.near[0], 1) * inputs.there[0]
    whole = ("bones", "hops", "bone_there")
    made = ("near_hops", "known")  # follow from the rest
    parts = {
        field.name: getattr(inputs, field.name)[0][slice(None) if field.name in whole else chosen]
        for field in fields(Inputs)
        if field.name not in made
    }
    parts |= {name: np.zeros(0) for name in made}
    missed = np.maximum(bound.artist.sum(1) - artist.sum(1), 0)
    return SkinLesson(
        listing.name, listing.kind, listing.split, varied, Inputs(**parts), artist[chosen], missed[chosen]
    )


def _made(job: tuple[Listing, int, int]) -> SkinLesson | None:
    listing, varied, points = job
    try:
        return lesson_of(listing, bind_listing(listing, varied), varied, points)
    except BonewrightError:
        return None


def write_lessons(path: Path, lessons: Sequence[SkinLesson]) -> None:
    """All in one file; a killed writer leaves none."""
    arrays: dict[str, np.ndarray] = {}
    about = []
    for place, lesson in enumerate(lessons):
        about.append([lesson.name, lesson.kind, lesson.split, lesson.varied])
        parts = {field.name: getattr(lesson.inputs, field.name) for field in fields(Inputs)}
        parts |= {"artist": lesson.artist, "missed": lesson.missed}
        for name in ("bone_there", "near_hops", "known"):
            del parts[name]
        for name, part in parts.items():
            kind = np.float16 if part.dtype.kind == "f" else np.uint8
            arrays[f"{place}.{name}"] = part.astype(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name("half." + path.name)
    np.savez(half, about=np.array(json.dumps({"format": VERSION, "lessons": about})), **arrays)
    os.replace(half, path)


def read_lessons(path: Path) -> tuple[SkinLesson, ...]:
    """All of them. A file of another version is a ValueError that names it."""
    with np.load(path) as file:
        about = json.loads(str(file["about"]))
        if about["format"] != VERSION:
            raise ValueError(f"'{path}' is of another version. Make it anew.")
        return tuple(_read(file, place, entry) for place, entry in enumerate(about["lessons"]))


def _read(file: Mapping[str, np.ndarray], place: int, entry: list) -> SkinLesson:
    parts = {field.name: file[f"{place}.{field.name}"] for field in fields(Inputs) if field.name in STORED}
    parts |= {"bone_there": np.ones(len(parts["bones"]), np.float16)}
    parts |= {name: np.zeros(0, np.uint8) for name in ("near_hops", "known")}
    artist, missed = file[f"{place}.artist"], file[f"{place}.missed"]
    return SkinLesson(*entry, inputs=Inputs(**parts), artist=artist, missed=missed)


STORED = ("bones", "hops", "points", "pairs", "near", "prior", "there")


def make(options: Options) -> Iterator[str]:
    """The file; yields what was done, for people."""
    listings = list_assets(options.data)
    jobs = [
        (listing, varied, options.points)
        for listing in listings
        for varied in range(1 + (options.varied if listing.split == "train" else 0))
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        made = list(pool.map(_made, jobs, chunksize=4))
    lessons = [lesson for lesson in made if lesson is not None]
    write_lessons(options.out, lessons)
    yield f"{options.out}: {len(lessons)} lessons, {len(jobs) - len(lessons)} that could not be bound"


def main() -> None:
    """The command."""
    import tyro

    for line in make(tyro.cli(Options)):
        print(line)


if __name__ == "__main__":
    main()
