"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path, beside: Path | None = None) -> Iterator[Path]:
    """Where to write the file that takes the place of `path` once it is whole; nothing is left of one that fails.

    It is `beside`, if given, which must be in the same folder. It ends like `path`: some writers go by that.
    """
    part = beside or path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, *pieces: bytes | memoryview, beside: Path | None = None) -> None:
    """Write the pieces one after another; whoever looks, also after a power cut, sees all of it or the file before."""
    with written_whole(path, beside) as part, part.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
