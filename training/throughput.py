"""Does the loader keep the trainer busy? `python -m training.throughput RECIPE [--preset NAME] [--seconds 10]`.

Measures, in samples per second: the loader alone, the trainer alone on one batch over and over, both together; and the
same of a trivial model (one weight times the mean of the batch), which no loader should have to wait for.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from training.command import read_command, run_command
from training.loop.loader import Share, Steps, make_loader, sensible_workers
from training.loop.machine import Device, Precision, device_name, start_machine
from training.loop.recipe import Batch, Config, Recipe
from training.loop.trainer import Run, Trainer


@dataclass(frozen=True)
class ThroughputOptions:
    """How to measure."""

    preset: str = "tiny"
    seconds: float = 10.0
    """For each of the five figures."""
    workers: int | None = None
    threads: int | None = None
    device: Device = "auto"
    precision: Precision = "auto"


def main(arguments: Sequence[str]) -> None:
    """Print the three figures as JSON and say what limits."""
    recipe, config, options = read_command(ThroughputOptions, arguments)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    recipe.prepare(config)
    print(json.dumps(measure(recipe, config, options), indent=2))


def measure(recipe: Recipe[Config], config: Config, options: ThroughputOptions) -> dict[str, float | int | str]:
    """Loader, trainer and both, of the first stage."""
    fabric = start_machine(options.device, options.precision)
    workers = sensible_workers(fabric.world_size) if options.workers is None else options.workers
    trainer = Trainer(recipe, config, 0, fabric, Run(Path(tempfile.gettempdir()) / "no-training-here"))
    steps = Steps(recipe, config, 0, Share())
    size = trainer.stages[0].batch_size
    pin = fabric.device.type == "cuda"
    alone = fabric.to_device(steps[0].batch)

    loader = iter(make_loader(steps, 0, workers, pin=pin))
    made = _rate(lambda: next(loader), options.seconds, size, steps)
    used = _rate(lambda: trainer.repeat(alone), options.seconds, size, steps, fabric.device)
    fresh = iter(make_loader(steps, 0, workers, pin=pin))
    both = _rate(
        lambda: trainer.repeat(fabric.to_device(next(fresh).batch)), options.seconds, size, steps, fabric.device
    )
    trivial = Trivial().to(fabric.device)
    idle = _rate(lambda: trivial.step(alone), options.seconds, size, steps, fabric.device)
    plain = iter(make_loader(steps, 0, workers, pin=pin))
    fed = _rate(lambda: trivial.step(fabric.to_device(next(plain).batch)), options.seconds, size, steps, fabric.device)
    return {
        "recipe": recipe.name,
        "device": device_name(fabric),
        "loader processes": workers,
        "batch size": size,
        "loader samples/s": round(made, 1),
        "trainer samples/s": round(used, 1),
        "both samples/s": round(both, 1),
        "loader / trainer": round(made / used, 3),
        "both / trainer": round(both / used, 3),
        "trivial model samples/s": round(idle, 1),
        "trivial model with the loader samples/s": round(fed, 1),
    }


class Trivial(torch.nn.Module):
    """The least that is still a model: it looks at every number of a batch and has one weight to learn."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(()))
        self.optimiser = torch.optim.SGD([self.weight], lr=1e-6)

    def step(self, batch: Batch) -> None:
        """One step forwards and backwards."""
        self.optimiser.zero_grad()
        loss = self.weight * sum(part.float().mean() for part in batch.values())
        loss.backward()
        self.optimiser.step()


def _rate(
    work: Callable[[], object], seconds: float, size: int, steps: Steps[Config], device: torch.device | None = None
) -> float:
    """Samples per second of `work`, after three runs to warm up."""
    for _ in range(3):
        work()
    _finish(device)
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < seconds and count + 6 < len(steps):
        work()
        count += 1
    _finish(device)
    return count * size / (time.perf_counter() - started)


def _finish(device: torch.device | None) -> None:
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    run_command(main)
