"""Something long that the preferences do beside Blender, one at a time: a thread works, a timer redraws."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import bpy

from ..inference.errors import BonewrightError, Cancelled
from ..inference.progress import Progress

_LOOK = 0.2  # seconds between two redraws


@dataclass
class Chore:
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


_last: list[Chore] = []


def last() -> Chore | None:
    """The chore under way or the last one."""
    return _last[0] if _last else None


def running() -> bool:
    """A chore is under way."""
    return bool(_last) and not _last[0].done


def start(title: str, work: Callable[[Progress], str]) -> None:
    """Do `work`, which returns what is to be told, in a thread. It must not touch Blender."""
    chore = Chore(title)
    chore.thread = threading.Thread(target=_do, args=(chore, work), name="bonewright-chore", daemon=True)
    _last[:] = [chore]
    chore.thread.start()
    bpy.app.timers.register(_look, first_interval=_LOOK, persistent=True)


def cancel() -> None:
    """Have the chore under way stop."""
    if _last:
        _last[0].stop.set()


def end() -> None:
    """Stop, wait until it has, and forget: the extension is switched off."""
    cancel()
    if _last and _last[0].thread is not None:
        _last[0].thread.join(2.0)
    _last.clear()
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)


def _do(chore: Chore, work: Callable[[Progress], str]) -> None:
    try:
        chore.message = work(Progress(chore.report, chore.stop.is_set))
    except Cancelled:
        chore.message = "Cancelled"
    except BonewrightError as error:
        chore.message, chore.failed = str(error), True
    except Exception as error:  # a thread has nobody else to tell
        chore.message, chore.failed = f"Bonewright made a mistake: {error!r}", True
    chore.done = True


def _look() -> float | None:
    """Redraw the preferences until the chore is done."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                if area.type == "PREFERENCES":
                    area.tag_redraw()
    return _LOOK if running() else None
