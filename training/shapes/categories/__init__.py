"""Thirteen categories of furniture and vehicles, after ShapeNet's, from nothing but a seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..making.union import known_shape
from ..shape import Generator, KnownShape
from .bench import bench
from .cabinet import cabinet
from .car import car
from .chair import chair
from .common import Parts, Random
from .lamp import lamp
from .monitor import monitor
from .phone import phone
from .plane import plane
from .rifle import rifle
from .sofa import sofa
from .speaker import speaker
from .table import table
from .vessel import vessel

# The order is part of every shape: a category's place in it is mixed into the seed.
PARTS: dict[str, Callable[[Random], Parts]] = {
    "plane": plane,
    "bench": bench,
    "cabinet": cabinet,
    "car": car,
    "chair": chair,
    "monitor": monitor,
    "lamp": lamp,
    "speaker": speaker,
    "rifle": rifle,
    "sofa": sofa,
    "table": table,
    "phone": phone,
    "vessel": vessel,
}


def make(family: str, seed: int) -> KnownShape:
    """The shape of a category that belongs to a seed."""
    rng = np.random.default_rng([list(PARTS).index(family), seed])
    return known_shape(family, seed, PARTS[family](rng))


CATEGORIES: dict[str, Generator] = {family: partial(make, family) for family in PARTS}
