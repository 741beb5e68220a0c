"""Rows that denoisers learn from, one for each point of a shape: latents, or bare points to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from inference.networks.skeldiff.sampler import SIGMA_DATA

from .shapes import packed_shapes


@dataclass(frozen=True)
class Rows:
    """The shapes of one split."""

    rows: np.ndarray  # (shapes, clouds, S, C) float32: places, the radius' logarithm, features
    families: tuple[str, ...]  # of each shape

    def spread(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation (C,); of places one deviation for all three axes."""
        mean, deviation = self.rows.mean((0, 1, 2)), self.rows.std((0, 1, 2))
        deviation[:3] = np.sqrt(np.square(deviation[:3]).mean())
        return mean, np.maximum(deviation, 1e-4)

    def standard(self, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
        """The rows as a denoiser sees them."""
        return (SIGMA_DATA * (self.rows - mean) / deviation).astype(np.float32)


@lru_cache(maxsize=4)
def point_rows(data: Path, split: str, count: int) -> Rows:
    """Bare points of the surface: what point diffusion learns from."""
    shapes = packed_shapes(data, split)
    clouds = [[shape.cloud(which, count) for which in range(len(shape.surfaces))] for shape in shapes]
    return Rows(np.array(clouds, np.float32), tuple(shape.family for shape in shapes))
