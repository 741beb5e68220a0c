"""A dictionary of parameters as a module: for networks that are written as functions of such a dictionary."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn


class Table(nn.Module):
    """Parameters by their dotted names, which are also those of its state and of the shipped weights.

    Names in `fixed` become buffers: they are kept and shipped, but not learned.
    """

    def __init__(self, values: Mapping[str, np.ndarray], fixed: tuple[str, ...] = ()) -> None:
        super().__init__()
        for name, value in values.items():
            *path, last = name.split(".")
            place: nn.Module = self
            for part in path:
                if part not in dict(place.named_children()):
                    place.add_module(part, nn.Module())
                place = place.get_submodule(part)
            tensor = torch.tensor(value)
            if name in fixed:
                place.register_buffer(last, tensor)
            else:
                place.register_parameter(last, nn.Parameter(tensor))

    def values(self) -> dict[str, torch.Tensor]:
        """What a forward pass asks for."""
        return {**dict(self.named_parameters()), **dict(self.named_buffers())}
