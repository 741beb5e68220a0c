"""What the shipped networks cost: on disk, to start, and to ask, on ONNX Runtime beside torch."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from inference.networks.loader import FOLDER, Card, read_card, start_session, threads
from training.loop.values import from_values
from training.networks.asking import asked
from training.networks.onnx_file import Shipment
from training.recipes import find_recipe

from .record import show

# Sizes of what a usual shape asks, by the letters of `Shipment.inputs`.
USUAL = {"N": 1, "P": 1024, "Q": 60, "B": 60, "K": 8}
UNUSUAL = {"facing": {"N": 24, "P": 512}, "skin": {"P": 6000}}


def networks(repeats: int) -> dict[str, object]:
    """Size, time to start, first and later answers of each network, and torch's; memory of all together."""
    torch.set_num_threads(threads())
    before, rows, record = resident(), [], {}
    for path in sorted(FOLDER.glob("*.onnx")):
        card = read_card(path.stem)
        shipment = shipment_of(card)
        seen = example(shipment, {**USUAL, **UNUSUAL.get(card.name, {})})
        start = time.perf_counter()
        session = start_session(path.read_bytes(), threads())
        started = 1000 * (time.perf_counter() - start)
        in_torch = asked(shipment.module)
        runs: dict[str, Callable[[], object]] = {
            "ONNX Runtime": lambda session=session, card=card, seen=seen: session.run(card.outputs, seen),
            "torch": lambda in_torch=in_torch, seen=seen: in_torch(seen),
        }
        first = {name: milliseconds(run) for name, run in runs.items()}
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(repeats):
            for name, run in runs.items():
                times[name].append(milliseconds(run))
        later = {name: median(values) for name, values in times.items()}
        size = path.stat().st_size / 2**20
        ours, theirs = later["ONNX Runtime"], later["torch"]
        rows.append([card.name, size, started, first["ONNX Runtime"], ours, theirs, ours / theirs])
        record[card.name] = {"MiB": size, "start ms": started, "first ms": first, "ms": later}
    titles = ("network", "MiB", "start ms", "first ms", "ms", "torch ms", "of torch's")
    show(f"Shipped networks, {threads()} threads", titles, [[row[0], *(round(x, 2) for x in row[1:])] for row in rows])
    show("Memory of all together, with torch", ("MiB",), [[round(resident() - before, 1)]])
    return record


def shipment_of(card: Card) -> Shipment:
    """A network of this shape in torch; what it has learned does not change how fast it is."""
    recipe = find_recipe(card.recipe)
    config = from_values(type(next(iter(recipe.presets.values()))), card.config)
    return recipe.shipment(config, recipe.build(config).eval())


def example(shipment: Shipment, usual: dict[str, int]) -> dict[str, np.ndarray]:
    """Inputs of the usual sizes: random numbers, and 0 where whole ones are asked for."""
    random, made = np.random.default_rng(0), {}
    for name, form in shipment.inputs.items():
        sizes = [usual[size] if size in usual else int(size) for size in form.removeprefix("int ").split()]
        whole = form.startswith("int ")
        made[name] = np.zeros(sizes, np.int64) if whole else random.random(sizes, np.float32)
    return made


def milliseconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def resident() -> float:
    """Memory of this process in MiB: the most so far where the system does not say how much it is now."""
    if sys.platform == "win32":
        return float("nan")
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096 / 2**20
    except FileNotFoundError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
