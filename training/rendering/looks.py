"""Random materials and lights: the same for Blender's engines and for the torch renderer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

Triple = tuple[float, float, float]
Pattern = Literal["plain", "noise", "checker", "stripes"]


@dataclass(frozen=True)
class Light:
    """A sun."""

    towards: Triple  # unit vector from the shape to the light, in the shape's frame
    colour: Triple  # linear; a white matt surface that faces the light gets this brightness
    softness: float  # degrees, the sun's angular diameter


@dataclass(frozen=True)
class Look:
    """One material over the whole shape, and what lights it. Colours are linear."""

    colour: Triple
    other: Triple  # the pattern's second colour
    pattern: Pattern
    pattern_scale: float  # repeats along one unit
    roughness: float
    metallic: float
    lights: tuple[Light, ...]
    ambient: Triple


def random_look(seed: int, name: str) -> Look:
    """The look of the item called `name`; the same for all of its views."""
    word = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    rng = np.random.default_rng([seed, word])
    colour, other = _colour(rng), _colour(rng)
    pattern = get_args(Pattern)[rng.choice(4, p=[0.55, 0.2, 0.1, 0.15])]
    metallic = float(rng.uniform(0.3, 0.9)) if rng.random() < 0.15 else 0.0
    key = _light(rng, (-70, 70), (25, 75), rng.uniform(0.6, 1.0))
    fills = [_light(rng, (-180, 180), (-10, 80), rng.uniform(0.05, 0.35)) for _ in range(rng.integers(1, 3))]
    ambient = _triple(rng.uniform(0.12, 0.35) * (1 + 0.15 * rng.uniform(-1, 1, 3)))
    scale, roughness = float(np.exp(rng.uniform(np.log(3), np.log(20)))), float(rng.uniform(0.25, 1.0))
    return Look(colour, other, pattern, scale, roughness, metallic, (key, *fills), ambient)


def _colour(rng: np.random.Generator) -> Triple:
    """Neither black nor burnt out: a shade around a random grey."""
    grey = rng.uniform(0.12, 0.75)
    return _triple(np.clip(grey + rng.uniform(0, 0.9) * rng.uniform(-0.5, 0.5, 3), 0.03, 0.9))


def _light(
    rng: np.random.Generator, azimuths: tuple[float, float], heights: tuple[float, float], strength: float
) -> Light:
    """A light somewhere in a range of degrees; azimuth 0 shines on the shape's face."""
    a, e = np.radians(rng.uniform(*azimuths)), np.radians(rng.uniform(*heights))
    towards = np.array([np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)])
    return Light(_triple(towards), _triple(strength * (1 + 0.12 * rng.uniform(-1, 1, 3))), float(rng.uniform(1, 25)))


def _triple(values: np.ndarray) -> Triple:
    first, second, third = (round(float(value), 6) for value in values)
    return first, second, third
