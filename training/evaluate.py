"""Measure a trained network: `python -m training.evaluate RECIPE CHECKPOINT [--split val]`.

Prints a table, and the same as JSON in the last line. CHECKPOINT is a NAME.ckpt, or a NAME.onnx with its card.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import tyro
from rich.console import Console
from rich.table import Table

from inference.files import write_whole
from training.command import run_command
from training.loop.checkpoint import read_checkpoint
from training.loop.export import config_of, shipped_model, trained_model
from training.loop.machine import Device, pick_device
from training.loop.recipe import Numbers, Split
from training.recipes import find_recipe


@dataclass(frozen=True)
class EvaluateOptions:
    """What to measure."""

    recipe: Annotated[str, tyro.conf.Positional]
    checkpoint: Annotated[Path, tyro.conf.Positional]
    split: Split = "val"
    device: Device = "auto"
    json: Path | None = None
    """Write the JSON into this file too."""


def main(arguments: list[str]) -> None:
    """Evaluate and print."""
    options = tyro.cli(EvaluateOptions, args=arguments)
    recipe = find_recipe(options.recipe)
    if options.checkpoint.suffix == ".onnx":
        config, model = shipped_model(recipe, options.checkpoint)
    else:
        checkpoint = read_checkpoint(options.checkpoint)
        config, model = config_of(recipe, checkpoint), trained_model(recipe, checkpoint)
        recipe.calibrate(config, model)
    recipe.prepare(config)
    with torch.no_grad():
        metrics = recipe.evaluate(config, model.to(pick_device(options.device)), options.split)
    _print_table(f"{recipe.name} on {options.split}", metrics)
    record = {"recipe": recipe.name, "weights": str(options.checkpoint), "split": options.split, "metrics": metrics}
    print(json.dumps(record))
    if options.json is not None:
        write_whole(options.json, (json.dumps(record, indent=2) + "\n").encode())


def _print_table(title: str, metrics: Numbers) -> None:
    table = Table("metric", "value", title=title)
    for name, value in metrics.items():
        table.add_row(name, f"{value:.4f}")
    Console().print(table)


if __name__ == "__main__":
    run_command(lambda arguments: main(list(arguments)))
