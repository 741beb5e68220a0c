"""What is seen of a training: curves for TensorBoard and as JSON, pictures, and a line of progress."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch.utils.tensorboard import SummaryWriter

from inference.files import write_whole

from .loader import Made
from .recipe import Batch, Numbers

Curves = list[dict[str, float | str]]


class Meter:
    """How fast items are made and used, since it was last asked."""

    def __init__(self, workers: int, processes: int) -> None:
        self._workers, self._processes = max(workers, 1), processes
        self.restart()

    def restart(self) -> None:
        """Forget what was counted: something else took time in between."""
        self._start = time.perf_counter()
        self._items, self._making, self._waiting = 0, 0.0, 0.0

    def count(self, made: Made, waited: float) -> None:
        """A batch that the training waited `waited` seconds for."""
        self._items += made.items
        self._making += made.seconds
        self._waiting += waited

    def read(self) -> Numbers:
        """Samples per second that the training used and that the loader could make, and the share of time waited."""
        spent = max(time.perf_counter() - self._start, 1e-9)
        speeds = {
            "samples/s": self._processes * self._items / spent,
            "loader samples/s": self._processes * self._workers * self._items / max(self._making, 1e-9),
            "waited": self._waiting / spent,
        }
        self.restart()
        return speeds


class Record:
    """The writing side. A process that is not the first of several writes nothing."""

    def __init__(self, folder: Path, total: int, done: int, *, active: bool) -> None:
        self._folder, self._active, self._total = folder, active, total
        self._console = Console(stderr=True)
        self._said = 0.0
        self._bar: Progress | None = None
        if not active:
            return
        # What an interrupted run wrote after its last checkpoint is written again: hide the first writing.
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=done if done else None)
        if self._console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
            self._bar = Progress(*columns, TimeRemainingColumn(), TextColumn("{task.fields[text]}"))
            self._task = self._bar.add_task("train", total=total, completed=done, text="")

    def __enter__(self) -> Record:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        if self._active:
            self._board.close()

    def point(self, step: int, stage: str, numbers: Numbers, speeds: Numbers) -> None:
        """A point of the training's curves."""
        if not self._active:
            return
        for name, value in numbers.items():
            self._board.add_scalar(f"train/{name}", value, step)
        for name, value in speeds.items():
            self._board.add_scalar(f"speed/{name.replace('/', ' per ')}", value, step)
        text = (
            f"{stage} loss {numbers.get('loss', float('nan')):.4g} | {speeds['samples/s']:.0f} samples/s, "
            f"loader {speeds['loader samples/s']:.0f}, waited {speeds['waited']:.0%}"
        )
        if self._bar is not None:
            self._bar.update(self._task, completed=step, text=text)
        elif time.monotonic() - self._said > 15 or step == self._total:
            self._said = time.monotonic()
            self.say(f"{step}/{self._total} {text}")

    def evaluation(self, step: int, metrics: Numbers, pictures: Batch) -> None:
        """What was measured on val, and pictures."""
        if not self._active:
            return
        for name, value in metrics.items():
            self._board.add_scalar(f"val/{name}", value, step)
        for name, image in pictures.items():
            self._board.add_image(name, image.detach().float().cpu().clamp(0, 1), step)
        self._board.flush()
        self.say(f"{step}/{self._total} val: " + ", ".join(f"{name} {value:.4g}" for name, value in metrics.items()))

    def curves(self, curves: Curves) -> None:
        """All points so far, as JSON."""
        if self._active:
            write_whole(self._folder / "curves.json", json.dumps(curves, indent=0).encode())

    def say(self, text: str) -> None:
        """A line for whoever watches."""
        if self._active:
            self._console.print(text, highlight=False, soft_wrap=True, markup=False)
