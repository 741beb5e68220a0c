"""Pictures of generated shapes with their skeletons, surfaces and volumes: what SkeletonNet learns from.

Frame: the one before the cameras (see `cameras.fit`): box centred at the origin, longest side 1 at most. Beside the
views of `views.py` each shape has points of its skeleton's curves and sheets, skeletal volumes, points of its surface
with normals, and places in a band around it with their distances. Made by `python -m tools.build_dataset
skeletal-views`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import Mesh
from training.rendering.cameras import fit_mesh, fitted
from training.shapes.making.sampling import surface_points
from training.shapes.shape import KnownShape

from ..builders.build import Recipe, Records
from ..builders.known import skeleton_of
from ..builders.meso_skeleton import meso_skeleton
from ..builders.sdf import disn_samples, signed_distance
from ..builders.sources import Source
from ..builders.volumes import points_for, skeletal_volume
from ..store.reading import Dataset
from ..store.records import Array, Record, SkeletonPoints, read_record
from .views import VAL_SEEDS, ViewedShape, Views, one_thread, view_shape

STEPS = 55_000  # of the stored numbers in a length of 1
REACH = 0.1  # of the samples on both sides of the surface, where the longest side is 2, as in DISN
COARSE = 24  # cells along the cube's side when places near the surface are looked for
FAR = 0.125  # share of the places that lie anywhere
NEIGHBOURS, SHARP = 16, 60.0  # a surface point is on an edge where normals near by differ by so many degrees
SPARE = 4  # the surface is drawn so many times denser to tell that


@dataclass(frozen=True)
class SkeletalShape(Record):
    """What is known of a shape beside its pictures. The arrays stay small; ask for floats where they are used."""

    PREFIX: ClassVar[str] = "skeletal"
    curve_points: Annotated[np.ndarray, Array("<i2", ("C", 3))]
    sheet_points: Annotated[np.ndarray, Array("<i2", ("H", 3))]
    surface_points: Annotated[np.ndarray, Array("<i2", ("P", 3))]
    surface_normals: Annotated[np.ndarray, Array("i1", ("P", 3))]
    sharp: Annotated[np.ndarray, Array("?", ("P",))]  # near an edge
    places: Annotated[np.ndarray, Array("<i2", ("M", 3))]
    distances: Annotated[np.ndarray, Array("<i2", ("M",))]  # positive inside

    @property
    def curves(self) -> np.ndarray:
        """Points (C, 3) of the skeleton's curves; none where all of it is sheets."""
        return _long(self.curve_points)

    @property
    def sheets(self) -> np.ndarray:
        """Points (H, 3) of its sheets; none where all of it is curves."""
        return _long(self.sheet_points)

    @property
    def surface(self) -> tuple[np.ndarray, np.ndarray]:
        """Points (P, 3) all over the surface, in no order, and the unit normals there."""
        normals = self.surface_normals.astype(np.float32)
        return _long(self.surface_points), normals / np.linalg.norm(normals, axis=1, keepdims=True).clip(1)

    @property
    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Places (M, 3), most of them near the surface, and their signed distances (M,), positive inside."""
        return _long(self.places), _long(self.distances)


@dataclass(frozen=True)
class PackedVolume(Record):
    """A cube of cells around the origin, its side 1, as `Volume` has them; most are empty, so it is compressed."""

    PREFIX: ClassVar[str] = "packed_volume"
    data: Annotated[np.ndarray, Array("u1", ("B",))]
    resolution: int

    @staticmethod
    def of(cells: np.ndarray) -> PackedVolume:
        """From cells (R, R, R) bool."""
        return PackedVolume(np.frombuffer(zlib.compress(np.packbits(cells).tobytes(), 9), np.uint8), len(cells))

    @property
    def cells(self) -> np.ndarray:
        """(R, R, R) bool."""
        r = self.resolution
        bits = np.frombuffer(zlib.decompress(self.data.tobytes()), np.uint8)
        return np.unpackbits(bits, count=r**3).view(bool).reshape(r, r, r)


@dataclass(frozen=True)
class SkeletalViews(Recipe):
    """Views of each shape, points of its skeleton and its surface, samples, and skeletal volumes."""

    paper: int = 2
    """Views of each shape by cameras of the papers."""
    free: int = 2
    """Views by cameras at any azimuth and elevations from -20 to 60."""
    size: int = 112
    """Pixels of a crop."""
    points: int = 1024
    """Points of the skeleton, of curves and of sheets together."""
    val_points: int = 5000
    """The same of shapes for evaluation."""
    surface: int = 1024
    """Points of the surface."""
    samples: int = 1536
    """Places whose distance is kept."""
    volumes: tuple[int, ...] = (32, 64)
    """Resolutions of the skeletal volumes."""

    kind: ClassVar[str] = "skeletal-views"
    per_shard: ClassVar[int] = 16

    def make(self, source: Source, name: str) -> Records:
        """The records of one shape."""
        family, _, seed = name.rpartition("/")
        shape = source.known(name)
        dense = skeleton_points(shape, max([self.val_points, *(points_for(r) for r in self.volumes)]))
        count = self.val_points if int(seed) >= VAL_SEEDS else self.points
        with one_thread():
            views = view_shape(shape, family, int(seed), Views(self.paper, self.free, self.size))
        rng = np.random.default_rng([0x5E1E, zlib.crc32(name.encode())])
        some = rng.permutation(len(dense.points))[:count]
        records: Records = [(views, None)]
        records.append((_truth(fitted(shape.mesh), dense.points[some], dense.sheet[some], self, rng), None))
        cells = ((r, skeletal_volume(dense.points, r).dense()) for r in self.volumes)
        return records + [(PackedVolume.of(full), f"volume{r}") for r, full in cells]


@dataclass(frozen=True)
class SkeletalItem:
    """One shape of a dataset."""

    views: ViewedShape
    shape: SkeletalShape
    packed: dict[int, PackedVolume]  # by resolution

    def volume(self, resolution: int) -> np.ndarray:
        """The skeletal volume (R, R, R) bool."""
        return self.packed[resolution].cells

    @cached_property
    def known_resolutions(self) -> tuple[int, ...]:
        """Of the volumes that are there."""
        return tuple(sorted(self.packed))


def read_skeletal(path: Path) -> tuple[SkeletalItem, ...]:
    """All shapes of a dataset, in order."""
    found = []
    for item in Dataset(path):
        names = {name.partition(".")[0] for name in item.arrays}
        volumes = {int(name[6:]): read_record(PackedVolume, item, name) for name in names if name.startswith("volume")}
        found.append(SkeletalItem(read_record(ViewedShape, item), read_record(SkeletalShape, item), volumes))
    return tuple(found)


def skeleton_points(shape: KnownShape, count: int) -> SkeletonPoints:
    """Points of the skeleton before the cameras: the generator's own where it knows one, or else measured."""
    known = shape.curves or shape.sheets
    found = skeleton_of(shape, count) if known else meso_skeleton(shape.mesh, count)
    fit = fit_mesh(shape.mesh)
    return SkeletonPoints(fit(found.points), found.radii * fit.scale, found.sheet)


