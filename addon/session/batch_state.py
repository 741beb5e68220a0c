"""What the panel shows of a batch, as one frozen state that `transition` alone changes. No Blender, no threads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Phase = Literal["idle", "writing", "running", "stopping", "over"]
Stand = Literal["waiting", "working", "good", "look", "wrong", "failed"]


@dataclass(frozen=True)
class Row:
    """One asset."""

    name: str  # what its records go by
    shown: str  # short enough for a list
    stand: Stand = "waiting"
    text: str = ""  # the verdict, or why it failed
    fraction: float = 0.0
    result: str = ""  # the first file that was written


@dataclass(frozen=True)
class Batch:
    """A run over many assets."""

    phase: Phase = "idle"
    out: str = ""
    rows: tuple[Row, ...] = ()
    message: str = ""  # how the run ended, or what is being done
    failed: bool = False  # the run as a whole
    cancelled: bool = False
    gallery: str = ""  # its first page

    @property
    def busy(self) -> bool:
        """Something is under way."""
        return self.phase in ("writing", "running", "stopping")

    @property
    def over(self) -> int:
        """Assets of which is known what became of them."""
        return sum(row.stand not in ("waiting", "working") for row in self.rows)

    @property
    def failures(self) -> int:
        """Assets that failed."""
        return sum(row.stand == "failed" for row in self.rows)

    @property
    def fraction(self) -> float:
        """Of the whole."""
        return sum(row.fraction if row.stand == "working" else row.stand != "waiting" for row in self.rows) / max(
            1, len(self.rows)
        )


@dataclass(frozen=True)
class Began:
    """The button was pressed; selected objects are written to files first."""

    out: str
    writes: bool = False


@dataclass(frozen=True)
class Planned:
    """It is known which assets there are: (name, what the list shows)."""

    assets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Stepped:
    """An asset has come this far."""

    name: str
    fraction: float
    message: str = ""


@dataclass(frozen=True)
class Finished:
    """An asset is over, now or in an earlier run."""

    name: str
    stand: Stand
    text: str
    result: str = ""


@dataclass(frozen=True)
class Said:
    """What is being done beside the assets: writing, drawing the gallery."""

    message: str


@dataclass(frozen=True)
class CancelPressed:
    """The user wants no more of it."""


@dataclass(frozen=True)
class Ended:
    """The run is over."""

    message: str
    failed: bool = False
    cancelled: bool = False
    gallery: str = ""


Event: TypeAlias = Began | Planned | Stepped | Finished | Said | CancelPressed | Ended
Effect = Literal["start", "stop", "show"]
"""Start the run; close its workers; draw the panel again."""


def transition(state: Batch, event: Event) -> tuple[Batch, tuple[Effect, ...]]:
    """What follows from `event`."""
    match event:
        case Began():
            if state.busy:
                return state, ()
            return Batch("writing" if event.writes else "running", event.out), ("start", "show")
        case CancelPressed():
            if state.phase not in ("writing", "running"):
                return state, ()
            return replace(state, phase="stopping"), ("stop", "show")
        case Ended():
            if not state.busy:
                return state, ()
            return _ended(state, event), ("show",)
        case _ if not state.busy:  # of a run that is over
            return state, ()
        case Planned():
            known = {row.name: row for row in state.rows}
            rows = tuple(known.get(name, Row(name, shown)) for name, shown in event.assets)
            phase: Phase = "running" if state.phase == "writing" else state.phase
            return replace(state, phase=phase, rows=rows, message=""), ("show",)
        case Said():
            return replace(state, message=event.message), ("show",)
        case Stepped():
            return _with(state, event.name, stand="working", fraction=event.fraction, text=event.message)
        case Finished():
            return _with(state, event.name, stand=event.stand, text=event.text, result=event.result, fraction=1.0)


def _with(state: Batch, name: str, **changes: object) -> tuple[Batch, tuple[Effect, ...]]:
    """One row changed; what is over is not begun again by a late word."""
    rows = list(state.rows)
    for place, row in enumerate(rows):
        late = changes["stand"] == "working" and row.stand not in ("waiting", "working")
        if row.name == name and not late:
            rows[place] = replace(row, **changes)  # type: ignore[arg-type]
            return replace(state, rows=tuple(rows)), ("show",)
    return state, ()


def _ended(state: Batch, event: Ended) -> Batch:
    rows = tuple(
        replace(row, stand="waiting", text="", fraction=0.0) if row.stand == "working" else row for row in state.rows
    )
    return Batch("over", state.out, rows, event.message, event.failed, event.cancelled, event.gallery or state.gallery)
