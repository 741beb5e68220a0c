"""Build a dataset of meshes, rigs or generated shapes, or check one. Run the same command again to go on after a stop.

    python -m tools.build_dataset skeletons meshes/ --out data/skeletons --volumes 64 128 256
    python -m tools.build_dataset sdf organs/ --format medshapenet --out data/medsdf --processes 8
    python -m tools.build_dataset rigs rigged/ --out data/rigs
    python -m tools.build_dataset truth --family chair table --seeds 0:1000 --out data/chairs
    python -m tools.build_dataset verify data/chairs

What the recipes learn from is made of ../shared/data unless something else is named, and is one file, as is everything
whose name ends with .safetensors:

    python -m tools.build_dataset surfaces
    python -m tools.build_dataset surfaces --family characters --points 1024 --out out/characters.safetensors
    python -m tools.build_dataset surfaces RigNet/ --format rignet --out out/rignet.safetensors
    python -m tools.build_dataset guesses | priors | views | shapes | skeletal-views

Ends with 0 when every item was made, with 3 when some were skipped (each is named with its reason), with 1 on errors.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from inference.errors import BonewrightError
from training.datasets.builders.build import Recipe, build, plan_of
from training.datasets.builders.make import Rigs as RigRecipe
from training.datasets.builders.make import Sdf as SdfRecipe
from training.datasets.builders.make import Skeletons as SkeletonRecipe
from training.datasets.builders.make import Truth as TruthRecipe
from training.datasets.builders.sources import Files, Generated, Library, NoInputError, Read, Source, families_named
from training.datasets.packed.guesses import Guesses as GuessRecipe
from training.datasets.packed.priors import Priors as PriorRecipe
from training.datasets.packed.shapes import FAMILIES as SHAPE_FAMILIES
from training.datasets.packed.shapes import SEEDS as SHAPE_SEEDS
from training.datasets.packed.shapes import VAL as SHAPE_VAL
from training.datasets.packed.shapes import Shapes as ShapeRecipe
from training.datasets.packed.shapes import shapes_source
from training.datasets.packed.skeletal import SkeletalViews as SkeletalRecipe
from training.datasets.packed.surfaces import Surfaces as SurfaceRecipe
from training.datasets.packed.views import FAMILIES, views_source
from training.datasets.packed.views import Views as ViewRecipe
from training.datasets.rigged_glb import LIBRARY
from training.datasets.store.reading import Dataset, verify
from training.datasets.store.shards import Item, Skipped

ALL_MADE, FAILED, SOME_SKIPPED = 0, 1, 3
SHOWN = 20  # skipped items that are named; all of them stay in the dataset's indices

Format = Literal["files", "shapenet", "rignet", "articulation-xl", "medshapenet", "cow", "imagecas", "pix3d"]


@dataclass(frozen=True)
class Common:
    """Where the shapes come from and where the dataset goes."""

    out: Path
    """The dataset's folder, or one file NAME.safetensors."""
    inputs: Annotated[tuple[Path, ...], tyro.conf.Positional] = ()
    """Mesh files, or folders of them; with --format the one folder of a public data set."""
    format: Format = "files"
    """How the folder is laid out."""
    up: Literal["y", "z"] = "z"
    """Which axis points up in mesh files; GLB files and public data sets say it themselves."""
    family: tuple[str, ...] = ()
    """Generate shapes of these families or groups instead (or of `module:function`)."""
    seeds: str = "0:100"
    """FIRST:LAST of the generated shapes, the last not included."""
    processes: int = 1
    """How many work side by side; 0 works in this process, without a time limit."""
    limit_s: float = 600.0
    """Seconds an item may take."""
    per_shard: int | None = None
    """Items in a shard."""


@dataclass(frozen=True)
class Skeletons(Common):
    """Surface points, meso-skeleton points with curve and sheet labels, skeletal volumes."""

    make: tyro.conf.OmitArgPrefixes[SkeletonRecipe] = field(default_factory=SkeletonRecipe)


