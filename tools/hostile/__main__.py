"""Rig many hostile files and count what becomes of them: a rig or an error with a name each, within the limits.

    python -m tools.hostile --count 1000 --seed 0

A fixed set of bombs, then valid files with random damage. Files that end in anything but a rig or a named error are
kept in the folder that --keep names.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from tools.hostile.bombs import beside_bombs, bombs
from tools.hostile.damage import damaged
from tools.hostile.valid import beside, valid_files
from tools.package import as_package
from tools.rig import SELF

UNNAMED = ("WorkerError", "Unexpected")  # a process that died by itself, a mistake of the program
SLACK_MIB = 64.0  # between two looks of the system at what a process holds


@dataclass(frozen=True)
class Options:
    """Rig hostile files."""

    count: int = 1000
    """How many."""
    seed: int = 0
    """Of the damage; the same seed gives the same files."""
    jobs: int = 1
    """Files worked on at once."""
    memory: float = 1500.0
    """MiB that a process may hold."""
    seconds: float = 60.0
    """For a file."""
    bombs: bool = True
    """Take the fixed set of bombs in, too."""
    networks: bool = False
    """Ask the networks, too: slower, and they never see what a file says."""
    keep: Path | None = None
    """Where files that ended badly are copied to."""


def main(options: Options) -> int:
    """Count; 0 if every file ended in a rig or a named error within the limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder / "in", options)
        records = rig_all(folder, options)
        worst = [(path, record) for path, record in records.items() if is_bad(record, options)]
        for path, record in worst:
            print(f"{path.name}: {record.get('error', record)} {record.get('trace', '')} {record.get('said', '')}")
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, options.keep / path.name)
    _print_shares(records)
    print(f"{len(worst)} of {len(records)} ended without a name, or beyond the limits")
    return 1 if worst else 0


def make_files(folder: Path, options: Options) -> None:
    """The hostile files, by number, and what they refer to."""
    folder.mkdir(parents=True)
    valid = valid_files()
    for name, content in (beside() | beside_bombs()).items():
        (folder / name).write_bytes(content)
    made = list(bombs(valid).items()) if options.bombs else []
    rng = np.random.default_rng(options.seed)
    while len(made) < options.count:
        name, content = list(valid.items())[int(rng.integers(len(valid)))]
        made.append((name, damaged(content, rng)))
    for number, (name, content) in enumerate(made[: options.count]):
        (folder / f"{number:05d}_{name}").write_bytes(content)


def rig_all(folder: Path, options: Options) -> dict[Path, dict[str, object]]:
    """Each file with its record."""
    as_package()
    from bonewright.addon.batch.engines import Workers, with_engine
    from bonewright.addon.batch.plan import make_plan
    from bonewright.addon.batch.pool import run_jobs
    from bonewright.inference.engine.killable import Limits
    from bonewright.inference.requests import RigOptions

    asked = RigOptions() if options.networks else RigOptions(method="geometric", weights="geometric")
    files = sorted(path for path in (folder / "in").iterdir() if path.name[:5].isdigit())
    plan = make_plan(files, folder / "out", (), picture=False, force=False, replace_rig=True, options=asked)
    jobs = [with_engine(job, "gltf") for job in plan]
    limits = Limits(options.seconds, memory_mib=options.memory)
    workers = Workers([*SELF, "--worker", "gltf"], ())
    found = run_jobs(workers, jobs, options.jobs, limits, lambda _: None)
    return {news.job.source: news.record for news in found if news.record is not None}


def is_bad(record: dict[str, object], options: Options) -> bool:
    """Whether a file ended in neither a rig nor an error with a name, or beyond the limits."""
    peak, seconds = record.get("peak_mib", 0), record.get("seconds", 0)
    assert isinstance(peak, (int, float))
    assert isinstance(seconds, (int, float))
    if peak > options.memory + SLACK_MIB or seconds > options.seconds:
        return True
    return record["status"] != "ok" and ("trace" in record or record["error_type"] in UNNAMED)


def _print_shares(records: dict[Path, dict[str, object]]) -> None:
    kinds = Counter("a rig" if entry["status"] == "ok" else str(entry["error_type"]) for entry in records.values())
    for kind, count in kinds.most_common():
        print(f"  {100 * count / len(records):5.1f} %  {count:5d}  {kind}")


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options)))
