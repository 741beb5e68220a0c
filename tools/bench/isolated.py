"""Run a function in a process of its own: whatever happens there, the benchmark goes on and says what happened."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Generic, Literal, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Outcome(Generic[Made]):
    """What became of one call."""

    how: Literal["done", "error", "crash", "hang"]
    value: Made | None
    error: str  # class and message; empty when done
    error_class: str
    seconds: float  # wall clock inside the process, without its start
    peak_mib: float  # most memory the process ever held, imports included


def run_each(
    function: Callable[[Given], Made], items: Iterable[Given], limit_s: float, *, fresh: bool = False
) -> Iterator[Outcome[Made]]:
    """Call `function` on each item in one worker process (`fresh`: one each); a worker that died is replaced."""
    worker: _Worker[Given, Made] | None = None
    try:
        for item in items:
            if worker is None:
                worker = _Worker(function)
            outcome = worker.ask(item, limit_s)
            if fresh or outcome.how in ("crash", "hang"):
                worker.stop()
                worker = None
            yield outcome
    finally:
        if worker is not None:
            worker.stop()


class _Worker(Generic[Given, Made]):
    def __init__(self, function: Callable[[Given], Made]) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(function, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._ours.recv()  # imports are done: they do not count

    def ask(self, item: Given, limit_s: float) -> Outcome[Made]:
        start = time.perf_counter()
        try:
            self._ours.send(item)
            if not self._ours.poll(limit_s):
                return Outcome("hang", None, f"No answer within {limit_s:g} s.", "Hang", time.perf_counter() - start, 0)
            return self._ours.recv()
        except (EOFError, ConnectionError):
            self._process.join(2)
            code = self._process.exitcode
            return Outcome(
                "crash", None, f"The process ended with code {code}.", "Crash", time.perf_counter() - start, 0
            )

    def stop(self) -> None:
        self._ours.close()
        self._process.kill()
        self._process.join()


def _serve(function: Callable[[Given], Made], pipe: Connection) -> None:
    pipe.send("ready")
    while True:
        try:
            item = pipe.recv()
        except EOFError:
            return
        start = time.perf_counter()
        try:
            value, error, name, how = function(item), "", "", "done"
        except Exception as problem:  # reported, whatever it is: that is what this process is for
            value, error, name, how = None, f"{type(problem).__name__}: {problem}", type(problem).__name__, "error"
        seconds = time.perf_counter() - start
        peak = peak_mib()
        pipe.send(Outcome(how, value, error, name, seconds, peak))


def peak_mib() -> float:
    """The most memory this process ever held, in MiB; `ru_maxrss` would start with the parent's on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