@dataclass(frozen=True)
class Sdf(Common):
    """Signed distances: surface points, samples and a volume of each shape's largest component."""

    make: tyro.conf.OmitArgPrefixes[SdfRecipe] = field(default_factory=SdfRecipe)


@dataclass(frozen=True)
class Rigs(Common):
    """Meshes with bones and skin weights, of skinned files, public data sets or families that have rigs."""

    make: tyro.conf.OmitArgPrefixes[RigRecipe] = field(default_factory=RigRecipe)


@dataclass(frozen=True)
class Truth(Common):
    """All that generators know about their shapes."""

    make: tyro.conf.OmitArgPrefixes[TruthRecipe] = field(default_factory=TruthRecipe)


@dataclass(frozen=True)
class Surfaces(Common):
    """Points on surfaces with bones and weights: what networks learn from that see shapes."""

    out: Path = Path("out/surfaces.safetensors")
    """The dataset's folder, or one file NAME.safetensors."""
    make: tyro.conf.OmitArgPrefixes[SurfaceRecipe] = field(default_factory=SurfaceRecipe)


@dataclass(frozen=True)
class Guesses(Common):
    """What the geometric core makes of rigs: what the network learns from that corrects joints."""

    out: Path = Path("out/guesses.safetensors")
    """The dataset's folder, or one file NAME.safetensors."""
    make: tyro.conf.OmitArgPrefixes[GuessRecipe] = field(default_factory=GuessRecipe)


@dataclass(frozen=True)
class Priors(Common):
    """Geometric skin weights beside artists': what the network learns from that corrects weights."""

    out: Path = Path("out/priors.safetensors")
    """The dataset's folder, or one file NAME.safetensors."""
    make: tyro.conf.OmitArgPrefixes[PriorRecipe] = field(default_factory=PriorRecipe)


@dataclass(frozen=True)
class Views(Common):
    """Pictures of generated shapes: what networks learn from that see pictures."""

    out: Path = Path("out/views.safetensors")
    """The dataset's folder, or one file NAME.safetensors."""
    family: tuple[str, ...] = FAMILIES
    """Families or groups of families."""
    seeds: str = "0:100"
    """FIRST:LAST of the shapes to learn from, the last not included."""
    val: int = 10
    """Shapes of each family for evaluation, which have seeds of their own."""
    make: tyro.conf.OmitArgPrefixes[ViewRecipe] = field(default_factory=ViewRecipe)


@dataclass(frozen=True)
class SkeletalViews(Common):
    """Pictures with skeletons, surfaces and skeletal volumes: what SkeletonNet learns from."""

    out: Path = Path("out/skeletal.safetensors")
    """The dataset's folder, or one file NAME.safetensors."""
    family: tuple[str, ...] = ("categories",)
    """Families or groups of families."""
    seeds: str = "0:92"
    """FIRST:LAST of the shapes to learn from, the last not included."""
    val: int = 8
    """Shapes of each family for evaluation, which have seeds of their own."""
    make: tyro.conf.OmitArgPrefixes[SkeletalRecipe] = field(default_factory=SkeletalRecipe)


@dataclass(frozen=True)
class Shapes(Common):
    """Clouds and signed distances of shapes: what skeletal latent diffusion learns from."""

    out: Path = Path("out/shapes.safetensors")
    """The dataset's folder, or one file NAME.safetensors."""
    family: tuple[str, ...] = SHAPE_FAMILIES
    """Families; leave them out (`--family` alone) where files are given."""
    seeds: str = f"0:{SHAPE_SEEDS}"
    """FIRST:LAST of the shapes to learn from, the last not included."""
    val: int = SHAPE_VAL
    """Shapes of each family for evaluation, which have seeds of their own."""
    make: tyro.conf.OmitArgPrefixes[ShapeRecipe] = field(default_factory=ShapeRecipe)


