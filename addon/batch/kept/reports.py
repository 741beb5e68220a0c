"""Reports of all that is known of a folder of results: JSON, and a table where pyarrow is installed."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

from ....inference.files import write_whole
from ..facts import Record
from ..inputs.places import is_remote


def write_reports(files: list[Record], folder: Path) -> Path:
    """report.json and, with pyarrow, report.parquet; where the first one is."""
    good = sum(record["status"] == "ok" for record in files)
    whole = {"rigged": good, "failed": len(files) - good, "files": files}
    path = folder / "report.json"
    _write(path, (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode())
    with contextlib.suppress(ImportError):
        _write(folder / "report.parquet", _parquet(files))
    return path


def _write(path: Path, content: bytes) -> None:
    if is_remote(path):
        path.write_bytes(content)
    else:
        write_whole(path, content)


def _parquet(files: list[Record]) -> bytes:
    """The same as a table: numbers and words as they are, the rest as JSON."""
    import pyarrow
    import pyarrow.parquet

    names = list(dict.fromkeys(name for record in files for name in record))
    columns = {}
    for name in names:
        values = [record.get(name) for record in files]
        plain = all(value is None or isinstance(value, (str, int, float, bool)) for value in values)
        columns[name] = values if plain else [None if value is None else json.dumps(value) for value in values]
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), sink)
    return sink.getvalue()
