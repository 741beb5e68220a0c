"""The one backend of this Blender: start a job, watch it, stop it, keep its result for the step that applies it."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Never, TypeVar

import bpy

from . import preferences
from .networks import users_weights

if TYPE_CHECKING:
    from ..inference.engine.process import Launch, WorkerBackend
    from ..inference.engine.ticket import Ticket
    from ..inference.requests import Job

_KEPT = 4  # results that a later undo or redo may still ask for


ResultT = TypeVar("ResultT")
ResultT_co = TypeVar("ResultT_co", covariant=True)


@dataclass
class Running(Generic[ResultT_co]):
    """A job under way, as a panel shows it."""

    title: str
    ticket: Ticket[ResultT_co]
    timer: bpy.types.Timer | None = None
    window_manager: bpy.types.WindowManager | None = None


@dataclass
class _Session:
    backend: WorkerBackend | None = None
    launch: Launch | None = None
    running: Running[object] | None = None
    results: dict[str, object] = field(default_factory=dict)
    count: int = 0
    waking: threading.Thread | None = None


_session = _Session()


def running() -> Running[object] | None:
    """The job under way, None when there is none."""
    return _session.running


def start(title: str, job: Job[ResultT]) -> Running[ResultT]:
    """Have the worker do `job`."""
    started = Running(title, _backend().ask(job))
    _session.running = started
    return started


def _backend() -> WorkerBackend:
    """The worker, on the Python that is chosen in the preferences."""
    from ..inference.engine.process import WorkerBackend

    launch = preferences.launch()
    if _session.launch != launch and _session.running is None:
        close()
    if _session.backend is None:
        _session.backend, _session.launch = WorkerBackend(launch), launch
    return _session.backend


def close() -> None:
    """End the worker; the next job starts another."""
    if _session.backend is not None:
        _session.backend.close()
        _session.backend = None


def do_now(job: Job[ResultT]) -> ResultT:
    """Do `job` in this process and wait: for scripts and for Blender without a window."""
    from ..inference.engine.local import LocalBackend

    users_weights()
    return LocalBackend().ask(job).result()


def wait_for(job: Job[ResultT]) -> ResultT:
    """What comes of a short job, whatever that takes: for redo panels, which cannot go on without it."""
    return do_now(job) if bpy.app.background else _backend().ask(job).result()


def wake() -> threading.Thread | None:
    """Import what a job needs beside everything else: the first time takes longer than a frame. None once awake."""
    if _session.waking is None:
        _session.waking = threading.Thread(target=_import_all, name="bonewright-waking", daemon=True)
        _session.waking.start()
    return _session.waking if _session.waking.is_alive() else None


def _import_all() -> None:
    with suppress(ImportError):  # who needs it will meet the error again, and tell
        from ..inference.engine import process  # noqa: F401 and NumPy and SciPy with it
        from .scene import apply_pictures  # noqa: F401
        from .scene.views import view  # noqa: F401


def hold(title: str) -> Running[Never]:
    """What a panel shows until the job can be asked for."""
    from ..inference.engine.ticket import Ticket

    held = Running(title, Ticket[Never](None))
    _session.running = held
    return held


def watch(job: Running[object], context: bpy.types.Context) -> None:
    """Have the window send timer events while `job` runs."""
    manager = context.window_manager
    job.window_manager, job.timer = manager, manager.event_timer_add(0.05, window=context.window)


def end(job: Running[object]) -> None:
    """The operator that watched `job` is through with it, whatever came of it."""
    if job.timer is not None and job.window_manager is not None:
        job.window_manager.event_timer_remove(job.timer)
        job.timer = None
    if not job.ticket.done:
        job.ticket.cancel()
    if _session.running is job:
        _session.running = None


def cancel() -> None:
    """Stop the job under way."""
    if _session.running is not None:
        _session.running.ticket.cancel()


def keep(result: object) -> str:
    """Keep `result` for the operator that applies it; returns the token to ask for it with."""
    _session.count += 1
    token = str(_session.count)
    _session.results[token] = result
    while len(_session.results) > _KEPT:
        del _session.results[next(iter(_session.results))]
    return token


def kept(token: str) -> object | None:
    """What `keep` kept, None when that was too long ago."""
    return _session.results.get(token)


def register() -> None:
    """The worker waits for the first job."""


def unregister() -> None:
    """Leave no process, no timer and no result behind."""
    if _session.running is not None:
        end(_session.running)
    close()
    _session.results.clear()
