"""The running average of the weights: what is evaluated and shipped."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


def start_average(model: nn.Module) -> nn.Module:
    """A copy of the model to average into, in eval mode."""
    average = copy.deepcopy(model).eval()
    return average.requires_grad_(requires_grad=False)


def decay_at(ema: float, total_step: int) -> float:
    """Share of the old average that step `total_step` keeps: small at first, so that the start is soon forgotten."""
    return min(ema, (1 + total_step) / (10 + total_step)) if ema > 0 else 0.0


@torch.no_grad()
def move_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """average = decay * average + (1 - decay) * model; buffers are the model's."""
    blend = get_ema_multi_avg_fn(decay)
    blend(list(average.parameters()), list(model.parameters()), 0)
    for mean, buffer in zip(average.buffers(), model.buffers(), strict=True):
        mean.copy_(buffer)
