"""Something long that the preferences do beside Blender, one at a time: a thread works, a timer redraws."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import bpy

from ..inference.errors import BonewrightError, Cancelled
from ..inference.progress import Progress

_INTERVAL = 0.2  # seconds between two redraws


@dataclass
class Task:
    """What is under way, or what came of it."""

    title: str
    fraction: float = 0.0
    message: str = ""
    done: bool = False
    failed: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def report(self, fraction: float, message: str) -> None:
        """For the work: it has come this far."""
        self.fraction, self.message = fraction, message or self.message


_last: list[Task] = []


def last() -> Task | None:
    """The task under way or the last one."""
    return _last[0] if _last else None


def running() -> bool:
    """A task is under way."""
    return bool(_last) and not _last[0].done


def start(title: str, work: Callable[[Progress], str]) -> None:
    """Do `work`, which returns what is to be told, in a thread. It must not touch Blender."""
    task = Task(title)
    task.thread = threading.Thread(target=_do, args=(task, work), name="bonewright-task", daemon=True)
    _last[:] = [task]
    task.thread.start()
    bpy.app.timers.register(_redraw, first_interval=_INTERVAL, persistent=True)


def cancel() -> None:
    """Have the task under way stop."""
    if _last:
        _last[0].stop.set()


def end() -> None:
    """Stop, wait until it has, and forget: the extension is switched off."""
    cancel()
    if _last and _last[0].thread is not None:
        _last[0].thread.join(2.0)
    _last.clear()
    if bpy.app.timers.is_registered(_redraw):
        bpy.app.timers.unregister(_redraw)


def _do(task: Task, work: Callable[[Progress], str]) -> None:
    try:
        task.message = work(Progress(task.report, task.stop.is_set))
    except Cancelled:
        task.message = "Cancelled"
    except BonewrightError as error:
        task.message, task.failed = str(error), True
    except Exception as error:  # a thread has nobody else to tell
        task.message, task.failed = f"Bonewright made a mistake: {error!r}", True
    task.done = True


def _redraw() -> float | None:
    """Redraw the preferences until the task is done."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                if area.type == "PREFERENCES":
                    area.tag_redraw()
    return _INTERVAL if running() else None
