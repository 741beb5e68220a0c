"""A plan carried out: what is done already is skipped, each record is kept at once, one line a file is shown."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...inference.engine.killable import Limits
from ...inference.verdicts import verdict_line
from .engines import Workers
from .facts import Record
from .inputs.places import is_remote
from .kept.journal import Journal
from .kept.resume import Only, Task, chosen, tasks_of
from .kept.run_folder import WHOLE, RunFolder, Shard
from .plan import FileJob, remove_staged
from .pool import News, Opened, run_jobs, unwatched
from .terminal import Display, open_display


@dataclass(frozen=True)
class Manner:
    """How a plan is carried out."""

    workers: Workers
    limits: Limits
    processes: int = 1  # 0: one here, as many as there are processors on a cluster
    force: bool = False  # whatever was done before
    only: Only = ""
    limit: int = 0  # files; 0: all
    shard: Shard = WHOLE
    most_failures: int = 0  # 0: any number
    cluster: str = ""  # the address of a Ray cluster that does it; "": this machine
    display: Callable[[], Display] = open_display  # where it is shown
    opened: Opened = unwatched  # hears of each pool of workers, and may close it to stop the run


def carry_out(
    plan: Sequence[FileJob], manner: Manner, run: RunFolder | None, journal: Journal | None
) -> dict[FileJob, Record]:
    """Job -> its record, from now or from an earlier run, of all files that were ever tried."""
    if run is None:
        return _rig([Task(job, "", "new") for job in plan], manner, None, journal, [])
    with run:
        tasks = tasks_of(plan, run, force=manner.force)
        todo = chosen(tasks, manner.only, manner.limit, manner.shard)
        now = {task.job for task in todo}
        before = [task for task in tasks if task.job not in now]
        run.plan(path for task in todo if not task.job.error for path in task.job.written)
        remove_staged(path for task in todo if not task.job.error for path in task.job.written)
        records = _rig(todo, manner, run, journal, _told(before))
        run.write_report()
    return {job: records.get(job) or run.known[job.name] for job in plan if job in records or job.name in run.known}


def show_plan(plan: Sequence[FileJob], manner: Manner, run: RunFolder | None) -> None:
    """Print what would be done, and do nothing."""
    tasks = [Task(job, "", "new") for job in plan]
    if run is not None:
        tasks = chosen(tasks_of(plan, run, force=manner.force), manner.only, manner.limit, manner.shard)
    for task in tasks:
        written = ", ".join(_short(path) for path in task.job.written)
        print(f"{task.job.source.name}: {task.job.error or f'{task.state}, {task.job.engine} -> {written}'}")
    print(f"{sum(not task.job.error for task in tasks)} of {len(plan)} files would be rigged.")


def _told(before: Sequence[Task]) -> list[str]:
    """What is said of files that are left as they are."""
    done, failed = (sum(task.state == state for task in before) for state in ("done", "failed"))
    told = [f"{done} done before."] if done else []
    return [*told, *([f"{failed} failed before; --only failed tries them again."] if failed else [])]


def _rig(
    tasks: Sequence[Task],
    manner: Manner,
    run: RunFolder | None,
    journal: Journal | None,
    told: Sequence[str],
) -> dict[FileJob, Record]:
    """Do these tasks; prints one line per file as it ends, once its record is kept."""
    records: dict[FileJob, Record] = {}
    failures = 0
    keys = {task.job: task.key for task in tasks}
    with manner.display() as display:

        def end(job: FileJob, record: Record) -> None:
            nonlocal failures
            records[job] = record
            failures += record["status"] != "ok"
            if journal is not None:
                journal.add(job.name, record)
            if run is not None and not job.error:
                run.add(job.name, _kept(job, keys[job], record))
            display.over(job, record, _line(job, record))

        for job in (task.job for task in tasks if task.job.error):
            end(job, {"status": "failed", "error": job.error, "error_type": "FileError"})
        ready = [task.job for task in tasks if not task.job.error]

        def update(news: News) -> None:
            display.update(len(records), len(tasks), news)

        for news in _done(manner, ready, update):
            if news.record is not None:
                end(news.job, news.record)
            update(news)
            if manner.most_failures and failures >= manner.most_failures:
                display.line(f"Stopped after {failures} failures.", failure=True)
                break
        _sum_up(display, len(records) - failures, len(tasks), told)
    return {task.job: records[task.job] for task in tasks if task.job in records}


def _done(manner: Manner, jobs: Sequence[FileJob], told: Callable[[News], None]) -> Iterator[News]:
    """The jobs with their records, as they come, from here or from a cluster."""
    if not manner.cluster:
        return run_jobs(manner.workers, jobs, max(1, manner.processes), manner.limits, told, manner.opened)
    from .cluster import run_on_cluster

    return run_on_cluster(manner.cluster, jobs, manner.processes, manner.limits, told)


def _sum_up(display: Display, good: int, asked: int, told: Sequence[str]) -> None:
    if asked > 1 or told:
        display.line(" ".join([f"{good} of {asked} files rigged.", *told]), failure=good < asked)


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
    if is_remote(path):
        return str(path)
    return min(str(path), os.path.relpath(path), key=len)
