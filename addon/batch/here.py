"""A job whose files lie elsewhere, done on this machine: fetched before it begins, stored once it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from .inputs.places import is_remote
from .inputs.transfer import MOST_BYTES, fetch_with_all, store
from .plan import FileJob


@contextmanager
def on_this_machine(job: FileJob, most_bytes: int = MOST_BYTES) -> Iterator[FileJob]:
    """The job with all of its files on this machine; what it has written by the end is stored where it belongs.

    Raises FileError, or WriteError where the results cannot be stored.
    """
    paths = (job.source, *job.written, *(job.views.others + job.views.masks if job.views else ()))
    if not any(is_remote(path) for path in paths):
        yield job
        return
    with TemporaryDirectory(prefix="bonewright-") as name:
        folder = Path(name)
        here = _fetched(job, folder, most_bytes)
        yield here
        for made, wanted in zip(here.written, job.written, strict=True):
            if is_remote(wanted) and made.is_file():
                store(made, wanted)


def _fetched(job: FileJob, folder: Path, most_bytes: int) -> FileJob:
    def fetch(path: Path, number: int) -> Path:
        if not is_remote(path):
            return path
        return fetch_with_all(path, folder / f"in{number}", most_bytes)

    def to_write(path: Path) -> Path:
        return folder / "out" / path.name if is_remote(path) else path

    views = job.views and replace(
        job.views,
        others=tuple(fetch(path, number) for number, path in enumerate(job.views.others, 1000)),
        masks=tuple(fetch(path, number) for number, path in enumerate(job.views.masks, 2000)),
    )
    outputs = tuple(to_write(path) for path in job.outputs)
    picture = job.picture and to_write(job.picture)
    return replace(job, source=fetch(job.source, 0), outputs=outputs, picture=picture, views=views)
