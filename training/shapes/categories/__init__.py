"""Thirteen categories of furniture and vehicles, after ShapeNet's, from nothing but a seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..shape import Generator, KnownShape
from ..union import known_shape
from .bench import bench
from .cabinet import cabinet
from .chair import chair
from .common import Parts, Random
from .sofa import sofa
from .table import table

PARTS: dict[str, Callable[[Random], Parts]] = {
    "bench": bench,
    "cabinet": cabinet,
    "chair": chair,
    "sofa": sofa,
    "table": table,
}
FAMILIES = (
    "plane",
    "bench",
    "cabinet",
    "car",
    "chair",
    "monitor",
    "lamp",
    "speaker",
    "rifle",
    "sofa",
    "table",
    "phone",
    "vessel",
)


def make(family: str, seed: int) -> KnownShape:
    """The shape of a category that belongs to a seed."""
    rng = np.random.default_rng([FAMILIES.index(family), seed])
    return known_shape(family, seed, PARTS[family](rng))


CATEGORIES: dict[str, Generator] = {family: partial(make, family) for family in PARTS}
