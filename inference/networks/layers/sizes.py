"""How large each parameter is, and fresh values for it: what training starts from."""

from __future__ import annotations

import numpy as np

Sizes = dict[str, tuple[int, ...]]


def linear(name: str, inward: int, outward: int) -> Sizes:
    """For `ops.linear`."""
    return {f"{name}.weight": (inward, outward), f"{name}.bias": (outward,)}


def norm(name: str, width: int) -> Sizes:
    """For `ops.norm`."""
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def mlp(name: str, inward: int, hidden: int, outward: int) -> Sizes:
    """For `ops.mlp`."""
    return {**linear(f"{name}.in", inward, hidden), **linear(f"{name}.out", hidden, outward)}


def attention(name: str, width: int) -> Sizes:
    """For `ops.attention`."""
    parts = [linear(f"{name}.{part}", width, width) for part in ("query", "key", "value", "out")]
    return {key: size for part in parts for key, size in part.items()}


def block(name: str, width: int) -> Sizes:
    """For `ops.block`."""
    return {
        **norm(f"{name}.before", width),
        **attention(f"{name}.mix", width),
        **norm(f"{name}.after", width),
        **mlp(f"{name}.mlp", width, 2 * width, width),
    }


def cross_block(name: str, width: int) -> Sizes:
    """For `ops.cross_block`."""
    return {**block(name, width), **norm(f"{name}.between", width), **attention(f"{name}.look", width)}


def fresh(sizes: Sizes, seed: int) -> dict[str, np.ndarray]:
    """Starting values: weights uniform by the number of inputs, norms 1, biases 0.

    Tables (`.table`) and the kernels of convolutions are normal.
    """
    random = np.random.default_rng(seed)
    made = {}
    for name, size in sizes.items():
        if name.endswith(".table"):
            made[name] = random.normal(0.0, 0.5, size)
        elif len(size) == 2:
            bound = (3.0 / size[0]) ** 0.5
            made[name] = random.uniform(-bound, bound, size)
        elif len(size) == 4:
            made[name] = random.normal(0.0, (2.0 / np.prod(size[1:])) ** 0.5, size)
        else:
            made[name] = np.full(size, 1.0 if name.endswith(".weight") else 0.0)
    return {name: value.astype(np.float32) for name, value in made.items()}
