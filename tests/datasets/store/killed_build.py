"""A build that is slow enough to be killed: python killed_build.py FOLDER SECONDS_AN_ITEM."""

import sys
import time
from pathlib import Path

import numpy as np

from training.datasets.store.plan import Plan
from training.datasets.store.shards import Item, Skipped
from training.datasets.store.writing import Writer

PLAN = Plan("numbers", tuple(f"group/{k:03d}" for k in range(40)), {"scale": 2}, 4)


def make(place: int) -> Item | Skipped:
    """Reals, bytes and a truth value; every ninth comes to nothing."""
    if place % 9 == 8:
        return Skipped(PLAN.names[place], "it is a ninth")
    rng = np.random.default_rng(place)
    arrays = {
        "a.reals": rng.random((place, 3), np.float32),
        "a.odd": np.arange(place % 5, dtype=np.uint8),
        "b": np.ones(3),
    }
    return Item(PLAN.names[place], arrays, {"parity": "odd" if place % 2 else "even"})


def build(folder: Path, pause: float) -> None:
    """All missing shards."""
    with Writer(folder, PLAN) as writer:
        for shard in writer.missing:
            time.sleep(pause)
            writer.commit(shard, [make(place) for place in PLAN.places(shard)])
            print(shard, flush=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]), float(sys.argv[2]))
