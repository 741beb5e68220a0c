"""Random bendings of space, under which a shape stays a shape of its kind."""

from __future__ import annotations

import numpy as np

from .posing import rotations


class Warp:
    """A random stretch, turn and soft bending of space."""

    def __init__(self, random: np.random.Generator) -> None:
        stretch = np.exp(random.normal(0, 0.12, 3))
        self.linear = rotations(random.normal(0, [0.05, 0.05, 0.1], (1, 3)))[0] * stretch
        self.swing = random.normal(0, 0.02, (2, 3))
        self.wave = random.normal(0, 4.0, (2, 3))
        self.phase = random.uniform(0, 2 * np.pi, 2)

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) moved."""
        moved = points @ self.linear.T
        for swing, wave, phase in zip(self.swing, self.wave, self.phase, strict=True):
            moved = moved + swing * np.sin(moved @ wave + phase)[:, None]
        return moved

    def normals(self, normals: np.ndarray) -> np.ndarray:
        """Unit normals (N, 3) turned; the slight bending is left out."""
        turned = normals @ np.linalg.inv(self.linear)
        return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