def _truth(
    mesh: Mesh, skeleton: np.ndarray, sheet: np.ndarray, options: SkeletalViews, rng: np.random.Generator
) -> SkeletalShape:
    """A shape before the cameras with points of its skeleton."""
    points, normals = surface_points(mesh, SPARE * options.surface, rng)
    some = rng.permutation(len(points))[: options.surface]
    sharp = largest_turn(points, normals)[some] > SHARP
    far = round(FAR * options.samples)
    seed = int(rng.integers(2**31))
    near = disn_samples(Mesh(2 * mesh.vertices, mesh.triangles), options.samples - far, seed, REACH, COARSE)
    away = rng.random((far, 3)) - 0.5
    places, distances = np.concatenate([near.points / 2, away]), near.distances / 2
    order = rng.permutation(len(places))
    return SkeletalShape(
        _short(skeleton[~sheet]),
        _short(skeleton[sheet]),
        _short(points[some]),
        np.round(127 * normals[some]).astype(np.int8),
        sharp,
        _short(places[order]),
        _short(np.concatenate([distances, signed_distance(mesh, away)])[order]),
    )


def largest_turn(points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """The largest angle in degrees between the normals (N, 3) at a point and at the 16 around it, (N,)."""
    near = KDTree(points).query(points, min(NEIGHBOURS + 1, len(points)))[1]
    cosine = np.einsum("nkj,nj->nk", normals[near], normals).min(1)
    return np.degrees(np.arccos(cosine.clip(-1, 1)))


def _short(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values * STEPS), -32_767, 32_767).astype(np.int16)


def _long(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32) / STEPS
