"""Where records are kept: lines that are only ever added, so that nothing can spoil what is there.

On a disk they are lines of a file, each safely there before the next begins. Stores of objects cannot add to one: there
each record is an object of its own until the run ends and joins them.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ....inference.errors import BonewrightError
from ..facts import Record
from ..inputs.places import is_remote
from .journal import PLANNED, Journal


class Records(Protocol):
    """The records of one run or shard."""

    def add(self, key: str, record: Record) -> None:
        """Put down what became of a file: safe when this returns."""
        ...

    def plan(self, outputs: Sequence[str]) -> None:
        """Put down what is going to be written: what is found there later, without a record, is the run's own."""
        ...

    def close(self) -> None:
        """No more of them."""
        ...


def open_records(folder: Path, suffix: str) -> Records:
    """To add to them."""
    if is_remote(folder):
        return _Objects(folder, suffix)
    return Journal(folder / f"records{suffix}.jsonl", again=True)


def read_records(folder: Path) -> tuple[dict[str, Record], set[str]]:
    """The last record of each input, and all that was ever planned. A line that a crash has cut short is none."""
    entries: list[dict] = []
    planned: set[str] = set()
    for line in _lines(folder):
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            planned.update(entry.get(PLANNED, ()))
            entries.extend([entry] if "input" in entry else [])
    entries.sort(key=lambda entry: entry.get("time", 0.0))
    return {entry.pop("input"): entry for entry in entries}, planned


def _lines(folder: Path) -> Iterator[bytes]:
    paths = [*folder.glob("records*.jsonl"), *(folder.glob("records/*.json") if is_remote(folder) else ())]
    for path in sorted(paths, key=str):
        with contextlib.suppress(FileNotFoundError):  # joined by a run that is just ending
            yield from path.read_bytes().splitlines()


class _Objects:
    def __init__(self, folder: Path, suffix: str) -> None:
        self._whole = folder / f"records{suffix}.jsonl"
        self._parts = folder / "records"
        self._made: list[Path] = []
        self._lines: list[bytes] = []

    def add(self, key: str, record: Record) -> None:
        self._put({"input": key, **record})

    def plan(self, outputs: Sequence[str]) -> None:
        self._put({PLANNED: list(outputs)})

    def _put(self, entry: Record) -> None:
        line = json.dumps(entry, ensure_ascii=False).encode()
        path = self._parts / f"{time.time_ns()}-{os.getpid()}-{len(self._made)}.json"
        try:
            self._parts.mkdir(parents=True, exist_ok=True)
            path.write_bytes(line)
        except Exception as error:  # each store has errors of its own
            raise BonewrightError(f"'{path}' cannot be written ({type(error).__name__} {error}).") from error
        self._made.append(path)
        self._lines.append(line)

    def close(self) -> None:
        """Join the objects; where that is cut short, some records are there twice, which does no harm."""
        if not self._made:
            return
        with contextlib.suppress(Exception):  # they are all there in any case
            before = self._whole.read_bytes() if self._whole.exists() else b""
            self._whole.write_bytes(before + b"".join(line + b"\n" for line in self._lines))
            for path in self._made:
                path.unlink()
