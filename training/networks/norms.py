"""Batch normalisations, measured anew: averaged weights see other numbers than the last ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from inference.networks.layers.resnet import Convolution
from inference.networks.skeletonnet.volumes import VolumeStep

NORMS = (nn.BatchNorm2d, nn.BatchNorm3d)


@torch.no_grad()
def measure_norms(model: nn.Module, look: Callable[[int], object], times: int) -> None:
    """Plain means over `times` looks of the model at batches; it is in eval mode afterwards."""
    norms = [(layer, layer.momentum) for layer in model.modules() if isinstance(layer, NORMS)]
    for norm, _ in norms:
        norm.reset_running_stats()
        norm.momentum = None  # plain means
    model.train()
    for step in range(times):
        with torch.random.fork_rng(devices=[]):  # what is drawn in a look is the same every time
            torch.manual_seed(step)
            look(step)
    for norm, momentum in norms:
        norm.momentum = momentum
    model.eval()


def fold_norms(model: nn.Module) -> None:
    """Make normalisations parts of their convolutions, for what is shipped: whoever folds them later rounds twice."""
    for layer in model.modules():
        if isinstance(layer, Convolution | VolumeStep) and not layer.is_folded:
            layer.fold()
