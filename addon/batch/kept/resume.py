"""What a run still has to do: which files are new, changed, done, or failed before."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from ....inference.gltf.open import referenced_files
from ..inputs.places import digest_of, is_remote
from ..inputs.transfer import remote_references
from ..plan import FileJob, Views
from .run_folder import RunFolder, Shard

State = Literal["new", "changed", "done", "failed"]
Only = Literal["", "failed", "changed"]
ONLY: tuple[Only, ...] = ("failed", "changed")
PASSING = ("WriteError", "FetchError", "Cancelled")  # failures that are not the file's, so that another try is worth it
_INFERENCE = Path(__file__).resolve().parents[3] / "inference"


@dataclass(frozen=True)
class Task:
    """A file and how it stands with it."""

    job: FileJob
    key: str  # of everything that the result depends on
    state: State
    has_failed: bool = False  # when it was tried last, be it another file by now


def tasks_of(plan: Sequence[FileJob], run: RunFolder, *, force: bool) -> list[Task]:
    """How it stands with each file of the plan, by the records of earlier runs."""
    return [_task(job, run, force=force) for job in plan]


def chosen(tasks: Sequence[Task], only: Only, limit: int, shard: Shard) -> list[Task]:
    """Those to be done now: what is new or changed, or what `only` says; at most `limit` (0: all) of one shard."""
    wanted = {
        "": lambda task: task.state in ("new", "changed"),
        "failed": lambda task: task.has_failed,
        "changed": lambda task: task.state == "changed",
    }
    found = [task for task in tasks if wanted[only](task) and _is_in(task.job, shard)]
    return found[:limit] if limit else found


def _task(job: FileJob, run: RunFolder, *, force: bool) -> Task:
    if job.error:
        return Task(job, "", "new")
    key, record = key_of(job), run.known.get(job.name)
    if record is None:
        return Task(job, key, "new")
    failed = record["status"] != "ok"
    if force or record.get("key") != key or record.get("error_type") in PASSING:
        return Task(job, key, "changed", failed)
    if failed:
        return Task(job, key, "failed", failed)
    return Task(job, key, "done" if all(path.exists() for path in job.written) else "changed")


def key_of(job: FileJob) -> str:
    """SHA-256 of the input and the files it refers to, the options, the program and its weights."""
    views = job.views or Views()
    asked = {
        "options": dataclasses.asdict(job.options),
        "fit": dataclasses.asdict(job.fit),
        "outputs": [path.name for path in job.written],
        "views": [views.azimuths, views.refine, *_surface(views)],
        "engine": [job.engine, job.replace_rig],
        "program": _program(),
    }
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    beside = remote_references(job.source) if is_remote(job.source) else referenced_files(job.source)
    skeleton = [Path(job.fit.skeleton)] if Path(job.fit.skeleton).is_file() else []
    for path in (job.source, *beside, *views.others, *views.masks, *skeleton):
        digest.update(digest_of(path))
    return digest.hexdigest()


def _is_in(job: FileJob, shard: Shard) -> bool:
    """Whether a file is of this shard: by its name, so that every machine says the same."""
    return int.from_bytes(hashlib.sha256(job.name.encode()).digest()[:8], "big") % shard.count == shard.number - 1


@cache
def _program() -> str:
    """SHA-256 of the code that rigs and of its weights: what another version would do is not known."""
    digest = hashlib.sha256()
    for path in sorted([*_INFERENCE.rglob("*.py"), *(_INFERENCE / "weights").iterdir()]):
        digest.update(path.relative_to(_INFERENCE).as_posix().encode() + digest_of(path))
    return digest.hexdigest()


def _surface(views: Views) -> list[object]:
    """What is made of pictures beside spheres: nothing where it is those, as records of earlier versions have it."""
    plain = views.surface == "spheres" and views.share is None
    return [] if plain else [views.surface, views.detail, views.share]
