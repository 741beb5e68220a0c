"""What the pool of workers costs by itself: start, tasks a second, arrays, recovery; beside other pools."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np

from inference.engine.channels import Calls, Program
from inference.engine.killable import Killable
from inference.engine.pool import Pool

from .record import show

ARRAY_MIB = 8
ECHO = """import sys; sys.path.insert(0, {root!r})
from inference.engine.channels import serve_lines
serve_lines(lambda request, tell: request, {{}})"""

Map = Callable[[list[object]], object]  # has every task done


@dataclass(frozen=True)
class Cost:
    """Of one way to have tasks done by one process."""

    name: str
    start_s: float  # until the first answer
    tasks_per_s: float  # of tasks that do nothing
    ms_a_task: float
    mib_per_s: float | None  # arrays there and back
    recovery_s: float | None  # from a task that ends its process to the next answer; only of our own


def echo(given: object) -> object:
    """Nothing but the way there and back; a process that gets -1 dies of it."""
    if isinstance(given, int) and given == -1:
        os._exit(1)
    return given


@contextmanager
def _ours() -> Iterator[Map]:
    with Pool[object, object](Calls(echo)) as pool:
        yield lambda tasks: list(pool.run(tasks, Killable.ask))


@contextmanager
def _lines() -> Iterator[Map]:
    program = Program((sys.executable, "-c", ECHO.format(root=str(Path(__file__).resolve().parents[2]))))
    with Pool(program) as pool:
        yield lambda tasks: list(pool.run(({"task": task} for task in tasks), Killable.ask))


@contextmanager
def _futures() -> Iterator[Map]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield lambda tasks: list(pool.map(echo, tasks))


@contextmanager
def _pebble() -> Iterator[Map]:
    pebble = importlib.import_module("pebble")
    with pebble.ProcessPool(1, context=multiprocessing.get_context("spawn")) as pool:
        yield lambda tasks: list(pool.map(echo, tasks, timeout=60).result())


@contextmanager
def _loky() -> Iterator[Map]:
    pool = importlib.import_module("loky").get_reusable_executor(1, context="spawn")
    yield lambda tasks: list(pool.map(echo, tasks))
    pool.shutdown()


WAYS: dict[str, Callable[[], AbstractContextManager[Map]]] = {
    "a function in a child of this Python": _ours,
    "a program that speaks JSON lines": _lines,
    "concurrent.futures": _futures,
    "pebble": _pebble,
    "loky": _loky,
}


def pool(tasks: int, repeats: int) -> list[dict[str, object]]:
    """All ways turn by turn; prints medians."""
    runs: dict[str, list[Cost]] = {}
    for _ in range(repeats):
        for name, way in WAYS.items():
            try:
                runs.setdefault(name, []).append(_measured(name, way, tasks))
            except ImportError:  # a peer that is not installed
                runs.pop(name)
    found = [_medians(costs) for costs in runs.values()]
    rows = [list(asdict(cost).values()) for cost in found]
    show(f"One worker, {tasks} tasks", ("", "start s", "tasks/s", "ms a task", "MiB/s", "s after a crash"), rows)
    return [asdict(cost) for cost in found]


def _measured(name: str, way: Callable[[], AbstractContextManager[Map]], tasks: int) -> Cost:
    begun = time.perf_counter()
    with way() as run:
        run([0])
        start = time.perf_counter() - begun
        seconds = _seconds(lambda: run([0] * tasks))
        arrays: list[object] = [np.ones(ARRAY_MIB << 17)] * 8
        speed = None if way is _lines else 2 * ARRAY_MIB * len(arrays) / _seconds(lambda: run(arrays))
        recovery = _seconds(lambda: run([-1, 0])) if way is _ours else None
    return Cost(name, start, tasks / seconds, 1000 * seconds / tasks, speed, recovery)


def _medians(costs: list[Cost]) -> Cost:
    return Cost(
        costs[0].name,
        median(cost.start_s for cost in costs),
        median(cost.tasks_per_s for cost in costs),
        median(cost.ms_a_task for cost in costs),
        _median([cost.mib_per_s for cost in costs]),
        _median([cost.recovery_s for cost in costs]),
    )


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
