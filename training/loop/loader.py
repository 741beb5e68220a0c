"""Batches made ahead of time in other processes. Which one makes a batch does not matter: it depends on its step."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Generic

import torch
from torch.utils.data import DataLoader, Dataset

from .errors import TrainingError
from .recipe import Batch, C, Draw, Recipe
from .schedule import stage_of, total_steps


@dataclass(frozen=True)
class Share:
    """Which part of every batch this process trains on."""

    rank: int = 0
    processes: int = 1


@dataclass(frozen=True)
class Made:
    """A batch and what it cost."""

    batch: Batch
    items: int
    seconds: float  # in the process that made it

    def pin_memory(self) -> Made:
        """Called by the DataLoader where batches go to a GPU."""
        return Made({name: tensor.pin_memory() for name, tensor in self.batch.items()}, self.items, self.seconds)


class Steps(Dataset[Made], Generic[C]):
    """The batches of a training by their step."""

    def __init__(self, recipe: Recipe[C], config: C, seed: int, share: Share) -> None:
        self.recipe, self.config, self.seed, self.share = recipe, config, seed, share
        self.stages = recipe.stages(config)
        for stage in self.stages:
            if stage.batch_size % share.processes:
                raise TrainingError(
                    f"Stage '{stage.name}' has batches of {stage.batch_size}, which {share.processes} processes "
                    "cannot share. Choose a multiple."
                )

    def __len__(self) -> int:
        return total_steps(self.stages)

    def __getitem__(self, step: int) -> Made:
        started = time.perf_counter()
        index = stage_of(self.stages, step)
        count = self.stages[index].batch_size // self.share.processes
        draw = Draw(self.seed, index, step, self.share.rank * count, count)
        batch = self.recipe.batch(self.config, self.stages[index], draw)
        return Made(batch, count, time.perf_counter() - started)


def make_loader(steps: Steps[C], first: int, workers: int, *, pin: bool) -> DataLoader[Made]:
    """The batches from step `first` on, in order."""
    return DataLoader(
        steps,
        batch_size=None,
        sampler=range(first, len(steps)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        worker_init_fn=_one_thread if workers else None,
        pin_memory=pin,
    )


def sensible_workers(processes: int) -> int:
    """Loader processes of each training process on this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    mine = cores // processes
    return max(1, min(mine - 2, 16)) if mine > 2 else 1


def _one_thread(_worker: int) -> None:
    torch.set_num_threads(1)
