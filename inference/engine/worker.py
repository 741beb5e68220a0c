"""The worker process: reads jobs from its standard input, writes progress and results to its standard output."""

from __future__ import annotations

import contextlib
import os
import platform
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

import numpy as np

from ..errors import BonewrightError, UnexpectedError
from ..progress import Progress
from .local import Runner, run, run_safely
from .mortal import die_with
from .wire import Ask, Cancel, Done, Failed, Hello, Message, Step, read_message, write_message

HEARTBEAT = 0.2
"""Seconds between two reports at most, while a job runs."""
_QUIET = 0.04  # seconds between two reports at least: a fast loop must not flood the pipe


def main(parent: int, runner: Runner = run) -> None:
    """Serve the process `parent` until it goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent
    die_with(parent)
    source, sink = _take_pipes()
    outbox = _Outbox(sink)
    inbox = _Inbox(source)
    outbox.send(Hello(platform.python_version(), np.__version__))
    while True:
        ask = inbox.next_ask()
        outbox.send(_answer(ask, runner, inbox, outbox))


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, unbuffered. What libraries print goes to standard error instead of into the frames."""
    source, sink = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(sink, os.O_BINARY)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    return os.fdopen(source, "rb", buffering=0), os.fdopen(sink, "wb", buffering=0)


class _Outbox:
    """One message at a time, from any thread."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        with self._lock:
            try:
                write_message(self._sink, message)
            except OSError:
                os._exit(0)  # nobody listens any more


class _Inbox:
    """A thread that always listens, so that neither end of the pipes ever waits for the other."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._asks: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def next_ask(self) -> Ask:
        return self._asks.get()

    def is_cancelled(self, ticket: int) -> bool:
        return ticket in self._cancelled

    def _listen(self) -> None:
        try:
            while (message := read_message(self._source)) is not None:
                if isinstance(message, Ask):
                    self._asks.put(message)
                elif isinstance(message, Cancel):
                    self._cancelled.add(message.ticket)
        except (BonewrightError, OSError) as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(2)
        os._exit(0)


def _answer(ask: Ask, runner: Runner, inbox: _Inbox, outbox: _Outbox) -> Message:
    number = ask.ticket
    with _reports(number, outbox) as report:
        try:
            progress = Progress(report, lambda: inbox.is_cancelled(number))
            return Done(number, run_safely(ask.job, progress, runner))
        except UnexpectedError as error:
            return Failed(number, "UnexpectedError", str(error), error.trace)
        except BonewrightError as error:
            return Failed(number, type(error).__name__, str(error), "")


@contextlib.contextmanager
def _reports(number: int, outbox: _Outbox) -> Iterator[Callable[[float, str], None]]:
    """A report function that speaks neither too often nor, through its heartbeat, too seldom."""
    last = Step(number, 0.0, "")
    sent_at = 0.0
    over = threading.Event()

    def report(fraction: float, message: str) -> None:
        nonlocal last, sent_at
        last = Step(number, fraction, message or last.message)
        if time.monotonic() - sent_at > _QUIET:
            sent_at = time.monotonic()
            outbox.send(last)

    def beat() -> None:
        while not over.wait(HEARTBEAT):
            outbox.send(last)

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield report
    finally:
        over.set()
        heart.join()
