"""What the training runs on: CPU, one GPU, or several processes started by torchrun."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Iterable
from typing import Literal

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from .errors import TrainingError

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "32-true", "bf16-mixed"]


def start_machine(device: Device = "auto", precision: Precision = "auto") -> Fabric:
    """A launched Fabric: bf16 on a GPU and float32 on a CPU unless told otherwise."""
    cuda = pick_device(device) == "cuda"
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    here = int(os.environ.get("LOCAL_WORLD_SIZE", processes))
    if cuda:
        torch.set_float32_matmul_precision("high")
    else:
        # Two trainings of one seed are to be the same bits.
        torch.use_deterministic_algorithms(mode=True, warn_only=True)
    warnings.filterwarnings("ignore", message=".*srun.*")
    fabric = Fabric(
        accelerator="cuda" if cuda else "cpu",
        devices=here,
        num_nodes=max(processes // here, 1),
        strategy="ddp" if processes > 1 else "auto",
        precision=("bf16-mixed" if cuda else "32-true") if precision == "auto" else precision,
    )
    fabric.launch()
    return fabric


def pick_device(device: Device) -> Literal["cpu", "cuda"]:
    """The GPU if there is one, unless told otherwise."""
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no usable GPU. Leave --device away to work on the CPU.")
    return "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"


def device_name(fabric: Fabric) -> str:
    """For the card: what it was trained on."""
    processor = (
        torch.cuda.get_device_name(fabric.device)
        if fabric.device.type == "cuda"
        else f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
    )
    return f"{fabric.world_size} x {processor}" if fabric.world_size > 1 else processor


def seed_step(seed: int, step: int, rank: int) -> None:
    """torch's own random numbers of a step, so that none of their state has to be kept."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0] >> np.uint64(1)))


def average_gradients(fabric: Fabric, parameters: Iterable[nn.Parameter]) -> None:
    """The mean over all processes, in one message.

    Done by hand, because a model that is wrapped for this can be called in one way only, while losses here call parts
    of it, several optimisers take turns, and a few million numbers are one short message anyway.
    """
    if fabric.world_size == 1:
        return
    moved = [item for item in parameters if item.requires_grad]
    flat = torch.cat([(torch.zeros_like(item) if item.grad is None else item.grad).ravel() for item in moved])
    flat = _mean(fabric, flat)
    for item, piece in zip(moved, flat.split([item.numel() for item in moved]), strict=True):
        item.grad = piece.view_as(item).clone()


@torch.no_grad()
def average_buffers(fabric: Fabric, model: nn.Module) -> None:
    """Running means of normalisations: the mean over all processes."""
    if fabric.world_size == 1:
        return
    for buffer in model.buffers():
        if buffer.is_floating_point():
            buffer.copy_(_mean(fabric, buffer))


def average_numbers(fabric: Fabric, numbers: dict[str, float]) -> dict[str, float]:
    """The mean over all processes of numbers that each of them has."""
    if fabric.world_size == 1 or not numbers:
        return numbers
    names = sorted(numbers)
    values = _mean(fabric, torch.tensor([numbers[name] for name in names], dtype=torch.float64, device=fabric.device))
    return dict(zip(names, values.tolist(), strict=True))


def _mean(fabric: Fabric, tensor: torch.Tensor) -> torch.Tensor:
    reduced = fabric.all_reduce(tensor, reduce_op="mean")
    if not isinstance(reduced, torch.Tensor):
        raise TypeError(f"A tensor was expected, not {type(reduced).__name__}.")
    return reduced