@dataclass(frozen=True)
class Verify:
    """Read every byte of a dataset and name all that is missing or damaged."""

    folder: Annotated[Path, tyro.conf.Positional]
    """The dataset."""


Command = Skeletons | Sdf | Rigs | Truth | Surfaces | Guesses | Priors | Views | SkeletalViews | Shapes | Verify


def source_of(asked: Common) -> Source:
    """Where the shapes come from."""
    if asked.family:
        first, _, last = asked.seeds.partition(":")
        if asked.inputs or not (first.isdecimal() and last.isdecimal() and int(first) < int(last)):
            raise NoInputError("With --family give --seeds FIRST:LAST and no files.")
        seeds = range(int(first), int(last))
        if isinstance(asked, Views | SkeletalViews):
            return views_source(asked.family, seeds, asked.val)
        if isinstance(asked, Shapes):
            return shapes_source(families_named(asked.family), seeds, asked.val)
        return Generated(families_named(asked.family), seeds)
    if isinstance(asked, Surfaces | Guesses | Priors) and not asked.inputs:
        return Library(LIBRARY, None if isinstance(asked, Surfaces) else True)
    if not asked.inputs:
        raise NoInputError("Give mesh files or folders, or --family with --seeds.")
    if asked.format == "files":
        return Files(asked.inputs, asked.up)
    if len(asked.inputs) != 1:
        raise NoInputError(f"Give one folder of format '{asked.format}'.")
    return Read(asked.format, asked.inputs[0])


def run_build(asked: Common, recipe: Recipe, console: Console) -> int:
    """Build, showing how far it is, and tell what was skipped."""
    source = source_of(asked)
    plan = plan_of(source, recipe, asked.per_shard)
    not_listed = source.skipped if isinstance(source, Read) else []
    with _bar(console) as bar:
        task = bar.add_task(f"Building {recipe.kind}", total=len(plan.names), skipped=0)
        skipped = 0

        def told(result: Item | Skipped) -> None:
            nonlocal skipped
            skipped += isinstance(result, Skipped)
            bar.update(task, advance=1, skipped=skipped)

        built = build(
            asked.out,
            source,
            recipe,
            processes=asked.processes,
            limit_s=asked.limit_s,
            per_shard=asked.per_shard,
            told=told,
        )
        bar.update(task, completed=len(plan.names))
    data = Dataset(asked.out)
    kept = f", {built.kept} shards were there already" if built.kept else ""
    console.print(f"'{asked.out}': {len(data)} items, {len(data.skipped)} skipped{kept}.", highlight=False)
    every = [(item.name, item.reason) for item in [*not_listed, *data.skipped]]
    for name, reason in every[:SHOWN]:
        console.print(f"  skipped {name}: {reason}", markup=False, highlight=False)
    if len(every) > SHOWN:
        console.print(f"  and {len(every) - SHOWN} more, named in the indices of the shards")
    return SOME_SKIPPED if every else ALL_MADE


def run_verify(folder: Path, console: Console) -> int:
    """Tell all damage."""
    found = verify(folder)
    for damage in found:
        console.print(f"  {damage.name}: {damage.what}", markup=False, highlight=False)
    if not found:
        data = Dataset(folder)
        console.print(f"'{folder}' is sound: {len(data)} {data.header.kind} items, {len(data.skipped)} skipped.")
    return FAILED if found else ALL_MADE


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[skipped]} skipped"),
        TimeRemainingColumn(),
        console=console,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands."""
    asked = tyro.cli(Command, prog="python -m tools.build_dataset", description=__doc__, args=arguments)
    console = Console(soft_wrap=True)
    try:
        if isinstance(asked, Verify):
            return run_verify(asked.folder, console)
        return run_build(asked, asked.make, console)
    except BonewrightError as error:
        console.print(str(error), style="red", markup=False)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
