"""Shapes as clouds and signed distances: what skeletal latent diffusion learns from.

Frame: box centred at the origin, largest coordinate 1. Of each shape a few clouds of its surface, each in
farthest-point order, and places near the surface with their distances. Shapes for evaluation have seeds of their own.
Made by `python -m tools.build_dataset shapes`.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from inference.anatomy import Mesh
from inference.networks.skeldiff.inputs import cloud_of
from training.shapes.making.sampling import surface_points

from ..builders.build import Recipe, Records
from ..builders.sdf import LOW, SIZE, Pieces, normalised, signed_distance
from ..builders.sources import Generated, Source
from ..store.records import Array, Record, read_all

FAMILIES = (
    "aorta",
    "cerebral arteries",
    "coronary arteries",
    "liver",
    "kidney",
    "stomach",
    "heart",
    "colon",
    "biped",
    "quadruped",
    "bird",
    "fish",
    "insect",
    "chair",
    "table",
    "plane",
    "cactus",
    "mushroom",
)
SEEDS = 120  # shapes of a family to learn from
VAL_SEEDS = 100_000  # the first seed of evaluation
VAL = 12  # shapes of a family for evaluation
STEPS = 29_000  # of the stored numbers in a length of 1
SPARE = 4  # a cloud is chosen from so many times its points
NEAR, WIDE = 0.02, 0.06  # how far most places are from the surface, as a normal distribution's spread
DEEPEST = 0.15  # of the places that are looked for below the surface
SHARES = (0.4, 0.3, 0.12)  # of the places: near, wide, below the surface; the rest lies anywhere


@dataclass(frozen=True)
class PackedShape(Record):
    """One shape. The arrays stay as small as they are in the file; ask for floats where they are used."""

    PREFIX: ClassVar[str] = "shape"
    family: str
    seed: int
    split: str  # train or val
    surfaces: Annotated[np.ndarray, Array("<i2", ("K", "P", 3))]  # see `cloud`
    places: Annotated[np.ndarray, Array("<i2", ("M", 3))]  # see `samples`
    distances: Annotated[np.ndarray, Array("<i2", ("M",))]

    def cloud(self, which: int, count: int) -> np.ndarray:
        """`count` points of the surface, each the farthest from those before it, (count, 3) float32."""
        return self.surfaces[which % len(self.surfaces), :count].astype(np.float32) / STEPS

    def samples(self, some: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Places (N, 3) and their signed distances (N,), positive inside, float32."""
        return self.places[some].astype(np.float32) / STEPS, self.distances[some].astype(np.float32) / STEPS


@dataclass(frozen=True)
class Shapes(Recipe):
    """Clouds of the surface, and signed distances around it."""

    points: int = 1024
    """Points of a cloud."""
    clouds: int = 2
    """Clouds of each shape."""
    samples: int = 1280
    """Places whose distance is kept."""
    pieces: Pieces = "all"
    """Keep all pieces of a shape, or the largest alone."""
    smoothing: int = 0
    """Rounds of smoothing: 3 for shapes that were cut out of volumes."""

    kind: ClassVar[str] = "shapes"

    def make(self, source: Source, name: str) -> Records:
        """The record of one shape."""
        family, _, number = name.rpartition("/")
        seed = int(number) if isinstance(source, Generated) else 0
        split = "val" if seed >= VAL_SEEDS else source.labels(name).get("split", "train")
        mesh, _ = normalised(source.mesh(name), self.smoothing, self.pieces)
        rng = np.random.default_rng([0x5A9E, zlib.crc32(name.encode())])
        clouds = [cloud_of(spread_points(mesh, SPARE * self.points, rng), self.points) for _ in range(self.clouds)]
        places = sample_places(mesh, self.samples, rng)
        distances = signed_distance(mesh, places)
        packed = PackedShape(
            source.labels(name).get("family", family),
            seed,
            split,
            _small(np.stack(clouds)),
            _small(places),
            _small(distances),
        )
        return [(packed, None)]


def shapes_source(families: Sequence[str] = FAMILIES, seeds: Sequence[int] = range(SEEDS), val: int = VAL) -> Generated:
    """Families: the seeds to learn from, and so many shapes of each family for evaluation."""
    return Generated(tuple(families), (*seeds, *range(VAL_SEEDS, VAL_SEEDS + val)))


def read_shapes(path: Path) -> tuple[PackedShape, ...]:
    """All shapes of a dataset, in order."""
    return tuple(shape for _, shape in read_all(PackedShape, path))


def spread_points(mesh: Mesh, count: int, rng: np.random.Generator) -> np.ndarray:
    """Points (count, 3) all over the surface, in no order."""
    return surface_points(mesh, count, rng)[0][rng.permutation(count)]


def sample_places(mesh: Mesh, count: int, rng: np.random.Generator) -> np.ndarray:
    """Places (count, 3): most near the surface, on both of its sides, some below it, some anywhere in the cube."""
    near, wide, below = (round(share * count) for share in SHARES)
    around = near + wide + below
    points, normals = surface_points(mesh, around, rng)
    order = rng.permutation(around)
    points, normals = points[order], normals[order]
    away = np.concatenate([np.full(near, NEAR), np.full(wide, WIDE)])[:, None]
    points[: near + wide] += away * rng.normal(size=(near + wide, 3))
    points[near + wide :] -= DEEPEST * rng.random((below, 1)) * normals[near + wide :]
    anywhere = LOW + SIZE * rng.random((count - around, 3))
    made = np.concatenate([points, anywhere])
    return np.clip(made[rng.permutation(count)], LOW, LOW + SIZE)


def _small(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values * STEPS), -32_000, 32_000).astype(np.int16)
