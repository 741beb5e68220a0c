"""Make what is shipped of a training: `python -m training.export RECIPE CHECKPOINT`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from training.command import run_command
from training.loop.export import WEIGHTS, export_checkpoint
from training.recipes import find_recipe


@dataclass(frozen=True)
class ExportOptions:
    """What to ship."""

    recipe: Annotated[str, tyro.conf.Positional]
    checkpoint: Annotated[Path, tyro.conf.Positional]
    name: str | None = None
    """Name of the weights; the recipe's unless told otherwise."""
    folder: Path = WEIGHTS
    """Where NAME.onnx and NAME.json are written to."""


def main(arguments: list[str]) -> None:
    """Write the model and its card."""
    options = tyro.cli(ExportOptions, args=arguments)
    path = export_checkpoint(find_recipe(options.recipe), options.checkpoint, options.folder, options.name)
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MB")


if __name__ == "__main__":
    run_command(lambda arguments: main(list(arguments)))
