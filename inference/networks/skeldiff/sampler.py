"""From noise to what a denoiser was taught: the deterministic sampler of EDM, by Heun's method."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

SIGMA_DATA = 0.5  # spread of the data
SIGMA_MIN, SIGMA_MAX = 0.002, 80.0
RHO = 7.0
STEPS = 20
Denoise = Callable[[np.ndarray, float], np.ndarray]
"""D(z, sigma): what is likely behind z (N, S, C) with noise of this spread."""


def noise_levels(steps: int = STEPS, highest: float = SIGMA_MAX) -> np.ndarray:
    """sigma_0 > ... > sigma_N = 0, (steps + 1,): dense where noise is little."""
    top, bottom = highest ** (1 / RHO), min(SIGMA_MIN, highest / 2) ** (1 / RHO)
    levels = (top + np.linspace(0, 1, steps) * (bottom - top)) ** RHO
    return np.append(levels, 0.0)


def guided(
    denoise_as: Callable[[np.ndarray, float, int], np.ndarray], category: int, nothing: int, w: float
) -> Denoise:
    """(1 + w) D(z, sigma, category) - w D(z, sigma, nothing); without w only one of them is asked."""

    def denoise(z: np.ndarray, sigma: float) -> np.ndarray:
        conditional = denoise_as(z, sigma, category)
        return conditional if w == 0 else (1 + w) * conditional - w * denoise_as(z, sigma, nothing)

    return denoise


def sample(
    denoise: Denoise, z: np.ndarray, sigmas: np.ndarray, told: Callable[[float], None] = lambda _: None
) -> np.ndarray:
    """Solve dz = (z - D(z, sigma)) / sigma dsigma from z (N, S, C) at sigmas[0] down to the last, 0."""
    for step, (sigma, following) in enumerate(pairwise(sigmas)):
        told(step / (len(sigmas) - 1))
        slope = (z - denoise(z, sigma)) / sigma
        euler = z + (following - sigma) * slope
        if following > 0:
            ahead = (euler - denoise(euler, following)) / following
            z = z + (following - sigma) * (slope + ahead) / 2
        else:
            z = euler
    return z
