"""Rig files in worker processes, so that a file that crashes one harms no other file."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ...inference.engine.channels import Facts, Program
from ...inference.engine.killable import Killable, Limits, Outcome
from ...inference.engine.pool import Pool
from ...inference.errors import NeedsBlenderError, WorkerError
from ...inference.requests import RigOptions
from .engines import Workers
from .messages import encode_request
from .plan import Engine, FileJob, staged

NAMES: dict[Engine, str] = {"gltf": "The process", "blender": "Blender"}  # of the workers, as sentences begin
NEEDS_BLENDER = NeedsBlenderError.__name__
START_SECONDS = 120.0  # for Blender to start: it takes 1, or 20 on a machine that is busy


@dataclass(frozen=True)
class News:
    """Something that happened to a job."""

    job: FileJob
    fraction: float = 0.0
    message: str = ""
    record: dict[str, object] | None = None  # set once the job is over


def run_jobs(
    workers: Workers,
    jobs: Sequence[FileJob],
    options: RigOptions,
    processes: int,
    limits: Limits,
    told: Callable[[News], None],
) -> Iterator[News]:
    """Rig `jobs`, up to `processes` at once; yields each with its record, as they come.

    Files of which the glTF engine finds that only Blender reads them are done by Blender in the end, if that is
    allowed. `told` hears how far each is, from the threads that wait for the workers.
    """
    work = _Work(workers, options, processes, replace(limits, start_seconds=START_SECONDS), told)
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
    options: RigOptions
    processes: int
    limits: Limits
    told: Callable[[News], None]

    def run(self, engine: Engine, jobs: Sequence[FileJob]) -> Iterator[News]:
        """All of these jobs by one engine, each with its record."""
        if not jobs:
            return
        program = Program(tuple(self.workers.of(engine)), NAMES[engine])
        try:
            with Pool[Facts, Facts](program, min(self.processes, len(jobs)), self.limits) as pool:
                yield from pool.run(jobs, self._rig, ordered=False)
        except WorkerError as error:
            raise WorkerError(f"{error} See docs/install.md.") from error

    def _rig(self, worker: Killable[Facts, Facts], job: FileJob) -> News:
        token = secrets.token_hex(4)
        try:
            request = encode_request(job, self.options, token)
            outcome = worker.ask(request, lambda step: self.told(News(job, **cast(dict, step))))
        finally:
            for path in job.written:
                staged(path, token).unlink(missing_ok=True)
        why = {"engine_reason": job.reason} if job.reason else {}
        return News(job, 1.0, "", {**_record(job, outcome, self.limits.seconds), "engine": job.engine, **why})


def _record(job: FileJob, outcome: Outcome[Facts], seconds: float) -> dict[str, object]:
    """What the report says about a job, whether or not the worker survived it."""
    if outcome.value is not None:
        return {"status": "ok", **outcome.value}
    more: dict[str, object] = {"trace": outcome.trace} if outcome.trace else {}
    if outcome.how == "timeout":
        text = f"It took longer than {seconds:g} seconds on '{job.source.name}'. Decimate the mesh, or raise --timeout."
    elif outcome.how == "memory":
        text, more = "There is not enough memory. Rig fewer files at once, or decimate the mesh.", {}
    elif outcome.how == "crash":
        text = f"{NAMES[job.engine]} crashed on '{job.source.name}': {outcome.error} Check the file in Blender."
    elif outcome.trace:  # a mistake of ours
        text = f"Unexpected {outcome.reason}. Please report it with the trace that --report keeps."
    else:
        text = outcome.error
    if outcome.attempts > 1:
        more["attempts"] = outcome.attempts
    if outcome.how != "error" and outcome.said:
        more["said"] = outcome.said
    return {"status": "failed", "error": " ".join(text.split()), "error_type": outcome.error_class, **more}
