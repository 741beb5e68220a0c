"""Rig many .glb files without Blender and count what was lost of them, or is wrong: nothing, if all is well.

    python -m tools.verify_gltf library/ --limit 120 --jobs 2

For each result: every key and byte of the input is there, Khronos' validator finds nothing that it does not find in the
input, and each vertex stands where it stood.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from inference.engine.pool import run_calls
from inference.requests import RigOptions
from tools.validator.results import check_file


@dataclass(frozen=True)
class Options:
    """Rig .glb files and check the results."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Where they are, sub-folders and all."""
    limit: int = 0
    """So many of them, evenly spread; 0: all."""
    jobs: int = 1
    """Files worked on at once."""
    geometric: bool = False
    """Without the networks: faster, and as much is written."""


def main(options: Options) -> int:
    """Count; 0 if nothing is wrong with any file."""
    found = sorted(options.folder.rglob("*.glb"))
    chosen = found[:: max(1, len(found) // options.limit)][: options.limit] if options.limit else found
    counts, bad = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        check = partial(check_file, Path(folder), RigOptions(method="geometric" if options.geometric else "auto"))
        for path, outcome in zip(chosen, run_calls(check, chosen, options.jobs), strict=True):
            wrong = outcome.value if outcome.value is not None else [f"not rigged: {outcome.reason}"]
            counts["rigged"] += outcome.value is not None
            bad += bool(wrong)
            for text in wrong:
                counts[text.partition(":")[0]] += 1
                print(f"{path}: {text}", flush=True)
    print(f"{len(chosen)} files, {counts['rigged']} rigged, {bad} with something wrong")
    for text, count in counts.items():
        print(f"  {count:5d} {text}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options)))
