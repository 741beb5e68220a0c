"""What is in a data set on disk: `python -m tools.list_dataset FORMAT FOLDER`. See docs/training/readers.md."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import tyro
from rich.console import Console
from rich.table import Table

from training.datasets.readers import FORMATS
from training.datasets.readers.common import Item, NoSourceError, Skipped, read_parts

Format = Literal["shapenet", "rignet", "articulation-xl", "medshapenet", "cow", "imagecas", "pix3d"]


@dataclass(frozen=True)
class Options:
    """Counts the items of a data set by split and category, and names what is left out and why."""

    format: Annotated[Format, tyro.conf.Positional]
    """The data set's kind."""
    folder: Annotated[Path, tyro.conf.Positional]
    """Where it lies."""
    read: bool = False
    """Also read every mesh, rig, centre line and picture, so that damaged files are found; slow."""
    limit: int = 0
    """Stop after this many items; 0 goes through all."""
    show: int = 20
    """Name at most this many of what is left out; 0 names all."""


def main(options: Options) -> int:
    """List what `options` ask for; 1 when nothing can be used."""
    console = Console(soft_wrap=True)
    skipped: list[Skipped] = []
    try:
        items = FORMATS[options.format](options.folder, skipped)
        counts = count(islice(items, options.limit or None), skipped, read=options.read)
    except NoSourceError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    console.print(table_of(counts))
    shown = skipped[: options.show or None]
    if skipped:
        console.print(f"{len(skipped)} left out" + (f", the first {len(shown)}:" if len(shown) < len(skipped) else ":"))
    for one in shown:
        console.print(f"  {one.name}: {one.reason}", markup=False, highlight=False)
    return 0 if counts else 1


def count(items: Iterator[Item], skipped: list[Skipped], *, read: bool) -> Counter[tuple[str, str]]:
    """How many items there are of each category and split."""
    counts: Counter[tuple[str, str]] = Counter()
    for item, _ in read_parts(items, read_all if read else bool, skipped):
        counts[item.category, item.split] += 1
    return counts


def read_all(item: Item) -> None:
    """Reads every part of an item, for the errors only."""
    for load in (item.load_mesh, item.load_rig, item.load_curve):
        if load is not None:
            load()
    for view in item.views:
        view.pixels()


def table_of(counts: Counter[tuple[str, str]]) -> Table:
    """Categories down, splits across."""
    splits = [split for split in ("train", "val", "test", "none") if any(key[1] == split for key in counts)]
    table = Table("category", *splits, "all")
    for category in sorted({key[0] for key in counts}):
        row = [counts[category, split] for split in splits]
        table.add_row(category, *map(str, row), str(sum(row)))
    table.add_row(
        "all", *(str(sum(n for key, n in counts.items() if key[1] == s)) for s in splits), str(counts.total())
    )
    return table


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options, description=Options.__doc__)))
