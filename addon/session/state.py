"""What the panel shows, as one frozen state. `transition` alone changes it, and says what is to be done about it.

No Blender, no threads, no clock: whatever may happen in the middle of a job is an event, and a test can send it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Phase = Literal["waking", "asking", "running", "ready"]
Shown = Literal["idle", "running", "result", "stale", "failed"]
Level = Literal["INFO", "WARNING", "ERROR"]
NOT_ALLOWED = "The selection has changed meanwhile. Select the meshes and start again."
GONE = "'{}' was deleted meanwhile. Undo that, or select a mesh, and start again."
CANCELLED = "Cancelled"


@dataclass(frozen=True)
class Work:
    """A job, from the click until its result is handed on."""

    number: int
    title: str
    phase: Phase  # libraries are imported; the job is read from the scene; the worker is at it; the user's hand is busy
    about: tuple[str, ...] = ()  # names of the objects that the result is for
    lost: tuple[str, ...] = ()  # those of them that are gone, as it looks now: an undo may bring them back
    fraction: float = 0.0
    message: str = ""
    stopping: bool = False  # somebody pressed Cancel


@dataclass(frozen=True)
class Rig:
    """The armature at hand, as the panel was drawn last."""

    name: str
    reported: bool  # somebody has measured how good it is
    changed: str = ""  # what is no longer as it was then


@dataclass(frozen=True)
class Failure:
    """How the last job ended, if it ended badly."""

    title: str
    message: str


@dataclass(frozen=True)
class Session:
    """All that the panel goes by."""

    work: Work | None = None
    failure: Failure | None = None
    rig: Rig | None = None
    count: int = 0  # jobs so far

    @property
    def shown(self) -> Shown:
        """In one word."""
        if self.work is not None:
            return "running"
        if self.failure is not None:
            return "failed"
        if self.rig is not None and self.rig.reported:
            return "stale" if self.rig.changed else "result"
        return "idle"


@dataclass(frozen=True)
class Asked:
    """A button was pressed."""

    title: str
    awake: bool = True  # the libraries that a job needs are imported


@dataclass(frozen=True)
class Woken:
    """They are imported now."""

    number: int
    allowed: bool  # the button could still be pressed


@dataclass(frozen=True)
class Taken:
    """The scene was read and the worker has the job."""

    number: int
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotTaken:
    """The scene could not be read, or there is no worker."""

    number: int
    message: str


@dataclass(frozen=True)
class Looked:
    """What a look at the worker and at the scene tells, many times a second."""

    number: int
    fraction: float = 0.0
    message: str = ""
    answer: Literal["", "done", "failed", "cancelled"] = ""
    error: str = ""  # of one that failed
    busy: bool = False  # the user is in the middle of a drag or a stroke
    lost: tuple[str, ...] = ()  # objects that the result is for, and that are gone


@dataclass(frozen=True)
class Applied:
    """The result is in the scene."""

    number: int
    level: Level
    text: str


@dataclass(frozen=True)
class NotApplied:
    """The result could not be put into the scene."""

    number: int
    title: str
    message: str


@dataclass(frozen=True)
class CancelPressed:
    """The user wants no more of it."""


@dataclass(frozen=True)
class Dismissed:
    """The user has read why it failed."""


@dataclass(frozen=True)
class Ended:
    """Blender has ended the operator that watched: its window was closed, or another file is being opened."""

    number: int


@dataclass(frozen=True)
class FileLoaded:
    """Another file is open now."""


@dataclass(frozen=True)
class Undone:
    """A step was undone or made again: any object may have come or gone."""


@dataclass(frozen=True)
class Seen:
    """The panel is drawn, and this armature is at hand."""

    rig: Rig | None


@dataclass(frozen=True)
class Closed:
    """The extension is switched off."""


Event: TypeAlias = (
    Asked
    | Woken
    | Taken
    | NotTaken
    | Looked
    | Applied
    | NotApplied
    | CancelPressed
    | Dismissed
    | Ended
    | FileLoaded
    | Undone
    | Seen
    | Closed
)


@dataclass(frozen=True)
class Wake:
    """Import the libraries."""


@dataclass(frozen=True)
class Ask:
    """Read the scene and hand the job to the worker."""

    number: int


@dataclass(frozen=True)
class Watch:
    """Have the window send timer events."""


@dataclass(frozen=True)
class Unwatch:
    """No more of them."""


@dataclass(frozen=True)
class Stop:
    """Tell the worker that nobody wants the result."""


@dataclass(frozen=True)
class Apply:
    """Put the result into the scene."""

    number: int
    title: str


@dataclass(frozen=True)
class Tell:
    """Say it in the status bar and the Info log."""

    level: Level
    text: str


@dataclass(frozen=True)
class Forget:
    """No undo or redo will ask for a result any more."""


@dataclass(frozen=True)
class CloseWorker:
    """End the process."""


@dataclass(frozen=True)
class Redraw:
    """Draw the panels again."""


Effect: TypeAlias = Wake | Ask | Watch | Unwatch | Stop | Apply | Tell | Forget | CloseWorker | Redraw
Step: TypeAlias = tuple[Session, tuple[Effect, ...]]


def transition(state: Session, event: Event) -> Step:
    """What follows from `event`. One about a job that is no longer under way changes nothing."""
    match event:
        case Asked():
            return _asked(state, event)
        case Woken() | Taken() | NotTaken() | Looked() | Ended():
            if state.work is None or state.work.number != event.number:
                return state, ()
            return _about_work(state, state.work, event)
        case Applied():
            return state, ((Tell(event.level, event.text), Redraw()) if event.text else (Redraw(),))
        case NotApplied():
            failed = replace(state, failure=Failure(event.title, event.message))
            return failed, (Tell("ERROR", event.message), Redraw())
        case CancelPressed():
            if state.work is None or state.work.stopping:
                return state, ()
            return replace(state, work=replace(state.work, stopping=True)), (Stop(), Redraw())
        case Dismissed():
            return replace(state, failure=None), (Redraw(),)
        case FileLoaded():
            ended = (Stop(), Unwatch()) if state.work is not None else ()
            return Session(count=state.count), (*ended, Forget(), Redraw())
        case Undone():
            return replace(state, failure=None, rig=None), (Redraw(),)
        case Seen():
            return replace(state, rig=event.rig), ()
        case Closed():
            return Session(count=state.count), (Stop(), Unwatch(), CloseWorker(), Forget())


def _asked(state: Session, event: Asked) -> Step:
    if state.work is not None:  # one job at a time; the button was grey
        return state, ()
    number = state.count + 1
    work = Work(number, event.title, "asking" if event.awake else "waking")
    begun = replace(state, work=work, failure=None, count=number)
    return begun, ((Ask(number),) if event.awake else (Wake(), Watch(), Redraw()))


def _about_work(state: Session, work: Work, event: Woken | Taken | NotTaken | Looked | Ended) -> Step:
    match event:
        case Woken():
            if work.phase != "waking":
                return state, ()
            if work.stopping:
                return _cancelled(state)
            if not event.allowed:
                return _failed(state, work, NOT_ALLOWED)
            return replace(state, work=replace(work, phase="asking")), (Ask(work.number),)
        case Taken():
            running = replace(work, phase="running", about=event.about)
            return replace(state, work=running), (Watch(), Redraw())
        case NotTaken():
            return _failed(state, work, event.message)
        case Looked():
            return _looked(state, work, event)
        case Ended():
            return replace(state, work=None), (Stop(), Unwatch(), Redraw())


def _looked(state: Session, work: Work, event: Looked) -> Step:
    if work.phase in ("waking", "asking"):
        return state, ()
    if event.answer == "cancelled" or (event.answer and work.stopping):
        return _cancelled(state)
    if event.answer == "failed":
        return _failed(state, work, event.error)
    if event.answer == "done" and not event.busy:
        if event.lost:
            return _failed(state, work, GONE.format(event.lost[0]))
        # the job is over before its result is applied: what applies it may start the next one
        return replace(state, work=None), (Unwatch(), Apply(work.number, work.title), Redraw())
    phase: Phase = "ready" if event.answer else "running"
    seen = replace(work, phase=phase, fraction=event.fraction, message=event.message, lost=event.lost)
    return replace(state, work=seen), ((Redraw(),) if seen != work else ())


def _failed(state: Session, work: Work, message: str) -> Step:
    failure = Failure(work.title, message)
    return replace(state, work=None, failure=failure), (Unwatch(), Tell("ERROR", message), Redraw())


def _cancelled(state: Session) -> Step:
    return replace(state, work=None), (Unwatch(), Tell("INFO", CANCELLED), Redraw())
