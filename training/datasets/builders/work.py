"""Call a function on many inputs in several processes; the answers come in the order of the inputs.

A process that dies or takes too long is replaced: its input is answered with a `Lost`, the others are not touched.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

AHEAD = 4  # answers each process may be ahead of the oldest that is still awaited


@dataclass(frozen=True)
class Lost:
    """There is no answer, and why."""

    reason: str


def run_ordered(
    function: Callable[[Given], Made], inputs: Sequence[Given], processes: int, limit_s: float
) -> Generator[Made | Lost, None, None]:
    """Answers in order; with 0 processes everything happens in this one, without limit."""
    if processes == 0:
        yield from map(function, inputs)
        return
    crew = [_Worker(function) for _ in range(min(processes, len(inputs)))]
    try:
        yield from _shared_out(crew, inputs, limit_s)
    finally:
        for worker in crew:
            worker.stop()


def _shared_out(crew: list[_Worker[Given, Made]], inputs: Sequence[Given], limit_s: float) -> Iterator[Made | Lost]:
    done: dict[int, Made | Lost] = {}
    next_in = next_out = 0
    while next_out < len(inputs):
        for worker in crew:
            if worker.place is None and next_in < min(len(inputs), next_out + AHEAD * len(crew)):
                worker.begin(next_in, inputs[next_in], limit_s)
                next_in += 1
        busy = [worker for worker in crew if worker.place is not None]
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        ready = wait([worker.pipe for worker in busy], None if patience == inf else patience)
        for worker in busy:
            if worker.pipe in ready and not worker.is_up:
                worker.greet(limit_s)
            elif worker.pipe in ready or time.monotonic() > worker.deadline:
                place, answer = worker.finish(limit_s)
                done[place] = answer
        while next_out in done:
            yield done.pop(next_out)
            next_out += 1


class _Worker(Generic[Given, Made]):
    def __init__(self, function: Callable[[Given], Made]) -> None:
        self._function = function
        self.place: int | None = None
        self.is_up = False
        self.deadline = inf  # the time to start up does not count
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._function, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.is_up, self.deadline = False, inf

    def greet(self, limit_s: float) -> None:
        """The process has come up and begins with what was sent."""
        with contextlib.suppress(EOFError, ConnectionError):  # it died at once: `finish` will say so
            self.pipe.recv()
        self.is_up, self.deadline = True, time.monotonic() + limit_s

    def begin(self, place: int, given: Given, limit_s: float) -> None:
        self.place = place
        self.deadline = time.monotonic() + limit_s if self.is_up else inf
        with contextlib.suppress(ConnectionError):  # it died idle: `finish` will say so
            self.pipe.send(given)

    def finish(self, limit_s: float) -> tuple[int, Made | Lost]:
        assert self.place is not None
        place, self.place = self.place, None
        try:
            if self.pipe.poll():
                return place, self.pipe.recv()
            lost = Lost(f"took more than {limit_s:g} s")
        except (EOFError, ConnectionError):
            self._process.join(2)
            lost = Lost(f"the process died of it (code {self._process.exitcode})")
        self.stop()
        self._start()
        return place, lost

    def stop(self) -> None:
        self.pipe.close()
        self._process.kill()
        self._process.join()


def _serve(function: Callable[[Given], Made], pipe: Connection) -> None:
    pipe.send("up")
    while True:
        try:
            given = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            pipe.send(function(given))
        except (BrokenPipeError, KeyboardInterrupt):
            return
