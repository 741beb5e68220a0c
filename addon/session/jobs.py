"""The one worker of this Blender, and the one runner of what `state.transition` wants done about jobs."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

import bpy
from bpy.app.handlers import persistent

from ...inference.errors import BonewrightError, Cancelled, UnexpectedError
from .. import preferences
from ..networks import users_weights
from .state import (
    Applied,
    Apply,
    Ask,
    Asked,
    CancelPressed,
    Closed,
    CloseWorker,
    Effect,
    Ended,
    Event,
    FileLoaded,
    Forget,
    Level,
    Looked,
    NotApplied,
    NotTaken,
    Redraw,
    Session,
    Stop,
    Taken,
    Tell,
    Undone,
    Unwatch,
    Wake,
    Watch,
    Woken,
    Work,
    transition,
)

if TYPE_CHECKING:
    from ...inference.engine.process import Launch, WorkerBackend
    from ...inference.engine.ticket import Ticket
    from ...inference.requests import Job

_KEPT = 4  # results that a later undo or redo may still ask for
_INTERVAL = 0.05  # seconds between two looks at the worker
ResultT = TypeVar("ResultT")


class Hands(Protocol):
    """What only the operator that was pressed can do."""

    def read(self, context: bpy.types.Context) -> tuple[Job[object], tuple[str, ...]]:
        """The job, and the names of the objects that its result is for. Raises a named error."""
        ...

    def apply(self, context: bpy.types.Context, result: object) -> tuple[Level, str]:
        """Put the result into the scene; what to tell. Raises a named error."""
        ...

    def allowed(self, context: bpy.types.Context) -> bool:
        """Whether its button can be pressed."""
        ...

    def tell(self, level: Level, text: str) -> None:
        """Tell the user."""
        ...


@dataclass
class _Runner:
    """What effects are done with."""

    state: Session = field(default_factory=Session)
    backend: WorkerBackend | None = None
    launch: Launch | None = None
    ticket: Ticket[object] | None = None
    timer: bpy.types.Timer | None = None
    window_manager: bpy.types.WindowManager | None = None
    waking: threading.Thread | None = None
    results: dict[str, object] = field(default_factory=dict)
    count: int = 0  # results so far
    aside: bool = False  # whether a button could be pressed is asked as if the job were not there


_runner = _Runner()


def state() -> Session:
    """What the panel goes by."""
    return _runner.state


def running() -> Work | None:
    """The job under way, None when there is none."""
    return None if _runner.aside else _runner.state.work


def is_under_way(number: int) -> bool:
    """Whether that job is the one."""
    return _runner.state.work is not None and _runner.state.work.number == number


def ticket() -> Ticket[object] | None:
    """The worker's own account of the last job that it was asked for."""
    return _runner.ticket


def send(event: Event, hands: Hands | None = None, context: bpy.types.Context | None = None) -> None:
    """Something has happened: change the state, and do what follows from it."""
    _runner.state, effects = transition(_runner.state, event)
    for effect in effects:
        _carry_out(effect, hands, context or bpy.context)


def start(title: str, hands: Hands, context: bpy.types.Context) -> int:
    """A button was pressed; the number of the job, 0 where another one is under way."""
    before = _runner.state.count
    send(Asked(title, awake=not _is_waking()), hands, context)
    return _runner.state.count if _runner.state.count != before else 0


def look(number: int, hands: Hands, context: bpy.types.Context, *, busy: bool = False) -> None:
    """Look how far the job is. `busy`: the user is in the middle of something."""
    work = _runner.state.work
    if work is None or work.number != number:
        return
    if work.phase == "waking":
        if work.stopping or not _is_waking():
            send(Woken(number, _allowed(hands, context)), hands, context)
        return
    asked = _runner.ticket
    if asked is None:
        return
    lost = tuple(name for name in work.about if name not in bpy.data.objects)
    seen = Looked(number, asked.fraction, asked.message, busy=busy, lost=lost)
    if asked.done:
        seen = _answered(seen, asked)
    send(seen, hands, context)


def _allowed(hands: Hands, context: bpy.types.Context) -> bool:
    """Whether the button could still be pressed: its own job does not stand in its way."""
    _runner.aside = True
    try:
        return hands.allowed(context)
    finally:
        _runner.aside = False


def _answered(seen: Looked, asked: Ticket[object]) -> Looked:
    """The same, with how the job has ended."""
    try:
        asked.result()
    except Cancelled:
        return replace(seen, answer="cancelled")
    except BonewrightError as error:
        return replace(seen, answer="failed", error=_told(error))
    return replace(seen, answer="done")


def end(number: int) -> None:
    """Blender has ended the operator that watches this job."""
    send(Ended(number))


def cancel() -> None:
    """Stop the job under way."""
    send(CancelPressed())


def _carry_out(effect: Effect, hands: Hands | None, context: bpy.types.Context) -> None:
    match effect:
        case Wake():
            _wake()
        case Ask():
            _ask(effect, hands, context)
        case Watch():
            _watch(context)
        case Unwatch():
            _unwatch()
        case Stop():
            if _runner.ticket is not None:
                _runner.ticket.cancel()
        case Apply():
            _apply(effect, hands, context)
        case Tell():
            if hands is not None:
                hands.tell(effect.level, effect.text)
        case Forget():
            _runner.results.clear()
        case CloseWorker():
            close()
        case Redraw():
            redraw(context)


