"""Train a network: `python -m training.train RECIPE --preset tiny|small|full`. RECIPE --help lists every option.

Several GPUs of one machine: `torchrun --nproc-per-node N -m training.train RECIPE ...`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from training.command import read_command, run_command
from training.loop.export import WEIGHTS, export_checkpoint
from training.loop.machine import Device, Precision, start_machine
from training.loop.trainer import Run, Trainer


@dataclass(frozen=True)
class TrainOptions:
    """How to train."""

    preset: str = "tiny"
    """Where the config's fields come from: tiny (minutes), small (an hour on a CPU), full (one big GPU)."""
    out: Path | None = None
    """Folder for checkpoints and curves; out/training/RECIPE-PRESET-SEED unless told otherwise."""
    seed: int = 0
    """The same seed gives the same training."""
    resume: bool = False
    """Go on with the training in the folder, if there is one."""
    begin_with: Path | None = None
    """A checkpoint of the same recipe whose weights are the first ones; the stages then are all gone through."""
    workers: int | None = None
    """Loader processes of each training process; as many as suit the machine unless told otherwise."""
    threads: int | None = None
    """Threads of the training process itself."""
    device: Device = "auto"
    precision: Precision = "auto"
    """bf16-mixed on a GPU, 32-true on a CPU unless told otherwise."""
    max_minutes: float = 0.0
    """Stop with a checkpoint after so many minutes; --resume goes on. 0 = no limit."""
    export: bool = False
    """Write the best weights into inference/weights at the end."""
    weights: Path = WEIGHTS
    """Where --export writes to."""


def main(arguments: Sequence[str]) -> None:
    """Train, and export when asked to."""
    recipe, config, options = read_command(TrainOptions, arguments)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    fabric = start_machine(options.device, options.precision)
    if fabric.is_global_zero:
        recipe.prepare(config)
    fabric.barrier()
    out = options.out or Path("out") / "training" / f"{recipe.name}-{options.preset}-{options.seed}"
    resume = options.resume and (out / "last.ckpt").exists()
    run = Run(out, resume, options.workers, options.max_minutes, options.begin_with)
    state = Trainer(recipe, config, options.seed, fabric, run).train()
    if options.export and fabric.is_global_zero and (out / "best.ckpt").exists():
        print(export_checkpoint(recipe, out / "best.ckpt", options.weights))
    if fabric.is_global_zero:
        print(f"{out}: {state.step} steps, {state.samples} samples, {state.minutes:.1f} minutes on {state.device}")


if __name__ == "__main__":
    run_command(main)
