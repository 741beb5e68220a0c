"""Rig files in worker processes, so that a file that crashes one harms no other file."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TypeAlias, cast

from ...inference.engine.channels import Facts, Program
from ...inference.engine.killable import Killable, Limits, Outcome, Told
from ...inference.engine.pool import Pool
from ...inference.errors import FetchError, FileError, NeedsBlenderError, WorkerError, WriteError
from .engines import Workers
from .facts import Record
from .here import on_this_machine
from .inputs.transfer import MOST_BYTES
from .messages import encode_request
from .plan import Engine, FileJob, staged

NAMES: dict[Engine, str] = {"gltf": "The process", "blender": "Blender"}  # of the workers, as sentences begin
PASSING = (WriteError.__name__, FetchError.__name__)  # failures that may pass
NEEDS_BLENDER = NeedsBlenderError.__name__
START_SECONDS = 120.0  # for Blender to start: it takes 1, or 20 on a machine that is busy


@dataclass(frozen=True)
class News:
    """Something that happened to a job."""

    job: FileJob
    fraction: float = 0.0
    message: str = ""
    record: dict[str, object] | None = None  # set once the job is over


Opened: TypeAlias = Callable[[Pool[Facts, Facts]], None]
"""Hears of a pool before it begins."""


def unwatched(_: Pool[Facts, Facts]) -> None:
    """Nobody wants to know."""


def run_jobs(
    workers: Workers,
    jobs: Sequence[FileJob],
    processes: int,
    limits: Limits,
    told: Callable[[News], None],
    opened: Opened = unwatched,
) -> Iterator[News]:
    """Rig `jobs`, up to `processes` at once; yields each with its record, as they come.

    Files of which the glTF engine finds that only Blender reads them are done by Blender in the end, if that is
    allowed. `told` hears how far each is, from the threads that wait for the workers. Who closes a pool that `opened`
    hears of stops the run: it raises Cancelled.
    """
    work = _Work(workers, processes, replace(limits, start_seconds=START_SECONDS), told, opened)
    by_blender = [job for job in jobs if job.engine == "blender"]
    asked: dict[FileJob, FileJob] = {}  # job that Blender does -> the one that was to need none
    for news in work.run("gltf", [job for job in jobs if job.engine == "gltf"]):
        if news.job.may_switch and news.record is not None and news.record.get("error_type") == NEEDS_BLENDER:
            by_blender.append(replace(news.job, engine="blender", reason=str(news.record["error"])))
            asked[by_blender[-1]] = news.job
        else:
            yield news
    for news in work.run("blender", by_blender):
        yield replace(news, job=asked.get(news.job, news.job))


@dataclass(frozen=True)
class _Work:
    """How files are rigged."""

    workers: Workers
    processes: int
    limits: Limits
    told: Callable[[News], None]
    opened: Opened

    def run(self, engine: Engine, jobs: Sequence[FileJob]) -> Iterator[News]:
        """All of these jobs by one engine, each with its record."""
        if not jobs:
            return
        try:
            with open_pool(self.workers, engine, min(self.processes, len(jobs)), self.limits) as pool:
                self.opened(pool)
                yield from pool.run(jobs, self._rig, ordered=False)
        except WorkerError as error:
            raise WorkerError(f"{error} See docs/install.md.") from error

    def _rig(self, worker: Killable[Facts, Facts], job: FileJob) -> News:
        return News(job, 1.0, "", rig_one(worker, job, lambda step: self.told(News(job, **cast(dict, step)))))


def open_pool(workers: Workers, engine: Engine, processes: int, limits: Limits) -> Pool[Facts, Facts]:
    """Workers of one engine."""
    return Pool[Facts, Facts](Program(tuple(workers.of(engine)), NAMES[engine]), processes, limits)


def open_worker(workers: Workers, engine: Engine, limits: Limits) -> Killable[Facts, Facts]:
    """One worker of an engine."""
    return Killable[Facts, Facts](Program(tuple(workers.of(engine)), NAMES[engine]), limits)


def rig_one(worker: Killable[Facts, Facts], job: FileJob, told: Told) -> Record:
    """Have a worker rig a file, wherever that lies; what became of it. What storage refuses is tried again."""
    limits = worker.limits
    attempt = 1
    while True:
        record = _try(worker, job, told)
        if record.get("error_type") not in PASSING or attempt > limits.retries:
            break
        time.sleep(limits.pause * 2 ** (attempt - 1))
        attempt += 1
    if attempt > 1:
        record["attempts"] = attempt
    why: Record = {"engine_reason": job.reason} if job.reason else {}
    tags: Record = {"tags": dict(job.tags)} if job.tags else {}
    return {**record, "engine": job.engine, **why, **tags}


def _try(worker: Killable[Facts, Facts], job: FileJob, told: Told) -> Record:
    token = secrets.token_hex(4)
    most = min(MOST_BYTES, int(worker.limits.memory_mib) << 20) if worker.limits.memory_mib < inf else MOST_BYTES
    try:
        with on_this_machine(job, most) as here:
            try:
                outcome = worker.ask(encode_request(here, token), told)
            finally:
                for path in here.written:
                    staged(path, token).unlink(missing_ok=True)
        return _record(job, outcome, worker.limits)
    except (FileError, OSError) as error:  # of fetching and storing
        return {"status": "failed", "error": " ".join(str(error).split()), "error_type": type(error).__name__}


def _record(job: FileJob, outcome: Outcome[Facts], limits: Limits) -> Record:
    """What the report says about a job, whether or not the worker survived it."""
    if outcome.value is not None:
        return {"status": "ok", **outcome.value, "peak_mib": round(outcome.peak_mib)}
    more: Record = {"trace": outcome.trace} if outcome.trace and outcome.how != "memory" else {}
    name = job.source.name
    if outcome.how == "timeout":
        text = f"It took longer than {limits.seconds:g} seconds on '{name}'. Decimate the mesh, or raise --timeout."
    elif outcome.how == "memory" and limits.memory_mib < inf:
        text = f"'{name}' needs more than {limits.memory_mib:g} MiB. Decimate the mesh, or raise --memory."
    elif outcome.how == "memory":
        text = "There is not enough memory. Rig fewer files at once, or decimate the mesh."
    elif outcome.how == "crash":
        text = f"{NAMES[job.engine]} crashed on '{name}': {outcome.error} Check the file in Blender."
    elif outcome.trace:  # a mistake of ours
        text = f"Unexpected {outcome.reason}. Please report it with the trace that --report keeps."
    else:
        text = outcome.error
    if outcome.attempts > 1:
        more["attempts"] = outcome.attempts
    if outcome.how != "error":
        more["quarantined"] = True  # it is not tried again unless that is asked for
        more["peak_mib"] = round(outcome.peak_mib)
        if outcome.said:
            more["said"] = outcome.said
    failure = {"error": " ".join(text.split()), "error_type": _class_of(outcome)}
    return {"status": "failed", **failure, "seconds": round(outcome.seconds, 3), **more}


def _class_of(outcome: Outcome[Facts]) -> str:
    """The class of the error; of what the worker did not survive a word for how."""
    return {"timeout": "TimeoutError", "memory": "MemoryError"}.get(outcome.how, outcome.error_class)
