"""A job that was asked for: how far it is, how to stop it, what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, cast

from ..errors import BonewrightError, Cancelled
from ..requests import Job, ResultT_co


class Ticket(Generic[ResultT_co]):
    """Every method returns at once, except `wait` and `result`. Any thread may call any of them."""

    def __init__(self, job: Job[ResultT_co] | None, stop: Callable[[], None] = lambda: None) -> None:
        self.job = job
        self.fraction = 0.0
        self.message = ""
        self.asked_at = time.monotonic()
        self._stop = stop
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._cancelled = False
        self._result: object = None
        self._error: BonewrightError | None = None

    @property
    def done(self) -> bool:
        """The result or the error is there."""
        return self._done.is_set()

    @property
    def cancelled(self) -> bool:
        """Somebody asked to stop."""
        return self._cancelled

    def cancel(self) -> None:
        """Ask to stop: within half a second the ticket is done and `result` raises `Cancelled`."""
        with self._lock:
            if self._cancelled or self._done.is_set():
                return
            self._cancelled = True
        self._stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until done; False when `timeout` seconds have passed before."""
        return self._done.wait(timeout)

    def result(self) -> ResultT_co:
        """What came of the job, or the error it ended with."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return cast("ResultT_co", self._result)

    def step(self, fraction: float, message: str) -> None:
        """For the runner: the work has come this far."""
        self.fraction, self.message = fraction, message

    def finish(self, result: object) -> None:
        """For the runner: `result` is what came of the job. One that comes after `cancel` is dropped."""
        with self._lock:
            if self._done.is_set():
                return
            if self._cancelled:
                self._error = Cancelled("Cancelled.")
            else:
                self.fraction, self._result = 1.0, result
            self._done.set()

    def fail(self, error: BonewrightError) -> None:
        """For the runner: the work has ended with `error`; after `cancel`, any error counts as the cancelling."""
        with self._lock:
            if not self._done.is_set():
                self._error = Cancelled("Cancelled.") if self._cancelled else error
                self._done.set()
