"""Rig files in worker processes: each a Blender of its own, so that a file that crashes one harms no other file."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from ...inference.engine.channels import Facts, Program
from ...inference.engine.killable import Killable, Limits, Outcome
from ...inference.engine.pool import Pool
from ...inference.errors import WorkerError
from ...inference.requests import RigOptions
from .messages import encode_request
from .plan import FileJob, staged

START_SECONDS = 120.0  # for Blender to start: it takes 1, or 20 on a machine that is busy


@dataclass(frozen=True)
class News:
    """Something that happened to a job."""

    job: FileJob
    fraction: float = 0.0
    message: str = ""
    record: dict[str, object] | None = None  # set once the job is over


def run_jobs(
    command: Sequence[str],
    jobs: Sequence[FileJob],
    options: RigOptions,
    processes: int,
    seconds: float,
    told: Callable[[News], None],
) -> Iterator[News]:
    """Rig `jobs` in up to `processes` workers started by `command`; yields each job with its record, as they come.

    `told` hears how far each is, from the threads that wait for the workers.
    """

    def work(worker: Killable[Facts, Facts], job: FileJob) -> News:
        token = secrets.token_hex(4)
        try:
            request = encode_request(job, options, token)
            outcome = worker.ask(request, lambda step: told(News(job, **cast(dict, step))))
        finally:
            for path in job.written:
                staged(path, token).unlink(missing_ok=True)
        return News(job, 1.0, "", _record(job, outcome, seconds))

    limits = Limits(seconds, start_seconds=START_SECONDS)
    try:
        with Pool[Facts, Facts](Program(tuple(command), "Blender"), min(processes, len(jobs)), limits) as pool:
            yield from pool.run(jobs, work, ordered=False)
    except WorkerError as error:
        raise WorkerError(f"{error} See docs/install.md.") from error


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
        text = f"Blender crashed on '{job.source.name}': {outcome.error} Check the file in Blender."
    elif outcome.trace:  # a mistake of ours
        text = f"Unexpected {outcome.reason}. Please report it with the trace that --report keeps."
    else:
        text = outcome.error
    if outcome.how != "error" and outcome.said:
        more["said"] = outcome.said
    return {"status": "failed", "error": " ".join(text.split()), "error_type": outcome.error_class, **more}
