"""A batch as the command line does it, told to a panel instead of a terminal. For a thread: no Blender in here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from ...inference.engine.channels import Facts
from ...inference.engine.killable import Limits
from ...inference.engine.memory import fair_share
from ...inference.engine.pool import Pool
from ...inference.errors import BonewrightError, Cancelled
from ...inference.requests import RigOptions
from ...inference.verdicts import verdict_line
from ..batch.engines import Workers, with_engine
from ..batch.facts import Record
from ..batch.gallery.make import make_gallery
from ..batch.kept.resume import Only, tasks_of
from ..batch.kept.run_folder import RunFolder
from ..batch.plan import FileJob, make_plan
from ..batch.pool import News
from ..batch.runs import Manner, carry_out
from .batch_state import Ended, Event, Finished, Planned, Said, Stand, Stepped

Tell: TypeAlias = Callable[[Event], None]
_STANDS: dict[str, Stand] = {"good": "good", "look": "look", "wrong": "wrong"}


@dataclass(frozen=True)
class Wish:
    """What is asked for."""

    inputs: tuple[Path, ...]  # files or folders
    out: Path
    formats: tuple[str, ...]
    options: RigOptions
    workers: Workers
    processes: int = 1
    picture: bool = False
    gallery: bool = False
    only: Only = ""
    seconds: float = 600.0  # for one file


class Stop:
    """Stops a run from any thread, before it has begun too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Pool[Facts, Facts] | None = None
        self.pressed = False

    def press(self) -> None:
        """Kill the workers: the run raises Cancelled, and what they were at is begun anew by the next run."""
        with self._lock:
            self.pressed = True
            pool = self._pool
        if pool is not None:
            pool.close()

    def opened(self, pool: Pool[Facts, Facts]) -> None:
        """For the run: these are its workers now."""
        with self._lock:
            self._pool = pool
            pressed = self.pressed
        if pressed:
            raise Cancelled("Cancelled.")


class _Told:
    """The terminal of a run, which tells the panel."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.last = ""

    def __enter__(self) -> _Told:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""

    def update(self, done: int, total: int, news: News) -> None:
        if news.record is None:
            self._tell(Stepped(news.job.name, news.fraction, news.message))

    def over(self, job: FileJob, record: Record, text: str) -> None:
        self._tell(finished(job, record))

    def line(self, text: str, *, failure: bool = False) -> None:
        self.last = text


def finished(job: FileJob, record: Record) -> Finished:
    """What the list says of a job that is over."""
    if record["status"] != "ok":
        return Finished(job.name, "failed", str(record["error"]))
    reasons = record.get("reasons")
    verdict = str(record.get("verdict") or "look")
    text = verdict_line(verdict, reasons if isinstance(reasons, list) else ())
    return Finished(job.name, _STANDS.get(verdict, "look"), text, str(job.outputs[0]))


def run_batch(wish: Wish, tell: Tell, stop: Stop) -> None:
    """Rig all that is wished for; whatever happens, the last thing told is that it has ended."""
    try:
        tell(_run(wish, tell, stop))
    except Cancelled:
        tell(Ended("", cancelled=True))
    except BonewrightError as error:
        tell(Ended(str(error), failed=True))
    except Exception as error:  # a thread has nobody else to tell
        tell(Ended(f"Bonewright made a mistake: {error!r}", failed=True))


def _run(wish: Wish, tell: Tell, stop: Stop) -> Ended:
    run = RunFolder(wish.out)
    plan = make_plan(
        wish.inputs, wish.out, wish.formats, picture=wish.picture, force=False, ours=run.made, options=wish.options
    )
    plan = [with_engine(job, "auto") for job in plan]
    tell(Planned(tuple((job.name, job.source.name) for job in plan)))
    told = _Told(tell)
    memory = fair_share(wish.processes)
    limits = Limits(wish.seconds, memory_mib=memory, retries=1)
    manner = Manner(wish.workers, limits, wish.processes, only=wish.only, display=lambda: told, opened=stop.opened)
    for task in tasks_of(plan, run, force=False):
        if task.state == "done" or (task.state == "failed" and wish.only != "failed"):
            tell(finished(task.job, run.known[task.job.name]))
    try:
        carry_out(plan, manner, run, None)
    except Cancelled:
        run.write_report()
        raise
    gallery = ""
    if wish.gallery:
        tell(Said("Drawing the gallery"))
        site = wish.out.absolute() / "gallery"
        page = make_gallery(run.known, wish.out.absolute(), site, wish.workers.gallery, wish.processes, memory)
        gallery = str(page)
    return Ended(told.last, gallery=gallery)
