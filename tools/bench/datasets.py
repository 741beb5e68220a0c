"""How fast datasets are built and read: items a second for each builder, and what the store itself takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from training.datasets.builders.build import Maker, Recipe
from training.datasets.builders.make import Sdf, Skeletons, Truth
from training.datasets.builders.sources import Generated
from training.datasets.store.plan import Plan
from training.datasets.store.reading import Dataset, verify
from training.datasets.store.shards import Item, Skipped
from training.datasets.store.writing import Writer, join

from .record import console, show

MIB = 2**20
RECIPES: dict[str, Recipe] = {
    "truth": Truth(),
    "skeletons": Skeletons(),
    "skeletons and volumes 64, 256": Skeletons(volumes=(64, 256)),
    "sdf 100^3 and 40,000 samples": Sdf(),
}


def datasets(family: str, shapes: int, items: int, item_kib: int) -> dict[str, object]:
    """Builders on `shapes` shapes of a family; the store with `items` items of `item_kib` KiB."""
    built = {name: _builder(recipe, family, shapes) for name, recipe in RECIPES.items()}
    rows = [[name, *figures.values()] for name, figures in built.items()]
    show(f"Builders: {family}, in one process", ("recipe", "items/s", "items/CPU s", "KiB an item", "skipped"), rows)
    with tempfile.TemporaryDirectory() as folder:
        stored = _store(Path(folder) / "data", items, item_kib)
    show(f"Store: {items} items of {item_kib} KiB", ("what", "items/s", "MiB/s"), [[k, *v] for k, v in stored.items()])
    return {"builders": built, "store": stored}


def _builder(recipe: Recipe, family: str, shapes: int) -> dict[str, float]:
    source = Generated((family,), range(shapes))
    make = Maker(source, recipe)
    start, cpu = time.perf_counter(), time.process_time()
    results = [make(name) for name in source.names]
    wall, spent = time.perf_counter() - start, time.process_time() - cpu
    size = [sum(a.nbytes for a in item.arrays.values()) for item in results if isinstance(item, Item)]
    return {
        "items_per_s": shapes / wall,
        "items_per_cpu_s": shapes / spent,
        "kib": float(np.mean(size)) / 1024 if size else 0.0,
        "skipped": float(sum(isinstance(item, Skipped) for item in results)),
    }


def _store(folder: Path, items: int, item_kib: int) -> dict[str, tuple[float, float]]:
    """Items and MiB a second; the files stay in the system's cache, so this is the program's own cost."""
    values = np.random.default_rng(0).random((item_kib * 256,), np.float32)
    plan = Plan("numbers", tuple(f"{k:06d}" for k in range(items)))
    total = items * values.nbytes / MIB

    def write() -> None:
        with Writer(folder, plan) as writer:
            for shard in writer.missing:
                writer.commit(shard, [Item(plan.names[k], {"a": values}) for k in plan.places(shard)])

    def read(data: Dataset, order: np.ndarray) -> None:
        for number in order:
            data[int(number)].arrays["a"].sum()

    order = np.random.default_rng(1).permutation(items)
    figures = {"write": _seconds(write)}
    data = Dataset(folder)
    figures["open the dataset"] = _seconds(lambda: Dataset(folder))
    figures["read in any order, with checksums"] = _seconds(lambda: read(data, order))
    figures["read in any order again"] = _seconds(lambda: read(data, order))
    figures["verify"] = _seconds(lambda: verify(folder))
    figures["join in one file"] = _seconds(lambda: join(folder, folder.parent / "data.safetensors"))
    one = Dataset(folder.parent / "data.safetensors")
    figures["read the file in any order, with checksums"] = _seconds(lambda: read(one, order))
    return {name: (items / seconds, total / seconds) for name, seconds in figures.items()}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    console.print(datasets("chair", 10, 2000, 256))
