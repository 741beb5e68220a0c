"""What can be asked of the benchmark about SkeletonNet: its commands and their options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from inference.requests import Surface


@dataclass(frozen=True)
class Skeletonnet:
    """SkeletonNet's tables on shapes kept for evaluation: skeletons, surfaces, holes, people, photographs."""

    folder: Path = Path("out")
    """Where training/ and ablations/ lie."""
    preset: str = "small"
    """Of the trainings."""
    seed: int = 0
    """Of the trainings."""
    each: int = 2
    """Shapes of each category whose surfaces are measured; all kept ones are measured by their skeletons."""
    detail: int = 64
    """Cells along each side of the grid that implicit surfaces are drawn on."""
    pix3d: Path | None = None
    """A folder of Pix3D, for photographs."""
    pictures: int = 200
    """At most so many of them."""
    sheet: Path | None = None
    """Where to draw input, skeleton, surfaces and truth of each category."""
    threads: int = 1
    """Threads of torch."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        import torch

        from .nets import Asked
        from .run import skeletonnet

        torch.set_num_threads(self.threads)
        asked = Asked(
            self.folder, self.preset, self.seed, self.each, self.detail, self.pix3d, self.pictures, self.sheet
        )
        return skeletonnet(asked)


@dataclass(frozen=True)
class Surfaces:
    """Surfaces of a picture as they are shipped: seconds to surface and rig, and the most memory."""

    picture: Annotated[Path | None, tyro.conf.Positional] = None
    """A picture of an object; a chair is drawn where none is named."""
    surfaces: tuple[Surface, ...] = ("spheres", "deformed", "implicit")
    """Which."""
    detail: tuple[int, ...] = (64, 128)
    """Cells along each side of the grid."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from .cost import surface_costs

        return surface_costs(self.picture, self.surfaces, self.detail)
