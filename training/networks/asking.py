"""Networks in torch as the rest of the program asks networks, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from inference.networks.loader import Ask, Network


def asked(model: nn.Module) -> Ask:
    """A module in eval mode that takes arrays by name and answers with arrays."""
    device = next(model.parameters()).device

    def ask(inputs: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        tensors = {name: torch.from_numpy(np.ascontiguousarray(array)).to(device) for name, array in inputs.items()}
        with torch.no_grad():
            return [answer.float().cpu().numpy() for answer in model(**tensors)]

    return ask


class ShippedModule(nn.Module):
    """A network that is shipped, for recipes to evaluate like a model of their own. It cannot learn."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        self.device_of_answers = nn.Parameter(torch.zeros(0), requires_grad=False)

    def forward(self, *tensors: Tensor, **named: Tensor) -> tuple[Tensor, ...]:
        given = {**dict(zip(self._network.card.inputs, tensors, strict=False)), **named}
        found = self._network({name: tensor.cpu().numpy() for name, tensor in given.items()})
        return tuple(torch.from_numpy(answer).to(self.device_of_answers.device) for answer in found)
