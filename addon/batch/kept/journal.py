"""What became of each file, written down at once: it is there after a crash, a kill or a power cut, too."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ....inference.errors import BonewrightError

PLANNED = "planned"  # of a line that says what is going to be written


class Journal:
    """A file of one JSON object a line, each safely on the disk before `add` returns."""

    def __init__(self, path: Path, *, again: bool = False) -> None:
        """Begin a new one, or go on with one that is there."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab" if again else "wb", buffering=0)
            if self._file.tell() and not path.read_bytes().endswith(b"\n"):
                self._file.write(b"\n")  # after a line that a crash has cut short
        except OSError as error:
            raise self._refused(error) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """No more lines."""
        self._file.close()

    def add(self, key: str, record: dict[str, object]) -> None:
        """What became of the file that `key` names."""
        self._write({"input": key, **record})

    def plan(self, outputs: Sequence[str]) -> None:
        """What is going to be written."""
        self._write({PLANNED: list(outputs)})

    def _write(self, entry: dict[str, object]) -> None:
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        try:
            if (written := self._file.write(line)) != len(line):  # a disk that has just become full takes a part
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC) + f" after {written} bytes")
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> BonewrightError:
        return BonewrightError(f"'{self.path}' cannot be written: {error.strerror}. Check the folder and the space.")


def journal_of(report: Path) -> Path:
    """Where the journal of a run lies until its report is written."""
    return report.absolute().with_name(report.name + ".journal")
