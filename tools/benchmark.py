"""Measure Bonewright, and what else runs here beside it.

    python -m tools.benchmark rig ../shared/data          quality and speed on rigged assets, by kind
    python -m tools.benchmark learned ../shared/data      the networks beside the geometry alone, in one run
    python -m tools.benchmark unseen ../shared/data       assets of many artists, and what each stage costs
    python -m tools.benchmark networks                    the networks on every provider at hand
    python -m tools.benchmark skeletons ../shared/data    centre lines beside other skeletonisers
    python -m tools.benchmark torture ../shared/data      all assets and 1,000 broken meshes
    python -m tools.benchmark scaling                     time and memory against the number of faces
    python -m tools.benchmark invariance                  moved, scaled, turned and mirrored inputs
    python -m tools.benchmark datasets                    building and reading datasets
    python -m tools.benchmark pool                        the pool of workers beside other pools
    python -m tools.benchmark topology                    loops and components of known solids
    python -m tools.benchmark silhouettes                 differentiable discs beside a mesh-based soft rasteriser
    python -m tools.benchmark pictures ../shared/data     shapes from single pictures of assets never seen: silhouettes
    python -m tools.benchmark follow                      weights that follow a joint moved by hand in Blender
    python -m tools.benchmark animate ../shared/data      control rigs and computed motions on rigs of assets
    python -m tools.benchmark view                        From View in Blender, from the click to the armature
    python -m tools.benchmark rendering                   the torch renderer beside Blender's views
    python -m tools.benchmark s3ds --full CHECKPOINT      S3DS's tables: spheres, surfaces, ablations, connectivity
    python -m tools.benchmark skeletonnet                 SkeletonNet's tables: skeletons, surfaces, holes
    python -m tools.benchmark surfaces                    surfaces of a picture: seconds and memory
    python -m tools.benchmark shapes                      skeletal latent diffusion: reconstruction and generation

Every command prints tables and writes JSON with --json. What the numbers mean: docs/benchmark.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from inference.requests import Surface
from tools.bench.animation.commands import Animate
from tools.bench.rigs.commands import (
    DATA,
    Bending,
    Follow,
    Invariance,
    Learned,
    Rig,
    Scaling,
    Torture,
    Unseen,
    first_of_each_kind,
)
from tools.bench.skeletonnet.commands import Skeletonnet, Surfaces
from training.datasets.rigged_glb import list_assets


@dataclass(frozen=True)
class Skeletons:
    """Centre lines beside CGAL, skeletor, kimimaro and thinning: coverage, inside, topology, time."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """Rigged assets; the watertight ones are used."""
    limit: int | None = None
    """Only the first so many meshes."""
    repeats: int = 3
    """Runs of each, turn by turn; the median counts."""
    peers: bool = True
    """Run the others too."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.skeletons.run import compare

        return compare(self.folder, self.limit, self.repeats, peers=self.peers)


@dataclass(frozen=True)
class Topology:
    """Components and loops of curves and medial meshes on tori, chains, handles, cages, knots."""

    resolution: int = 96
    """Cells along the longest side when the solids are drawn."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.skeletons.topology import topology

        return topology(self.resolution)


@dataclass(frozen=True)
class Silhouettes:
    """Differentiable discs beside a mesh-based soft rasteriser: image error, time and memory, forward and backward."""

    spheres: int = 400
    """Spheres an image."""
    pixels: int = 112
    """Side of an image."""
    batch: int = 16
    """Images at once."""
    threads: int = 1
    """Threads of torch."""
    repeats: int = 7
    """Runs of each, turn by turn; the median counts."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.images.silhouettes import Work, compare

        return compare(Work(self.spheres, self.pixels, self.batch, self.threads), self.repeats)


@dataclass(frozen=True)
class Rendering:
    """The torch renderer against Blender's views of the same shapes, and the speed of both."""

    sizes: tuple[int, ...] = (137, 224)
    """Pixels along each side."""
    engines: tuple[Literal["workbench", "cycles"], ...] = ("workbench", "cycles")
    """Blender's engines."""
    families: tuple[str, ...] = ()
    """Also a shape of each of these families or groups."""
    device: str = "cpu"
    """Of the torch renderer."""
    threads: int = 1
    """Threads of torch and of Blender."""
    blender: str = ""
    """Command that starts Blender; the bpy module when empty."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        import torch

        from tools.bench.images.rendering import compare

        torch.set_num_threads(self.threads)
        return compare(self.sizes, self.engines, self.families, self.device, self.threads, self.blender)


@dataclass(frozen=True)
class Datasets:
    """Items a second of each builder of datasets, and of the store that they are written to and read from."""

    family: str = "chair"
    """Shapes of this family are built."""
    shapes: int = 10
    """How many of them."""
    items: int = 1000
    """Items in the store."""
    item_kib: int = 256
    """Size of each."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.datasets import datasets

        return datasets(self.family, self.shapes, self.items, self.item_kib)


