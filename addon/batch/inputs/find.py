"""The files that a command line names: one by one, by folder, by pattern, or by manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from ....inference.errors import BadRequestError
from .formats import INPUTS, KNOWN, is_picture
from .manifest import is_manifest, rows_of
from .places import is_pattern, is_remote


@dataclass(frozen=True)
class Found:
    """A file to rig."""

    source: Path
    place: PurePath  # below the folder, or the fixed part of the pattern, that was named: where its result goes
    options: Mapping[str, str] = field(default_factory=dict)  # of a manifest's row: option -> what is asked
    tags: Mapping[str, str] = field(default_factory=dict)  # other columns, for the report
    is_named: bool = False  # its result is called as `place` says, suffix and all


def find(inputs: Iterable[Path], out: Path) -> Iterator[Found]:
    """In a stable order. Results of an earlier run are skipped.

    Pictures beside meshes are their textures: only of a folder without meshes are they taken.
    """
    for item in inputs:
        if is_manifest(item):
            yield from (_of_row(row.input, row.output, row.options, row.tags, item) for row in rows_of(item))
        elif is_pattern(item):
            yield from _matching(item, out)
        elif item.is_dir():
            yield from _below(item, out)
        else:
            yield Found(item, PurePath(item.name))


def is_many(path: Path) -> bool:
    """Whether an input may stand for more than one file."""
    return is_manifest(path) or is_pattern(path) or path.is_dir()


def _of_row(source: Path, output: str, options: Mapping[str, str], tags: Mapping[str, str], manifest: Path) -> Found:
    if output:
        return Found(source, _inside(PurePosixPath(output), manifest), options, tags, is_named=True)
    is_below = not is_remote(source) and source.is_relative_to(manifest.parent) and ".." not in source.parts
    place = source.relative_to(manifest.parent) if is_below else PurePath(source.name)
    return Found(source, place, options, tags)


def _inside(output: PurePosixPath, manifest: Path) -> PurePath:
    if output.is_absolute() or ".." in output.parts:
        raise BadRequestError(f"'{manifest.name}' sends a result to '{output}'. Name a place below OUT.")
    return output


def _matching(pattern: Path, out: Path) -> Iterator[Found]:
    """What a pattern finds: files that can be read, and those of folders."""
    parts = pattern.parts
    fixed = next(number for number, part in enumerate(parts) if any(sign in part for sign in "*?["))
    base = pattern
    for _ in parts[fixed:]:
        base = base.parent
    hits = sorted(base.glob("/".join(parts[fixed:])), key=str)
    files = [hit for hit in hits if hit.is_file() and (hit.suffix.lower() in INPUTS or is_picture(hit))]
    inside = [file for file in files if not file.name.startswith(".") and not _is_result(file, base, out)]
    if not inside:
        raise BadRequestError(f"'{pattern}' finds no file that can be read. Known formats: {KNOWN}.")
    yield from (Found(file, PurePath(str(file.relative_to(base)))) for file in inside)


def _below(folder: Path, out: Path) -> Iterator[Found]:
    every = [file for file in sorted(folder.rglob("*"), key=str) if file.is_file()]
    files = [file for file in every if file.suffix.lower() in INPUTS] or [*filter(is_picture, every)]
    inside = [file for file in files if not _is_result(file, folder, out)]
    if not inside:
        raise BadRequestError(f"'{folder}' holds no file that can be read. Known formats: {KNOWN}.")
    named = [(file, file.relative_to(folder)) for file in inside if not file.name.startswith(".")]
    yield from (Found(file, PurePath(str(place))) for file, place in named)


def _is_result(file: Path, searched: Path, out: Path) -> bool:
    return out != searched and is_remote(file) == is_remote(out) and file.is_relative_to(out)
