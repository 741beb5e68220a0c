"""What denoisers learn by: EDM's weighted error, on noise that is paired with the points it is nearest to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from inference.networks.skeldiff.sampler import SIGMA_DATA

P_MEAN, P_STD = -0.8, 1.4  # of the logarithm of the noise's spread; the paper's: -1.2 and 1.2
Denoise = Callable[[Tensor, Tensor], Tensor]
"""D(z, sigma) of rows (N, S, C) with noise of spread (N,)."""


def draw_sigma(count: int, device: torch.device) -> Tensor:
    """The noise's spread in training, (count,)."""
    return (P_MEAN + P_STD * torch.randn(count, device=device)).exp()


def denoising_loss(denoise: Denoise, z: Tensor, noise: Tensor, sigma: Tensor, weights: Tensor) -> Tensor:
    """Mean squared error of D(z + sigma noise, sigma), weighed as EDM has it; `weights` (C,) are of a row's numbers."""
    s = sigma[:, None, None]
    found = denoise(z + s * noise, sigma)
    weight = (s.square() + SIGMA_DATA**2) / (s * SIGMA_DATA).square()
    return (weight * (found - z).square() * (weights / weights.mean())).mean()


def paired(places: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Noise (S, C) in the order in which its first three numbers fit places (S, 3) best, over all points together.

    Points have no order, so each may have any row of the noise. Paired like this, what a noisy point was is easier to
    tell, and the sampler's equation stays right: it holds however noise and data are paired, as long as they are
    independent where sampling starts, and there the noise drowns everything.
    """
    return noise[linear_sum_assignment(places @ noise[:, :3].T, maximize=True)[1]]
