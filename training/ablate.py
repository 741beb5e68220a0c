"""What each part of a network is worth: `python -m training.ablate RECIPE [--preset tiny] [--only NAME ...]`.

Trains the whole network and the network without each part, all with the same seed, data and number of steps, and prints
their metrics beside each other. A run that was stopped goes on where it was; what is done is not done again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from training.command import read_command, run_command
from training.loop.checkpoint import read_checkpoint
from training.loop.errors import TrainingError
from training.loop.export import trained_model
from training.loop.machine import Device, Precision, start_machine
from training.loop.recipe import Numbers
from training.loop.trainer import Run, Trainer

WHOLE = "whole"


@dataclass(frozen=True)
class AblateOptions:
    """Which parts, and how they are trained."""

    preset: str = "tiny"
    """Where the config's fields come from."""
    only: tuple[str, ...] = ()
    """Only these ablations (and the whole network); all of the recipe's unless told otherwise."""
    metrics: tuple[str, ...] = ()
    """Only metrics whose name begins with one of these; all unless told otherwise."""
    out: Path | None = None
    """Folder for the trainings; out/ablations/RECIPE-PRESET-SEED unless told otherwise."""
    seed: int = 0
    workers: int | None = None
    threads: int | None = None
    device: Device = "auto"
    precision: Precision = "auto"


def main(arguments: Sequence[str]) -> None:
    """Train all and print the table, and the same as JSON in the last line."""
    recipe, config, options = read_command(AblateOptions, arguments)
    unknown = set(options.only) - set(recipe.ablations)
    if unknown or not recipe.ablations:
        known = ", ".join(recipe.ablations) or "none"
        raise TrainingError(f"'{recipe.name}' has no ablation {', '.join(sorted(unknown))}. There are: {known}.")
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    recipe.prepare(config)
    out = options.out or Path("out") / "ablations" / f"{recipe.name}-{options.preset}-{options.seed}"
    found: dict[str, Numbers] = {}
    for name in (WHOLE, *(options.only or recipe.ablations)):
        changed = replace(config, **recipe.ablations.get(name, {}))
        folder = out / name.replace(" ", "_")
        fabric = start_machine(options.device, options.precision)
        run = Run(folder, (folder / "last.ckpt").exists(), options.workers)
        Trainer(recipe, changed, options.seed, fabric, run).train()
        model = trained_model(recipe, read_checkpoint(folder / "last.ckpt"))
        recipe.calibrate(changed, model)
        with torch.no_grad():
            found[name] = recipe.evaluate(changed, model, "val")
    wanted = [name for name in found[WHOLE] if not options.metrics or name.startswith(options.metrics)]
    table = Table(title=f"{recipe.name}, {options.preset}: on val", title_justify="left")
    for column in ("metric", *found):
        table.add_column(column, justify="left" if column == "metric" else "right")
    for metric in wanted:
        table.add_row(metric, *[f"{numbers.get(metric, float('nan')):.4g}" for numbers in found.values()])
    Console().print(table)
    print(json.dumps({name: {metric: numbers.get(metric) for metric in wanted} for name, numbers in found.items()}))


if __name__ == "__main__":
    run_command(main)
