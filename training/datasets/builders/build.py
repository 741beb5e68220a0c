"""A source of shapes and a recipe for each -> a dataset on disk, as a folder of shards or as one file."""

from __future__ import annotations

import contextlib
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

import numpy as np

from inference.engine.killable import Limits
from inference.engine.pool import run_calls
from training.datasets.store.plan import Plan
from training.datasets.store.reading import ENDING, shard_paths
from training.datasets.store.records import Record, write_record
from training.datasets.store.shards import Item, Skipped
from training.datasets.store.writing import Writer, join, need_same

from .sources import Source

Records = list[tuple[Record, str | None]]  # each with its prefix, None for its own
Told = Callable[[Item | Skipped], None]


@dataclass(frozen=True)
class Recipe(ABC):
    """What is made of each shape. Its fields are the options, and all of them change the bytes."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    per_shard: ClassVar[int] = 64

    @abstractmethod
    def make(self, source: Source, name: str) -> Records:
        """The records of one shape."""


@dataclass(frozen=True)
class Maker:
    """Makes the item of a name; an item that cannot be made says why."""

    source: Source
    recipe: Recipe

    def __call__(self, name: str) -> Item | Skipped:
        """In whatever process this is called."""
        try:
            arrays: dict[str, np.ndarray] = {}
            for record, prefix in self.recipe.make(self.source, name):
                arrays |= write_record(record, prefix)
            return Item(name, arrays, self.source.labels(name))
        except Exception as problem:  # whatever a file holds: the item is named, the build goes on
            return Skipped(name, f"{type(problem).__name__}: {problem}")


@dataclass(frozen=True)
class Built:
    """What became of a build."""

    items: int  # made now
    skipped: tuple[Skipped, ...]  # now
    kept: int  # shards that were there before


def build(
    out: Path,
    source: Source,
    recipe: Recipe,
    *,
    processes: int = 0,
    limit_s: float = 600.0,
    per_shard: int | None = None,
    told: Told = lambda _: None,
) -> Built:
    """Build a dataset or go on with one; the bytes do not depend on the number of processes or on interruptions.

    A name that ends with .safetensors gives one file, made of a folder beside it that is there until it is done.
    """
    plan = plan_of(source, recipe, per_shard)
    if out.suffix != ENDING:
        return _build_shards(out, plan, Maker(source, recipe), processes, limit_s, told)
    parts, built = out.with_name(out.name + ".parts"), Built(0, (), 1)
    if out.exists():
        need_same(out, plan.in_one_shard.header)
    else:
        built = _build_shards(parts, plan, Maker(source, recipe), processes, limit_s, told)
        join(parts, out)
    shutil.rmtree(parts, ignore_errors=True)
    return built


def build_file(out: Path, source: Source, recipe: Recipe) -> None:
    """Make what a training needs and does not find, on all processors, and say so."""
    built = build(out, source, recipe, processes=os.cpu_count() or 1)
    skipped = ", ".join(item.name for item in built.skipped) or "none"
    size = sum(file.stat().st_size for file in shard_paths(out))
    print(f"{out}: {built.items} items, {size / 2**20:.1f} MB; skipped: {skipped}")


def _build_shards(folder: Path, plan: Plan, make: Maker, processes: int, limit_s: float, told: Told) -> Built:
    made, skipped = 0, []
    with Writer(folder, plan) as writer:
        missing = writer.missing
        names = [plan.names[place] for shard in missing for place in plan.places(shard)]
        answers = _answers(make, names, processes, limit_s)
        for shard in missing:
            results: list[Item | Skipped] = []
            for result in islice(answers, len(plan.places(shard))):
                results.append(result)
                told(result)
            writer.commit(shard, results)
            skipped += [result for result in results if isinstance(result, Skipped)]
            made += sum(isinstance(result, Item) for result in results)
        answers.close()
    return Built(made, tuple(skipped), plan.shard_count - len(missing))


def _answers(
    make: Maker, names: Sequence[str], processes: int, limit_s: float
) -> Generator[Item | Skipped, None, None]:
    """What becomes of each name, in order; with 0 processes everything happens in this one, without limit."""
    if processes == 0:
        yield from map(make, names)
        return
    outcomes = run_calls(make, names, processes, Limits(limit_s))
    with contextlib.closing(outcomes):
        for name, outcome in zip(names, outcomes, strict=True):
            yield Skipped(name, outcome.error) if outcome.value is None else outcome.value


def plan_of(source: Source, recipe: Recipe, per_shard: int | None = None) -> Plan:
    """What a build of this recipe will hold."""
    settings = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(recipe).items()}
    return Plan(recipe.kind, source.names, {**settings, "version": recipe.version}, per_shard or recipe.per_shard)
