"""Manifests: lists of files, with options for each where they are tables.

`.txt`: a file a line. `.csv` and `.parquet`: a column `input`, perhaps `output`, and one for each option that differs.
Relative paths start where the manifest lies.
"""

from __future__ import annotations

import csv
import dataclasses
import difflib
import importlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ....inference.errors import BadRequestError, FileError
from ....inference.requests import RigOptions
from .places import is_remote, place_of

SUFFIXES = (".csv", ".parquet", ".txt")
OPTIONS = tuple(field.name for field in dataclasses.fields(RigOptions))
_OWN = ("input", "output")


@dataclass(frozen=True)
class Row:
    """One line of a manifest."""

    input: Path
    output: str  # below OUT; "" where the manifest says nothing
    options: Mapping[str, str]
    tags: Mapping[str, str]  # columns that are no options


def is_manifest(path: Path) -> bool:
    """Whether it lists files."""
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a manifest, in its order. Raises FileError where it cannot be read."""
    try:
        content = path.read_bytes()
        table = _tables[path.suffix.lower()](content)
    except OSError as error:
        raise FileError(f"'{path}' cannot be read: {error.strerror or error}. Check the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"'{path}' cannot be read: {error}. Save it as UTF-8.") from error
    rows = [row for row in table if any(row.values())]
    if not rows:
        raise BadRequestError(f"'{path}' lists no file.")
    if "input" not in rows[0]:
        raise BadRequestError(f"'{path}' has no column 'input'. It has: {', '.join(rows[0])}.")
    _check_columns(path, rows[0])
    for number, row in enumerate(rows, 1):
        if not row["input"]:
            raise BadRequestError(f"Row {number} of '{path}' names no input.")
        yield Row(
            _started_at(path, row["input"]),
            row.get("output", ""),
            {name: row[name] for name in OPTIONS if row.get(name)},
            {name: text for name, text in row.items() if name not in (*_OWN, *OPTIONS) and text},
        )


def _check_columns(path: Path, columns: Mapping[str, str]) -> None:
    """An option that is nearly spelled right is not taken for a tag."""
    for name in columns:
        if name not in (*_OWN, *OPTIONS) and (near := difflib.get_close_matches(name, (*_OWN, *OPTIONS), 1, 0.8)):
            raise BadRequestError(f"'{path}' has a column '{name}'. Did you mean '{near[0]}'?")


def _started_at(manifest: Path, text: str) -> Path:
    place = place_of(text)
    return place if is_remote(place) or place.is_absolute() else manifest.parent / text


def _lines(content: bytes) -> list[dict[str, str]]:
    lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    return [{"input": line} for line in lines if line and not line.startswith("#")]


def _csv(content: bytes) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval="")
    return [{_name(key): (text or "").strip() for key, text in row.items() if isinstance(key, str)} for row in rows]


def _parquet(content: bytes) -> list[dict[str, str]]:
    try:
        pyarrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise BadRequestError("A .parquet manifest takes pyarrow. Install bonewright[table].") from None
    try:
        rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    except pyarrow.ArrowInvalid as error:
        raise FileError(f"The manifest is no Parquet table ({error}). Write it again.") from error
    return [{_name(key): "" if value is None else str(value) for key, value in row.items()} for row in rows]


def _name(column: str) -> str:
    """As options are spelled in Python."""
    return column.strip().lower().replace("-", "_")


_tables = {".txt": _lines, ".csv": _csv, ".parquet": _parquet}
