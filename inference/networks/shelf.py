"""The shipped networks, ready to run: read once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np

from .joints import Shape
from .load import FOLDER, read_weights


@dataclass(frozen=True)
class JointsNetwork:
    """What `named_armature` needs."""

    parameters: dict[str, np.ndarray]
    shape: Shape


@lru_cache(maxsize=1)
def joints_network() -> JointsNetwork | None:
    """The network that moves joints; None where this installation has no weights for it."""
    if not (FOLDER / "joints.json").exists():
        return None
    weights = read_weights("joints")
    config = weights.card.config
    shape = Shape(width=int(cast(int, config["width"])), layers=int(cast(int, config["layers"])))
    return JointsNetwork(weights.arrays, shape)