def _ask(effect: Ask, hands: Hands | None, context: bpy.types.Context) -> None:
    assert hands is not None, "jobs are asked for by operators"
    _runner.ticket = None
    try:
        job, about = hands.read(context)
        _runner.ticket = _backend().ask(job)
    except BonewrightError as error:
        send(NotTaken(effect.number, _told(error)), hands, context)
        return
    except BaseException:  # a mistake of ours: Blender shows it, and the next click works
        send(Ended(effect.number))
        raise
    send(Taken(effect.number, about), hands, context)


def _apply(effect: Apply, hands: Hands | None, context: bpy.types.Context) -> None:
    assert hands is not None, "results are applied by operators"
    assert _runner.ticket is not None
    try:
        level, text = hands.apply(context, _runner.ticket.result())
    except BonewrightError as error:
        send(NotApplied(effect.number, effect.title, _told(error)), hands, context)
        return
    send(Applied(effect.number, level, text), hands, context)


def _told(error: BonewrightError) -> str:
    """What the user is told; the trace of a mistake of ours goes to the console."""
    if isinstance(error, UnexpectedError) and error.trace:
        print(error.trace)
    return str(error)


def _watch(context: bpy.types.Context) -> None:
    """Have the window send timer events; without a window somebody else has to look."""
    if _runner.timer is None and context.window is not None and not bpy.app.background:
        _runner.window_manager = context.window_manager
        _runner.timer = context.window_manager.event_timer_add(_INTERVAL, window=context.window)


def _unwatch() -> None:
    manager, timer = _runner.window_manager, _runner.timer
    _runner.timer = _runner.window_manager = None
    if manager is not None and timer is not None:
        with suppress(ReferenceError):  # another file was opened, and both are gone already
            manager.event_timer_remove(timer)


def _wake() -> None:
    """Import what a job needs beside everything else: the first time takes longer than a frame."""
    if _runner.waking is None:
        _runner.waking = threading.Thread(target=_import_all, name="bonewright-waking", daemon=True)
        _runner.waking.start()


def _is_waking() -> bool:
    """Whether that is still to be done."""
    return not bpy.app.background and (_runner.waking is None or _runner.waking.is_alive())


def _import_all() -> None:
    with suppress(ImportError):  # who needs it will meet the error again, and tell
        from ...inference.engine import process  # noqa: F401 and NumPy and SciPy with it
        from ..scene import apply_pictures  # noqa: F401
        from ..scene.views import view  # noqa: F401


def _backend() -> WorkerBackend:
    """The worker, on the Python that is chosen in the preferences."""
    from ...inference.engine.process import WorkerBackend

    launch = preferences.launch()
    free = _runner.ticket is None or _runner.ticket.done
    if _runner.launch != launch and free:
        close()
    if _runner.backend is None:
        _runner.backend, _runner.launch = WorkerBackend(launch), launch
    return _runner.backend


def close() -> None:
    """End the worker; the next job starts another."""
    if _runner.backend is not None:
        _runner.backend.close()
        _runner.backend = None


def do_now(job: Job[ResultT]) -> ResultT:
    """Do `job` in this process and wait: for scripts and for Blender without a window."""
    from ...inference.engine.local import LocalBackend

    users_weights()
    preferences.lend_libraries()
    return LocalBackend().ask(job).result()


def wait_for(job: Job[ResultT]) -> ResultT:
    """What comes of a short job, whatever that takes: for redo panels, which cannot go on without it."""
    return do_now(job) if bpy.app.background else _backend().ask(job).result()


def keep(result: object) -> str:
    """Keep `result` for the operator that applies it; returns the token to ask for it with."""
    _runner.count += 1
    token = str(_runner.count)
    _runner.results[token] = result
    while len(_runner.results) > _KEPT:
        del _runner.results[next(iter(_runner.results))]
    return token


def kept(token: str) -> object | None:
    """What `keep` kept, None when that was too long ago."""
    return _runner.results.get(token)


def redraw(context: bpy.types.Context) -> None:
    """Draw the panels again, in every window."""
    manager = context.window_manager
    for window in manager.windows if manager is not None else ():
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


@persistent
def _file_loaded(*_: object) -> None:
    send(FileLoaded())


@persistent
def _undone(*_: object) -> None:
    send(Undone())


_HANDLERS = (
    (bpy.app.handlers.load_post, _file_loaded),
    (bpy.app.handlers.undo_post, _undone),
    (bpy.app.handlers.redo_post, _undone),
)


def register() -> None:
    """The worker waits for the first job."""
    for handlers, handler in _HANDLERS:
        handlers.append(handler)


def unregister() -> None:
    """Leave no process, no timer and no result behind."""
    for handlers, handler in _HANDLERS:
        if handler in handlers:
            handlers.remove(handler)
    send(Closed())
