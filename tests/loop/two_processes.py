"""Run by torchrun: trains the toy and writes what each process ended with."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from tests.loop.toy_runs import trainer


def main(out: Path) -> None:
    """Train on two CPUs' worth of processes and keep each one's weights."""
    run = trainer(out)
    run.train()
    state = {"model": run.model.state_dict(), "average": run.average.state_dict(), "samples": run.state.samples}
    torch.save(state, out / f"rank{run.fabric.global_rank}.pt")
    torch.distributed.destroy_process_group()  # its threads must end before the process does


if __name__ == "__main__":
    main(Path(sys.argv[1]))
