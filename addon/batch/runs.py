"""A plan carried out: what is done already is skipped, each record is kept at once, one line a file is shown."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...inference.engine.killable import Limits
from ...inference.requests import RigOptions
from ...inference.verdicts import verdict_line
from .engines import Workers
from .facts import Record
from .journal import Journal
from .plan import FileJob
from .pool import News, run_jobs
from .resume import Only, Task, chosen, tasks_of
from .run_folder import WHOLE, RunFolder, Shard
from .terminal import Display, open_display


@dataclass(frozen=True)
class Manner:
    """How a plan is carried out."""

    workers: Workers
    limits: Limits
    processes: int = 1
    force: bool = False  # whatever was done before
    only: Only = ""
    limit: int = 0  # files; 0: all
    shard: Shard = WHOLE
    most_failures: int = 0  # 0: any number


def carry_out(
    plan: Sequence[FileJob], options: RigOptions, manner: Manner, run: RunFolder | None, journal: Journal | None
) -> dict[FileJob, Record]:
    """Job -> its record, from now or from an earlier run, of all files that were ever tried."""
    if run is None:
        return _rig([Task(job, "", "new") for job in plan], options, manner, None, journal, [])
    with run:
        tasks = tasks_of(plan, options, run, force=manner.force)
        todo = chosen(tasks, manner.only, manner.limit, manner.shard)
        before = [task for task in tasks if task not in todo]
        records = _rig(todo, options, manner, run, journal, _told(before))
        run.write_report()
    return {
        job: run.known[str(job.source)] if job not in records else records[job] for job in _tried(plan, run, records)
    }


def show_plan(plan: Sequence[FileJob], options: RigOptions, manner: Manner, run: RunFolder | None) -> None:
    """Print what would be done, and do nothing."""
    tasks = [Task(job, "", "new") for job in plan]
    if run is not None:
        tasks = chosen(tasks_of(plan, options, run, force=manner.force), manner.only, manner.limit, manner.shard)
    for task in tasks:
        written = ", ".join(_short(path) for path in task.job.written)
        print(f"{task.job.source.name}: {task.job.error or f'{task.state}, {task.job.engine} -> {written}'}")
    print(f"{sum(not task.job.error for task in tasks)} of {len(plan)} files would be rigged.")


def _tried(plan: Sequence[FileJob], run: RunFolder, records: dict[FileJob, Record]) -> list[FileJob]:
    return [job for job in plan if job in records or str(job.source) in run.known]


def _told(before: Sequence[Task]) -> list[str]:
    """What is said of files that are left as they are."""
    done, failed = (sum(task.state == state for task in before) for state in ("done", "failed"))
    told = [f"{done} done before."] if done else []
    return [*told, *([f"{failed} failed before; --only failed tries them again."] if failed else [])]


def _rig(
    tasks: Sequence[Task],
    options: RigOptions,
    manner: Manner,
    run: RunFolder | None,
    journal: Journal | None,
    told: Sequence[str],
) -> dict[FileJob, Record]:
    """Do these tasks; prints one line per file as it ends, once its record is kept."""
    records: dict[FileJob, Record] = {}
    keys = {task.job: task.key for task in tasks}
    with open_display() as display:

        def end(job: FileJob, record: Record) -> None:
            records[job] = record
            if journal is not None:
                journal.add(str(job.source), record)
            if run is not None and not job.error:
                run.add(str(job.source), _kept(job, keys[job], record))
            display.line(_line(job, record), failure=record["status"] != "ok")

        for job in (task.job for task in tasks if task.job.error):
            end(job, {"status": "failed", "error": job.error, "error_type": "FileError"})
        ready = [task.job for task in tasks if not task.job.error]

        def update(news: News) -> None:
            display.update(len(records), len(tasks), news)

        for news in run_jobs(manner.workers, ready, options, manner.processes, manner.limits, update):
            if news.record is not None:
                end(news.job, news.record)
            update(news)
            if manner.most_failures and _failures(records) >= manner.most_failures:
                display.line(f"Stopped after {_failures(records)} failures.", failure=True)
                break
        _sum_up(display, records, len(tasks), told)
    return {task.job: records[task.job] for task in tasks if task.job in records}


def _sum_up(display: Display, records: dict[FileJob, Record], asked: int, told: Sequence[str]) -> None:
    good = len(records) - _failures(records)
    if asked > 1 or told:
        display.line(" ".join([f"{good} of {asked} files rigged.", *told]), failure=good < asked)


def _failures(records: dict[FileJob, Record]) -> int:
    return sum(record["status"] != "ok" for record in records.values())


def _kept(job: FileJob, key: str, record: Record) -> Record:
    """A record for later runs."""
    places: Record = {
        "outputs": [str(path) for path in job.outputs],
        "picture": str(job.picture) if job.picture else None,
    }
    return {"key": key, "time": time.time(), **places, **record}


def _line(job: FileJob, record: Record) -> str:
    if record["status"] != "ok":
        return f"{job.source.name}: {record['error']}"
    bones, reasons = record["bones"], record["reasons"]
    counted = f"{len(bones) if isinstance(bones, list) else 0} bones, {record['vertices']} vertices"
    verdict = verdict_line(str(record["verdict"]), reasons if isinstance(reasons, list) else ())
    written = ", ".join(_short(path) for path in job.written)
    return f"{job.source.name}: {record['kind']}, {counted}, {record['seconds']} s. {verdict} -> {written}"


def _short(path: Path) -> str:
    """As seen from here where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
