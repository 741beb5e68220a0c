"""A run's own folder, OUT/.bonewright: what became of each file, kept from one start to the next.

Records are lines of JSON that are only ever added; the last one about a file counts. Shards of a run write a file each.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ...inference.errors import BadRequestError, BonewrightError
from ...inference.files import written_whole
from .facts import Record
from .journal import Journal

FOLDER = ".bonewright"


@dataclass(frozen=True)
class Shard:
    """A part of the files, for one of several machines."""

    number: int = 1  # from 1
    count: int = 1

    @property
    def suffix(self) -> str:
        """In the names of its files; nothing for the whole."""
        return "" if self.count == 1 else f"-{self.number}-of-{self.count}"


WHOLE = Shard()


class RunFolder:
    """The records of all runs into one folder of results; while open, no other run writes there."""

    def __init__(self, out: Path, shard: Shard = WHOLE) -> None:
        self.folder = out.absolute() / FOLDER
        self._shard = shard
        self._lock = self.folder / f"lock{shard.suffix}.json"
        self._journal: Journal | None = None
        self.known = self._read()

    @property
    def made(self) -> frozenset[Path]:
        """The results that are its own, which it may therefore replace."""
        lists = [record.get("outputs") for record in self.known.values()]
        pictures = [record.get("picture") for record in self.known.values()]
        paths = [path for item in lists if isinstance(item, list) for path in item] + [p for p in pictures if p]
        return frozenset(Path(str(path)) for path in paths)

    def __enter__(self) -> RunFolder:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
        except OSError as error:
            raise BonewrightError(f"'{self.folder}' cannot be written: {error.strerror}. Choose another -o.") from error
        self.known = self._read()
        self._journal = Journal(self.folder / f"records{self._shard.suffix}.jsonl", again=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._journal is not None:
            self._journal.close()
        self._lock.unlink(missing_ok=True)

    def add(self, source: str, record: Record) -> None:
        """Put down what became of a file: safely on the disk when this returns."""
        assert self._journal is not None, "records are added to an open folder"
        self._journal.add(source, record)
        self.known[source] = record

    def write_report(self) -> Path:
        """report.json of all that is known and, with pyarrow, report.parquet."""
        files = [{"input": source, **record} for source, record in sorted(self.known.items())]
        good = sum(record["status"] == "ok" for record in files)
        whole = {"rigged": good, "failed": len(files) - good, "files": files}
        path = self.folder / "report.json"
        with written_whole(path) as place:
            place.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        with contextlib.suppress(ImportError):
            _write_parquet(files, self.folder / "report.parquet")
        return path

    def _read(self) -> dict[str, Record]:
        """The last record of each input. A line that a crash has cut short is none."""
        entries: list[dict] = []
        for path in sorted(self.folder.glob("records*.jsonl")):
            for line in path.read_bytes().splitlines():
                with contextlib.suppress(ValueError):
                    entries.append(json.loads(line))
        entries.sort(key=lambda entry: entry.get("time", 0.0))
        return {entry.pop("input"): entry for entry in entries}

    def _take_lock(self) -> None:
        """Refuse to run beside another run that may write the same files."""
        rivals = list(self.folder.glob("lock*.json")) if self._shard == WHOLE else [self.folder / "lock.json"]
        for path in {self._lock, *rivals}:
            self._check(path)
        owner = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": time.time()})
        try:
            with self._lock.open("x", encoding="utf-8") as file:
                file.write(owner)
        except FileExistsError:
            self._check(self._lock)
            raise BadRequestError(f"Another run has just begun in '{self.folder.parent}'. Wait for it.") from None

    def _check(self, lock: Path) -> None:
        """Raise if the owner of a lock may still be at work; take it away if it is dead."""
        try:
            owner = json.loads(lock.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except ValueError:
            owner = {}
        host, pid, since = owner.get("host"), int(owner.get("pid", 0)), float(owner.get("since", time.time()))
        if host == socket.gethostname() and not _is_alive(pid):
            stale = lock.with_name(f".{lock.name}.{secrets.token_hex(4)}")
            with contextlib.suppress(FileNotFoundError):  # another run was faster
                lock.rename(stale)
            stale.unlink(missing_ok=True)
            return
        minutes = (time.time() - since) / 60
        raise BadRequestError(
            f"'{self.folder.parent}' has been written by process {pid} on {host} for {minutes:.0f} minutes. "
            f"Wait for it, or, if it is gone, delete '{lock}'."
        )


def _is_alive(pid: int) -> bool:
    """Whether a process of this machine may still be there."""
    if sys.platform == "win32":  # where asking by a signal would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write_parquet(files: list[Record], path: Path) -> None:
    """The same as a table: numbers and words as they are, the rest as JSON."""
    import pyarrow
    import pyarrow.parquet

    names = list(dict.fromkeys(name for record in files for name in record))
    columns = {}
    for name in names:
        values = [record.get(name) for record in files]
        plain = all(value is None or isinstance(value, (str, int, float, bool)) for value in values)
        columns[name] = values if plain else [None if value is None else json.dumps(value) for value in values]
    with written_whole(path) as place:
        pyarrow.parquet.write_table(pyarrow.table(columns), place)
