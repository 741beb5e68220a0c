"""Trainings of the toy recipe for the tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from training.loop.checkpoint import Checkpoint
from training.loop.machine import start_machine
from training.loop.trainer import Run, Trainer

from .toy_recipe import RECIPE, ToyConfig

TINY = RECIPE.presets["tiny"]


def with_loop(**changes: float) -> ToyConfig:
    """The tiny preset with other settings of the loop."""
    return replace(TINY, loop=replace(TINY.loop, **changes))


def trainer(out: Path, config: ToyConfig = TINY, seed: int = 0, *, resume: bool = False, workers: int = 0) -> Trainer:
    """Ready to train on one thread of the CPU."""
    torch.set_num_threads(1)
    return Trainer(RECIPE, config, seed, start_machine("cpu"), Run(out, resume, workers))


def train(out: Path, config: ToyConfig = TINY, seed: int = 0, *, resume: bool = False, workers: int = 0) -> Checkpoint:
    """From beginning to end."""
    return trainer(out, config, seed, resume=resume, workers=workers).train()


def same(one: Checkpoint, other: Checkpoint) -> bool:
    """Bit for bit in everything but the clock."""
    return (
        _equal(one.model, other.model)
        and _equal(one.average, other.average)
        and (one.step, one.samples, one.best, one.best_step) == (other.step, other.samples, other.best, other.best_step)
        and one.curves == other.curves
        and one.metrics == other.metrics
    )


def _equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
