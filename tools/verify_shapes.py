"""Hold many shapes of each family against what they claim, and count how many are made in a second."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import Value
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from rich.console import Console
from rich.progress import track
from rich.table import Table

from training.shapes.families import FAMILIES, chosen
from training.shapes.making.sampling import surface_points
from training.shapes.verify import CHECKS, digest, faults

POINTS = 2048  # sampled on each surface; counted in the time
REPEAT_EVERY = 10  # each tenth shape is made a second time
CHUNK = 50  # seeds a process takes at once


@dataclass(frozen=True)
class Asked:
    """Hold many shapes of each family against what they claim, and count how many are made in a second."""

    families: Annotated[tuple[str, ...], tyro.conf.Positional] = ()  # names or groups; all when none is given
    seeds: int = 1000  # shapes of each family
    first: int = 0  # the first seed
    processes: int = 1  # how many work side by side
    out: Path | None = None  # a JSON file for all figures


@dataclass
class Found:
    """What was found in some shapes of one family."""

    family: str
    shapes: int = 0
    seconds: float = 0.0  # of one core, making the shapes and their surface points
    failures: Counter[str] = field(default_factory=Counter)  # by check
    examples: dict[str, str] = field(default_factory=dict)  # check -> seed and what was wrong
    spheres: int = 0
    triangles: int = 0
    digests: set[str] = field(default_factory=set)

    def add(self, check: str, seed: int, what: str) -> None:
        """Count a failure; the first of its kind is told."""
        self.failures[check] += 1
        self.examples.setdefault(check, f"seed {seed}: {what}")

    def merge(self, other: Found) -> None:
        """Take in what another process found."""
        self.shapes += other.shapes
        self.seconds += other.seconds
        self.failures += other.failures
        self.examples = {**other.examples, **self.examples}
        self.spheres += other.spheres
        self.triangles += other.triangles
        self.digests |= other.digests


def look(family: str, seeds: range) -> Found:
    """Make and check the shapes of some seeds."""
    make, found = FAMILIES[family], Found(family)
    for seed in seeds:
        start = time.process_time()
        try:
            shape = make(seed)
        except (RuntimeError, ValueError, IndexError, FloatingPointError, np.linalg.LinAlgError) as error:
            found.shapes += 1
            found.add("made", seed, f"{type(error).__name__}: {error}")
            continue
        surface_points(shape.mesh, POINTS, np.random.default_rng(seed))
        found.seconds += time.process_time() - start
        found.shapes += 1
        found.spheres += len(shape.spheres.radii)
        found.triangles += len(shape.mesh.triangles)
        for check, what in faults(shape).items():
            found.add(check, seed, what)
        mark = digest(shape)
        found.digests.add(mark)
        if seed % REPEAT_EVERY == 0 and digest(make(seed)) != mark:
            found.add("repeats", seed, "other bytes the second time")
    return found


def one_core(taken: Synchronized[int]) -> None:
    """Keep this process on a core of its own where the system lets it: threads cost more than they bring."""
    with taken.get_lock():
        place, taken.value = taken.value, taken.value + 1
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[place % len(cores)]})


def survey(asked: Asked) -> list[Found]:
    """All families, in order; the work is cut by families and seeds."""
    names = chosen(asked.families)
    last = asked.first + asked.seeds
    tasks = [(name, range(a, min(a + CHUNK, last))) for name in names for a in range(asked.first, last, CHUNK)]
    whole = {name: Found(name) for name in names}
    with ProcessPoolExecutor(asked.processes, initializer=one_core, initargs=(Value("i", 0),)) as pool:
        waiting = [pool.submit(look, *task) for task in tasks]
        for done in track(waiting, "Looking", console=Console(stderr=True), transient=True):
            whole[done.result().family].merge(done.result())
    for found in whole.values():
        made = found.shapes - found.failures["made"]
        if len(found.digests) < made:
            found.failures["differs"] = made - len(found.digests)
            found.examples["differs"] = "seeds with the same bytes"
    return list(whole.values())


def table(found: list[Found]) -> Table:
    """One row a family; only checks that failed somewhere get a column."""
    failed = [check for check in ("made", *CHECKS) if any(entry.failures[check] for entry in found)]
    drawn = Table(title=f"Failures by check; shapes a second on one core with {POINTS} surface points")
    for heading in ("family", "shapes", "shapes/s", "triangles", "spheres", "failed", *failed):
        drawn.add_column(heading, justify="left" if heading == "family" else "right")
    for entry in found:
        made = max(entry.shapes - entry.failures["made"], 1)
        figures = [
            entry.shapes,
            f"{made / max(entry.seconds, 1e-9):.1f}",
            entry.triangles // made,
            entry.spheres // made,
        ]
        counts = [sum(entry.failures.values()), *(entry.failures[check] for check in failed)]
        drawn.add_row(entry.family, *(str(value) for value in [*figures, *counts]))
    return drawn


def record(entry: Found) -> dict[str, object]:
    """For the JSON file."""
    plain = {key: value for key, value in vars(entry).items() if key != "digests"}
    plain["shapes_per_second"] = (entry.shapes - entry.failures["made"]) / max(entry.seconds, 1e-9)
    return plain


def main() -> int:
    """Print the table; 1 when anything failed."""
    asked = tyro.cli(Asked, prog="python -m tools.verify_shapes", description=__doc__)
    found = survey(asked)
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table(found))
    for entry in found:
        for check, what in entry.examples.items():
            console.print(f"{entry.family}, {check}: {what}", style="red", highlight=False)
    if asked.out:
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        asked.out.write_text(json.dumps([record(entry) for entry in found], indent=2) + "\n", encoding="utf-8")
    return int(any(entry.examples for entry in found))


if __name__ == "__main__":
    raise SystemExit(main())
