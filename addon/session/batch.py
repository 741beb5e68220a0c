"""The batch of this Blender: a thread runs it, a timer takes what it tells, the panel shows the state."""

from __future__ import annotations

import queue
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import bpy

from ..typed import batch_rows
from .batch_state import Batch, Began, CancelPressed, Ended, Event, transition
from .jobs import redraw

if TYPE_CHECKING:
    from .batch_run import Stop, Wish

INTERVAL = 0.1  # seconds between two looks at what the thread tells
Writer = Iterator[None]
"""Writes a selected object to a file at each step; Blender draws in between."""


class _Runner:
    state = Batch()
    wish: Wish | None = None
    stop: Stop | None = None
    thread: threading.Thread | None = None
    writer: Writer | None = None
    told: queue.SimpleQueue[Event] = queue.SimpleQueue()


_runner = _Runner()


def state() -> Batch:
    """What the panel goes by."""
    return _runner.state


def send(event: Event) -> None:
    """Something has happened: change the state, and do what follows from it."""
    _runner.state, effects = transition(_runner.state, event)
    if "start" in effects:
        _start()
    if "stop" in effects:
        _stop()
    if "show" in effects:
        _show()


def begin(wish: Wish, writer: Writer | None = None) -> None:
    """Run `wish`, once `writer` has written the files that it reads."""
    if _runner.state.busy:
        return
    _runner.wish, _runner.writer = wish, writer
    send(Began(str(wish.out), writes=writer is not None))


def cancel() -> None:
    """Stop it; what is done is kept, and the next run goes on from there."""
    send(CancelPressed())


def tick() -> float | None:
    """Take what the thread has told, or write one more object; seconds until the next time, None when all is over."""
    if _runner.writer is not None:
        _write(_runner.writer)
    while not _runner.told.empty():
        send(_runner.told.get())
    return INTERVAL if _runner.state.busy else None


def _write(writer: Writer) -> None:
    from ...inference.errors import BonewrightError

    try:
        next(writer)
    except StopIteration:
        _runner.writer = None
        _run()
    except BonewrightError as error:
        _runner.writer = None
        send(Ended(str(error), failed=True))


def _start() -> None:
    from .batch_run import Stop

    _runner.stop, _runner.told = Stop(), queue.SimpleQueue()
    if _runner.writer is None:
        _run()
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=INTERVAL, persistent=True)


def _run() -> None:
    from .batch_run import run_batch

    assert _runner.wish is not None
    assert _runner.stop is not None
    work = (_runner.wish, _runner.told.put, _runner.stop)
    _runner.thread = threading.Thread(target=run_batch, args=work, name="bonewright-batch", daemon=True)
    _runner.thread.start()


def _stop() -> None:
    assert _runner.stop is not None
    _runner.stop.press()
    if _runner.writer is not None:  # the thread has not begun
        _runner.writer = None
        send(Ended("", cancelled=True))


def _show() -> None:
    """Bring the list that Blender scrolls in line with the state."""
    manager = bpy.context.window_manager
    if manager is None:
        return
    rows = batch_rows(manager).rows
    while len(rows) > len(_runner.state.rows):
        rows.remove(len(rows) - 1)
    while len(rows) < len(_runner.state.rows):
        rows.add()
    for shown, row in zip(rows, _runner.state.rows, strict=True):
        if (shown.name, shown.stand, shown.text) != (row.shown, row.stand, row.text):
            shown.name, shown.stand, shown.text, shown.result = row.shown, row.stand, row.text, row.result
    redraw(bpy.context)


def workers() -> Callable[[str], list[str]]:
    """Engine -> the command that starts a worker of it: this Blender, without a window."""
    behind = ["nice", "-n", "10"] if shutil.which("nice") else []  # the window comes first
    if bpy.app.binary_path:
        return lambda engine: [*behind, bpy.app.binary_path, "--command", "bonewright", "worker", engine]
    package = str(__package__).partition(".addon")[0]  # Blender as a module, with Bonewright installed beside it
    return lambda engine: [*behind, sys.executable, "-m", package, "worker", engine]


def register() -> None:
    """Nothing runs before a button is pressed."""


def unregister() -> None:
    """Leave no worker and no timer behind."""
    if _runner.stop is not None:
        _runner.stop.press()
    if _runner.thread is not None:
        _runner.thread.join(3.0)
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    _runner.state, _runner.writer, _runner.thread = Batch(), None, None
