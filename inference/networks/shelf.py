"""The shipped networks, ready to run: read once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np

from .cortex import network as cortex
from .joints.apply import Member
from .joints.network import Size
from .loader import FOLDER, Weights, read_weights
from .s3ds import network as s3ds

JOINTS = ("joints", "joints-varied")  # learned from artists' rigs alone, and from generated shapes too


@dataclass(frozen=True)
class CortexNetwork:
    """What `free_armature` needs."""

    parameters: dict[str, np.ndarray]
    shape: cortex.Size


@lru_cache(maxsize=1)
def cortex_network() -> CortexNetwork | None:
    """The network that finds joints and topology of anything; None where there are no weights for it."""
    if not (FOLDER / "cortex.json").exists():
        return None
    weights = read_weights("cortex")
    width, layers, scales = (int(cast(int, weights.card.config[name])) for name in ("width", "layers", "scales"))
    arrays = {name.removeprefix("network."): value for name, value in weights.arrays.items()}
    return CortexNetwork(arrays, cortex.Size(width=width, layers=layers, scales=scales))


@lru_cache(maxsize=1)
def joints_network() -> tuple[Member, ...]:
    """The networks that move joints together; none where this installation has no weights for them."""
    members = []
    for name in JOINTS:
        if (FOLDER / f"{name}.json").exists():
            weights = read_weights(name)
            width, layers = (int(cast(int, weights.card.config[field])) for field in ("width", "layers"))
            members.append(Member(weights.arrays, Size(width=width, layers=layers)))
    return tuple(members)


@lru_cache(maxsize=1)
def facing_network() -> Weights | None:
    """The network that says what a shape is and how it stands; None where this installation has no weights for it."""
    return read_weights("facing") if (FOLDER / "facing.json").exists() else None


@lru_cache(maxsize=1)
def image_network() -> s3ds.S3dsNetwork | None:
    """The network that sees spheres in a picture; None where this installation has no weights for it."""
    if not (FOLDER / "s3ds.json").exists():
        return None
    weights = read_weights("s3ds")
    sizes = {name: int(cast(int, weights.card.config[name])) for name in s3ds.FIELDS}
    return s3ds.S3dsNetwork(dict(weights.arrays), s3ds.Size(**sizes))
