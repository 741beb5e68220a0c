"""What networks on pictures are made of: convolutions and pools on (B, C, H, W), for NumPy and torch alike.

A convolution here has a bias and no batch normalisation. Training has kernels without bias and normalisations instead;
`folded` joins them.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from .ops import TINY, Parameters
from .sizes import Sizes

A = TypeVar("A")  # np.ndarray or torch.Tensor
NORM = ("gain", "shift", "mean", "variance")  # of a batch normalisation, after the convolution's name


def convolution(name: str, inward: int, outward: int, side: int) -> Sizes:
    """For `convolve`, with kernels of side x side pixels."""
    return {f"{name}.weight": (outward, inward, side, side), f"{name}.bias": (outward,)}


def convolve(p: Parameters[A], name: str, x: A, stride: int = 1) -> A:
    """Cross-correlation with as much empty border as half the kernel, at every `stride`-th pixel; plus bias."""
    weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
    if not isinstance(x, np.ndarray):
        from torch.nn.functional import conv2d

        return conv2d(x, weight, bias, stride, weight.shape[2] // 2)
    outward, inward, side, _ = weight.shape
    seen = _windows(x, side, stride, 0.0)  # (B, C, H', W', side, side)
    batch, _, high, wide = seen.shape[:4]
    flat = seen.transpose(0, 2, 3, 1, 4, 5).reshape(batch * high * wide, inward * side * side)
    made = flat @ weight.reshape(outward, -1).T + bias
    return made.reshape(batch, high, wide, outward).transpose(0, 3, 1, 2)


def highest_near(x: A, side: int = 3, stride: int = 2) -> A:
    """The maximum of side x side pixels around every `stride`-th one."""
    if isinstance(x, np.ndarray):
        return _windows(x, side, stride, -np.inf).max((4, 5))
    from torch.nn.functional import max_pool2d

    return max_pool2d(x, side, stride, side // 2)


def grid_means(x: A, cells: int) -> A:
    """Means of cells x cells equal parts of the pictures, all in one row: (B, C * cells * cells)."""
    batch, channels, high, wide = x.shape
    parts = x.reshape(batch, channels, cells, high // cells, cells, wide // cells)
    return parts.mean((3, 5)).reshape(batch, channels * cells * cells)


def folded(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Parameters as training has them, with each normalisation's work done by its convolution, to the same numbers."""
    made = {name: value for name, value in values.items() if name.rpartition(".")[2] not in ("kernel", *NORM)}
    for name in [name.removesuffix(".kernel") for name in values if name.endswith(".kernel")]:
        gain, shift, mean, variance = (values[f"{name}.{part}"] for part in NORM)
        scale = gain / np.sqrt(variance + TINY)
        made[f"{name}.weight"] = values[f"{name}.kernel"] * scale[:, None, None, None]
        made[f"{name}.bias"] = shift - mean * scale
    return made


def unfolded(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What training starts from: kernels, and normalisations that have seen nothing."""
    made = {}
    for name, value in values.items():
        if value.ndim == 4:
            name = name.removesuffix(".weight")
            made[f"{name}.kernel"] = value
            for part, first in zip(NORM, (1.0, 0.0, 0.0, 1.0), strict=True):
                made[f"{name}.{part}"] = np.full(len(value), first, np.float32)
        elif f"{name.removesuffix('.bias')}.kernel" not in made:
            made[name] = value
    return made


def _windows(x: np.ndarray, side: int, stride: int, border: float) -> np.ndarray:
    edge = side // 2
    wide = np.pad(x, ((0, 0), (0, 0), (edge, edge), (edge, edge)), constant_values=border) if edge else x
    return np.lib.stride_tricks.sliding_window_view(wide, (side, side), (2, 3))[:, :, ::stride, ::stride]
