"""Geometric skin weights on the artists' own skeletons beside the artists' weights: what the skin network learns from.

Of each rigged asset a number of vertices as the network sees them, and for each candidate bone the weight the artist
gave it; with `--varied N` also stretched, jittered copies whose skeletons lack some bones (their weight goes to the
parent, as a rigger with a simpler skeleton would paint). Made by `python -m tools.build_dataset priors`.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from inference.anatomy import Armature, Mesh
from inference.errors import BonewrightError
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import unit_frame
from inference.geometry.solid.make import make_solid
from inference.networks.skin.inputs import skin_inputs
from inference.rigging.skin.bind import skin_mesh
from inference.rigging.skin.evidence import Evidence
from inference.rigging.standing.canonical import shape_in

from ..builders.build import Recipe, Records
from ..builders.sources import Library, Source
from ..labels import read_artists
from ..rigged_glb import RiggedAsset, as_armature
from ..store.reading import Dataset
from ..store.records import Array, Record, read_record


@dataclass(frozen=True)
class SkinLesson(Record):
    """Some edges of one bound asset: P vertices, two by two an edge's ends, each with K candidates among B bones."""

    PREFIX: ClassVar[str] = "lesson"
    name: str
    kind: str  # as the data says it
    split: str
    varied: int  # 0: as the artist made it
    by: str  # who made the file, where that is known
    bones: Annotated[np.ndarray, Array("<f2", ("B", "b"))]  # these seven are those of `Inputs` without the leading axis
    hops: Annotated[np.ndarray, Array("u1", ("B", "B"))]
    points: Annotated[np.ndarray, Array("<f2", ("P", "p"))]
    pairs: Annotated[np.ndarray, Array("<f2", ("P", "K", "k"))]
    near: Annotated[np.ndarray, Array("u1", ("P", "K"))]
    prior: Annotated[np.ndarray, Array("<f2", ("P", "K"))]
    there: Annotated[np.ndarray, Array("<f2", ("P", "K"))]
    artist: Annotated[np.ndarray, Array("<f2", ("P", "K"))]  # the artist's weights of the candidates
    missed: Annotated[np.ndarray, Array("<f2", ("P",))]  # the artist's weight of all other bones
    gap: Annotated[np.ndarray, Array("<f4", ("P",))]  # length of the edge that a vertex is an end of, unit frame


INPUTS = ("bones", "hops", "points", "pairs", "near", "prior", "there")
OF_BONES = ("bones", "hops")


@dataclass(frozen=True)
class Priors(Recipe):
    """Geometric weights beside an artist's."""

    points: int = 1024
    """Vertices kept of each asset, the ends of half as many edges."""
    varied: int = 1
    """Varied copies of each asset of the train split."""

    kind: ClassVar[str] = "priors"

    def make(self, source: Source, name: str) -> Records:
        """An asset, and copies of it as `lesson1`, `lesson2` ..., but for those that cannot be bound."""
        asset = source.asset(name)
        by = read_artists(source.folder).get(name, "") if isinstance(source, Library) else ""
        records: Records = [(lesson_of(asset, bind_asset(asset), 0, self.points, by), None)]
        for varied in range(1, 1 + (self.varied if asset.split == "train" else 0)):
            with suppress(BonewrightError):
                lesson = lesson_of(asset, bind_asset(asset, varied), varied, self.points, by)
                records.append((lesson, f"{SkinLesson.PREFIX}{varied}"))
        return records


@dataclass(frozen=True)
class Bound:
    """An asset and its geometric weights."""

    evidence: Evidence
    artist: np.ndarray  # (P, B) on the vertices and bones of the evidence


def bind_asset(asset: RiggedAsset, varied: int = 0) -> Bound:
    """Bind an asset, or a varied copy of it, to its own skeleton as the pipeline would."""
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
        raise ValueError(f"'{asset.name}' is too large to be its own proxy.")
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


def lesson_of(asset: RiggedAsset, bound: Bound, varied: int, points: int, by: str = "") -> SkinLesson:
    """`points` vertices of a bound asset, drawn at random: the ends of edges, since a skin tears along edges."""
    inputs = skin_inputs(bound.evidence)
    random = np.random.default_rng([zlib.crc32(asset.name.encode()), varied, 1])
    chosen, gap = edge_ends(bound.evidence.mesh, points // 2, random)
    artist = np.take_along_axis(bound.artist, inputs.near[0], 1) * inputs.there[0]
    parts = {name: getattr(inputs, name)[0][slice(None) if name in OF_BONES else chosen] for name in INPUTS}
    missed = np.maximum(bound.artist.sum(1) - artist.sum(1), 0)
    return SkinLesson(
        *(asset.name, asset.kind, asset.split, varied, by),
        **parts,
        artist=artist[chosen],
        missed=missed[chosen],
        gap=gap,
    )


def edge_ends(mesh: Mesh, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (2 E,), each drawn one followed by a neighbour of it, and the length of each one's edge (2 E,)."""
    sides = np.concatenate([mesh.triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2))])
    sides = sides[random.permutation(len(sides))]
    _, first = np.unique(sides[:, 0], return_index=True)  # of each vertex, one of its neighbours by chance
    edges = sides[first[random.permutation(len(first))[:count]]]
    length = np.linalg.norm(mesh.vertices[edges[:, 0]] - mesh.vertices[edges[:, 1]], axis=1)
    return edges.ravel(), np.repeat(length, 2)


def read_lessons(path: Path) -> tuple[SkinLesson, ...]:
    """All of a dataset, the copies of an asset behind it."""
    return tuple(
        read_record(SkinLesson, item, prefix)
        for item in Dataset(path)
        for prefix in sorted({name.partition(".")[0] for name in item.arrays})
    )