@dataclass(frozen=True)
class Pool:
    """Start, tasks a second, overhead a task and recovery of the pool of workers, beside other pools."""

    tasks: int = 2000
    """Tasks that do nothing."""
    repeats: int = 5
    """Runs of each, turn by turn; the median counts."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.pool import pool

        return pool(self.tasks, self.repeats)


@dataclass(frozen=True)
class Networks:
    """Size, memory and speed of the shipped networks, and how far apart they are, on every provider at hand."""

    repeats: int = 20
    """Runs of each, turn by turn; the median counts."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.networks import networks

        return networks(self.repeats)


@dataclass(frozen=True)
class FromView:
    """From View in Blender: from the click to the armature in the scene."""

    repeats: int = 5
    """Clicks from each of three places."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.images.view import view

        return view(self.repeats)


@dataclass(frozen=True)
class S3ds:
    """S3DS's tables and Figure 7 on shapes kept for evaluation, and which of the paper's claims hold."""

    full: Path | None = None
    """Checkpoint of S3DS on the 13 categories."""
    soft_sk: Path | None = None
    """Checkpoint of Soft-SK, taught alike."""
    ablations: tuple[str, ...] = ()
    """NAME=CHECKPOINT of networks taught without a part, and of a whole one taught like them."""
    deformed: Path | None = None
    """Checkpoint of the recipe deformed_sphere on chairs."""
    sheet: Path | None = None
    """Where to draw input, spheres, envelope and truth of each category."""
    shapes: int = 4
    """Shapes of each category to join spheres of: half of them choose the ways' parameters. 0 leaves this out."""
    threads: int = 1
    """Threads of torch."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        import torch

        from tools.bench.s3ds.tables import Asked, s3ds

        torch.set_num_threads(self.threads)
        return s3ds(Asked(self.full, self.soft_sk, self.ablations, self.deformed, self.sheet, self.shapes))


@dataclass(frozen=True)
class Pictures:
    """Single pictures of assets: how well the surface fills the silhouette from there and from where nobody looked."""

    folder: Annotated[Path, tyro.conf.Positional] = DATA
    """GLB files, rigged or not."""
    split: Literal["val", "train"] = "val"
    """Which assets."""
    kinds: tuple[str, ...] = ()
    """Only kinds that start with one of these words."""
    limit: int | None = None
    """Only so many assets of each kind."""
    views: int = 2
    """Pictures of each asset, from the papers' cameras by chance."""
    surfaces: tuple[Surface, ...] = ("spheres",)
    """Which surfaces, side by side: spheres, deformed, implicit."""
    detail: int = 64
    """Cells along each side of the grid that deformed and implicit ones are drawn on."""
    rigs: bool = False
    """Also make the rigs, and time them."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        from tools.bench.images.pictures import pictures

        found = list_assets(self.folder, self.split, self.kinds, rigged=None)
        listings = first_of_each_kind(found, self.limit)
        return pictures(listings, self.views, self.surfaces, self.detail, rigs=self.rigs)


@dataclass(frozen=True)
class Shapes:
    """Skeletal latent diffusion: reconstruction, generation, ablations, vessels, and a sheet of samples."""

    data: Path = Path("out/shapes.safetensors")
    """Packed shapes."""
    autoencoder: Path | None = None
    """Checkpoint of skeldiff; what is shipped, unless told otherwise."""
    denoiser: Path | None = None
    """Checkpoint of skeldiff_denoiser, which goes with the auto-encoder's."""
    others: tuple[str, ...] = ()
    """NAME=CHECKPOINT of auto-encoders to compare with, such as those taught without a part."""
    folded: tuple[str, ...] = ()
    """NAME=CHECKPOINT of the recipe folding."""
    denoisers: tuple[str, ...] = ()
    """NAME=CHECKPOINT of other denoisers, of latents or of bare points."""
    features: Path | None = None
    """Checkpoint of cloud_features, by which FID and KID are measured."""
    each: int = 5
    """Shapes of each category."""
    guidance: float = 1.0
    """How far beyond what is usual for a category."""
    sheet: Path | None = None
    """Where to draw what is generated, beside the nearest shape learned from."""
    threads: int = 1
    """Threads of torch."""
    json: Path | None = None
    """Where to write everything."""

    def run(self) -> object:
        import torch

        from tools.bench.shapes.run import AskedShapes, shapes

        torch.set_num_threads(self.threads)
        asked = AskedShapes(
            self.data,
            self.autoencoder,
            self.denoiser,
            self.others,
            self.folded,
            self.denoisers,
            self.features,
            self.each,
            self.guidance,
            self.sheet,
        )
        return shapes(asked)


OnRigs = Learned | Unseen | Rig | Torture | Scaling | Invariance | Follow | Bending
OnSurfaces = Skeletonnet | Surfaces
OnShapes = Skeletons | Topology | Silhouettes | Rendering | Datasets | S3ds | Pictures | FromView | Shapes
Command = OnRigs | OnShapes | OnSurfaces | Networks | Pool | Animate


def main() -> None:
    """Run one of the commands."""
    from tools.bench.record import save

    chosen = tyro.cli(Command, description=__doc__)
    save(chosen.json, type(chosen).__name__.lower(), chosen, chosen.run())


if __name__ == "__main__":
    main()
