"""What can be asked of the benchmark about controls and motion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from training.datasets.rigged_glb import list_assets

from ..rigs.commands import DATA, first_of_each_kind


@dataclass(frozen=True)
class Animate:
    """Control rigs on assets, in Blender: are they built, do hands and feet arrive, do knees and elbows bend right?"""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged GLB files."""
    split: Literal["val", "train"] = "val"
    """Which assets."""
    kinds: tuple[str, ...] = ("biped", "quadruped")
    """Only kinds that start with one of these words."""
    limit: int | None = None
    """Only so many assets of each kind."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from .controls import compare_controls

        listings = first_of_each_kind(list_assets(self.folder, self.split, self.kinds), self.limit)
        return {"controls": compare_controls(listings)}
