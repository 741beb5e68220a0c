"""What the networks cost on every provider at hand: on disk, to start, to ask, and how far their numbers are apart."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import numpy as np

from inference.networks.loader import Card, read_card
from inference.networks.running.onnx_file import Given, read_inputs
from inference.networks.running.onnx_runtime import Session
from inference.networks.running.providers import CPU, Provider, at_hand, look
from inference.networks.running.sessions import open_session
from inference.networks.shelf import folders

from .record import show

# Sizes of what a usual shape asks, by the letters that the files have for them.
USUAL = {"N": 1, "P": 1024, "Q": 60, "B": 60, "K": 8, "S": 64, "V": 3, "T": 2562}
UNUSUAL = {"facing": {"N": 24, "P": 512}, "skin": {"P": 6000}, "skeldiff-decoder": {"Q": 8192}}
THREADS = (1, 2)


def networks(repeats: int) -> dict[str, object]:
    """Each network on each provider with one thread and with two, beside the CPU's runtime; memory of all together."""
    before, rows, record = resident(), [], {}
    providers = at_hand(look())
    for path in shipped():
        card = read_card(path.stem, path.parent)
        data = path.read_bytes()
        given = example(read_inputs(data), {**USUAL, **UNUSUAL.get(card.name, {})})
        wanted = open_session(data, CPU, 1).run(card.outputs, given)
        measured: dict[str, object] = {"MiB": len(data) / 2**20}
        for count in THREADS:
            for provider in providers:
                try:
                    found = _measure(data, card, provider, count, given, repeats)
                except Exception as error:  # what a provider cannot do is what is to be found out
                    rows.append([card.name, provider.title, count, "", "", "", "", str(error).splitlines()[0][:60]])
                    continue
                answers, start, first, later = found
                apart = max(distance(one, other) for one, other in zip(answers, wanted, strict=True))
                measured[f"{provider.name}, {count}"] = {"start": start, "first": first, "ms": later, "apart": apart}
                times = [round(value, 1) for value in (start, first, later)]
                rows.append([card.name, provider.title, count, *times, f"{apart:.1e}", ""])
        record[card.name] = measured
    show("Networks, ms", ("network", "on", "threads", "start", "first", "later", "apart", "cannot"), rows)
    show("Memory of all together", ("MiB",), [[round(resident() - before, 1)]])
    return record


def shipped() -> list[Path]:
    """The files of all networks that are here, each once."""
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.onnx")):
            found.setdefault(path.stem, path)
    return list(found.values())


def _measure(
    data: bytes, card: Card, provider: Provider, count: int, given: Mapping[str, np.ndarray], repeats: int
) -> tuple[list[np.ndarray], float, float, float]:
    """Answers, and milliseconds to start, for the first run and for a later one."""
    if provider.runtime == "torch":
        import torch

        torch.set_num_threads(count)
    session: list[Session] = []
    answers: list[np.ndarray] = []
    start = milliseconds(lambda: session.append(open_session(data, provider, count)))
    first = milliseconds(lambda: answers.extend(session[0].run(card.outputs, given)))
    later = median(milliseconds(lambda: session[0].run(card.outputs, given)) for _ in range(repeats))
    return answers, start, first, later


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, of the largest number where that is more than 1."""
    return float(np.abs(one - other).max() / max(1.0, np.abs(other).max())) if other.size else 0.0


def example(inputs: Mapping[str, Given], usual: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Inputs of the usual sizes: random numbers, and 0 where whole ones are asked for."""
    random, made = np.random.default_rng(0), {}
    for name, taken in inputs.items():
        sizes = [size if isinstance(size, int) else usual[size] for size in taken.sizes]
        whole = taken.kind.kind != "f"
        made[name] = np.zeros(sizes, taken.kind) if whole else random.random(sizes, np.float32)
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
