"""What training starts from: one rule for every layer; recipes say what else begins small."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from inference.networks.layers.resnet import Residual

TABLES = 0.5  # spread of what is looked up


@torch.no_grad()
def begin(model: nn.Module) -> None:
    """Weights uniform by the number of inputs, so that numbers stay about 1; kernels and tables normal, biases 0."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            bound = (3.0 / layer.in_features) ** 0.5
            layer.weight.uniform_(-bound, bound)
        elif isinstance(layer, nn.Conv2d | nn.Conv3d):
            layer.weight.normal_(0.0, (2.0 / layer.weight[0].numel()) ** 0.5)
        elif isinstance(layer, nn.Embedding):
            layer.weight.normal_(0.0, TABLES)
        bias = getattr(layer, "bias", None)
        if isinstance(bias, Tensor):
            bias.zero_()


@torch.no_grad()
def quieten(model: nn.Module) -> None:
    """Have each of ResNet's blocks add little to what goes past it: without this, eight of them add up to a lot."""
    for block in model.modules():
        if isinstance(block, Residual):
            block.two.kernel.weight.mul_(0.2)
            block.two.norm.weight.mul_(0.3)
