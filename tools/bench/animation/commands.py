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
    """Control rigs moved in Blender, and computed motions: limbs that arrive, feet that stand, joints within limits."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged GLB files."""
    split: Literal["val", "train"] = "val"
    """Which assets."""
    kinds: tuple[str, ...] = ("biped", "quadruped", "bird", "fish")
    """Only kinds that start with one of these words."""
    limit: int | None = None
    """Only so many assets of each kind."""
    controls: bool = True
    """Off: only the motions, which need no Blender."""
    motions: bool = True
    """Off: only the controls."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        listings = first_of_each_kind(list_assets(self.folder, self.split, self.kinds), self.limit)
        found: dict[str, object] = {}
        if self.controls:
            from .compare import compare_controls

            found["controls"] = compare_controls(listings)
        if self.motions:
            from .motions import compare_motions

            found["motions"] = compare_motions(listings)
        return found
