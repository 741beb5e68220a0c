"""A run's own folder, OUT/.bonewright: what became of each file, kept from one start to the next.

Records are lines of JSON that are only ever added; the last one about a file counts. Shards of a run write a file each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ....inference.errors import BonewrightError
from ..facts import Record
from ..inputs.places import absolute
from .lock import Lock
from .records import Records, open_records, read_records
from .reports import write_reports

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
        self.folder = absolute(out) / FOLDER
        self._shard = shard
        self._lock = Lock(self.folder / f"lock{shard.suffix}.json")
        self._records: Records | None = None
        self.known, self._planned = read_records(self.folder)

    @property
    def made(self) -> frozenset[str]:
        """The results that are its own, which it may therefore replace, recorded or not."""
        lists = [record.get("outputs") for record in self.known.values()]
        pictures = [record.get("picture") for record in self.known.values()]
        written = [str(path) for item in lists if isinstance(item, list) for path in item]
        return frozenset([*written, *(str(path) for path in pictures if path), *self._planned])

    def __enter__(self) -> RunFolder:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            whole = self._shard == WHOLE
            self._lock.take(self.folder.glob("lock*.json") if whole else [self.folder / "lock.json"])
        except OSError as error:
            reason = error.strerror or error
            raise BonewrightError(f"'{self.folder}' cannot be written: {reason}. Choose another -o.") from error
        try:
            self.known, self._planned = read_records(self.folder)
            self._records = open_records(self.folder, self._shard.suffix)
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._records is not None:
            self._records.close()
        self._lock.release()

    def plan(self, outputs: Iterable[Path]) -> None:
        """Put down what is going to be written, before it is: the run may end between a result and its record."""
        assert self._records is not None, "records are added to an open folder"
        new = sorted({str(path) for path in outputs} - self.made)
        if new:
            self._records.plan(new)
            self._planned.update(new)

    def add(self, source: str, record: Record) -> None:
        """Put down what became of a file: safely on the disk when this returns."""
        assert self._records is not None, "records are added to an open folder"
        self._records.add(source, record)
        self.known[source] = record

    def write_report(self) -> Path:
        """report.json of all that is known and, with pyarrow, report.parquet."""
        try:
            return write_reports(
                [{"input": name, **record} for name, record in sorted(self.known.items())], self.folder
            )
        except OSError as error:
            reason = error.strerror or error
            raise BonewrightError(f"The report cannot be written to '{self.folder}': {reason}.") from error
