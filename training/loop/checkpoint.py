"""Checkpoints: whole or not there at all, and damage is noticed.

A file is one line `bonewright checkpoint 1 <sha256 of the rest>` and then what torch.save makes.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch

from inference.files import write_whole

from .errors import CheckpointError
from .recipe import Numbers
from .values import Value

MAGIC = b"bonewright checkpoint 1 "
Tensors = dict[str, torch.Tensor]


@dataclass
class Checkpoint:
    """Everything that the next step depends on, and what a card tells."""

    recipe: str
    config: Value
    seed: int
    step: int  # steps done, of the whole training
    model: Tensors
    average: Tensors
    optimisers: list[dict[str, object]]  # of the stage that `step` lies in
    samples: int = 0
    minutes: float = 0.0  # on the clock, over all runs
    device: str = ""
    metrics: Numbers = field(default_factory=dict)  # of the last evaluation
    best: float | None = None
    best_step: int = -1
    curves: list[dict[str, float | str]] = field(default_factory=list)
    window: dict[str, list[float]] = field(default_factory=dict)  # numbers since the last point of the curves


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Into place at once: whoever is killed here leaves the file that was there before."""
    buffer = io.BytesIO()
    torch.save({item.name: getattr(checkpoint, item.name) for item in fields(checkpoint)}, buffer)
    data = buffer.getbuffer()
    write_whole(path, MAGIC + hashlib.sha256(data).hexdigest().encode() + b"\n", data)


def read_checkpoint(path: Path) -> Checkpoint:
    """What was written, with all tensors on the CPU."""
    if not path.is_file():
        raise CheckpointError(f"There is no checkpoint '{path}'.")
    with path.open("rb") as file:
        head = file.readline(200)
        data = file.read()
    if not head.startswith(MAGIC):
        raise CheckpointError(f"'{path}' is not a checkpoint of this program.")
    if hashlib.sha256(data).hexdigest().encode() != head[len(MAGIC) :].strip():
        raise CheckpointError(f"'{path}' is damaged. Delete it, and go on from another checkpoint or start again.")
    try:
        return Checkpoint(**torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))
    except (pickle.UnpicklingError, RuntimeError, TypeError) as error:
        raise CheckpointError(f"'{path}' was written by another version ({error}).") from error
