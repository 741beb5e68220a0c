"""Interrupt a run at random moments, resume it, and compare with a run that nobody disturbed.

    python -m tools.interrupt --assets 2000 --moments 30

The driver and its workers are killed with kill -9; the disk becomes full or read-only, where this process may mount
one. In the end every file and every record has to be the same, and no half-written file may ever have been visible.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
import tyro

from tools.interrupt.disturbances import Run, disturb, small_disk
from tools.interrupt.results import Watch, left_over, outcome
from tools.sample import make_creature

FAST = ("--engine", "gltf", "--method", "geometric", "--weights", "geometric", "--density", "few", "--retries", "3")


@dataclass(frozen=True)
class Options:
    """Interrupt runs and resume them."""

    assets: int = 60
    """Files to rig; every twentieth is damaged."""
    moments: int = 12
    """Disturbances, of each kind in turn."""
    seed: int = 0
    """Of the moments."""
    jobs: int = 2
    """Of each run."""
    longest: float = 0.0
    """Seconds from the start of a run to its disturbance; 0: so that all of them find something to disturb."""
    disk: int = 0
    """MiB of the small disk; 0: twice what the results take."""


def main(options: Options) -> int:
    """Count; 0 if resuming ended as if nothing had been."""
    with tempfile.TemporaryDirectory() as name:
        return _check(Path(name), options)


def make_assets(folder: Path, count: int) -> None:
    """Small creatures, no two of one shape, in two folders; every twentieth is no mesh."""
    rng = np.random.default_rng(0)
    for number in range(count):
        path = folder / f"part{number % 2}" / f"{number:05d}.glb"
        path.parent.mkdir(parents=True, exist_ok=True)
        vertices, triangles = make_creature(cells=14)
        mesh = trimesh.Trimesh(vertices * rng.uniform(0.7, 1.4, 3), triangles, process=False)
        content = mesh.export(file_type="glb")
        assert isinstance(content, bytes)
        path.write_bytes(content if number % 20 != 7 else content[: len(content) // 2])


def _check(folder: Path, options: Options) -> int:
    asked = (*FAST, "--jobs", str(options.jobs))
    make_assets(folder / "in", options.assets)
    calm = Run(folder / "in", folder / "calm" / "out", asked)
    began = time.monotonic()
    calm.start().communicate()
    took = time.monotonic() - began
    wanted = outcome(calm.out)
    size = sum(path.stat().st_size for path in calm.out.rglob("*") if path.is_file()) >> 20
    longest = options.longest or 1.5 * took / options.moments + 4.0
    print(f"undisturbed: {len(wanted)} files and records, {size} MiB, {took:.0f} s", flush=True)
    with small_disk(folder / "disk", options.disk or 2 * size + 8) as mounted:
        kinds = ("driver", "worker", "full", "readonly") if mounted else ("driver", "worker")
        run = Run(folder / "in", folder / "disk" / "out", asked)
        watch, rng, counts = Watch(run.out), np.random.default_rng(options.seed), Counter[str]()
        wrong: list[str] = []
        for moment in range(options.moments):
            kind = kinds[moment % len(kinds)]
            counts[kind] += 1
            wrong += disturb(run, kind, rng, longest)
        process = run.start()
        _, told = process.communicate()
        watch.end()
        found = outcome(run.out)
        wrong += [f"half written: {path}" for path in sorted(watch.partial)]
        wrong += [f"left over: {path}" for path in left_over(run.out)]
        wrong += (
            [f"the last run ended with {process.returncode}: {told[-500:]}"] if process.returncode not in (0, 1) else []
        )
        wrong += [f"differs: {key}" for key in sorted(wanted | found) if wanted.get(key) != found.get(key)]
        shutil.rmtree(run.out)
    for text in wrong[:40]:
        print(text)
    told = ", ".join(f"{count} x {kind}" for kind, count in counts.items())
    print(f"{options.assets} assets, disturbed {sum(counts.values())} times ({told}): {len(wrong)} things wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options)))
