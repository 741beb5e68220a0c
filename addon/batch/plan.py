"""Which files are read and which are written: decided, and refused where need be, before any work starts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...inference.errors import BadRequestError

INPUTS = (".blend", ".dae", ".fbx", ".glb", ".gltf", ".obj", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz")
OUTPUTS = (".blend", ".fbx", ".glb", ".usd", ".usda", ".usdc")
_NAMES = ", ".join(suffix[1:] for suffix in OUTPUTS)


@dataclass(frozen=True)
class FileJob:
    """One character: a file to read and the files to write."""

    source: Path
    outputs: tuple[Path, ...]
    picture: Path | None = None
    error: str = ""  # why this job cannot even start

    @property
    def written(self) -> tuple[Path, ...]:
        """Everything the job writes."""
        return (*self.outputs, *([self.picture] if self.picture else []))


def make_plan(inputs: Sequence[Path], out: Path, formats: Sequence[str], picture: bool, force: bool) -> list[FileJob]:
    """A job for every file named, or found in a folder named. Paths are absolute."""
    suffixes = _suffixes(out, formats)
    inputs = [item.absolute() for item in inputs]
    out = out.absolute()
    if len(inputs) == 1 and not inputs[0].is_dir() and not _is_folder(out):
        stems = {inputs[0]: out.with_suffix("") if out.suffix.lower() in OUTPUTS else out}
    elif out.suffix.lower() in OUTPUTS and not out.is_dir():
        raise BadRequestError(f"'{out.name}' is one file, but there may be many results. Give a folder after -o.")
    else:
        stems = _stems(list(_found(inputs, out)), out)
    jobs = [
        FileJob(
            source,
            tuple(_with(stem, suffix) for suffix in suffixes),
            _with(stem, ".png") if picture else None,
            "" if source.exists() else f"'{source}' does not exist. Check the path.",
        )
        for source, stem in stems.items()
    ]
    taken = {os.path.realpath(source) for source in stems}
    claimed = Counter(path for job in jobs for path in job.written)
    return [job if job.error else replace(job, error=_conflict(job, taken, claimed, force)) for job in jobs]


def staged(path: Path, token: str) -> Path:
    """Where `path` is written before it is complete: beside it, so that the final step is one rename."""
    return path.with_name(f".{path.stem}.partial-{token}{path.suffix}")


def _suffixes(out: Path, formats: Sequence[str]) -> tuple[str, ...]:
    if out.suffix and out.suffix.lower() not in OUTPUTS and (out.is_file() or out.suffix.lower() in INPUTS):
        raise BadRequestError(f"'{out.name}' is in no format that can be written. Choose among {_NAMES}.")
    if not formats:
        return (out.suffix.lower(),) if out.suffix.lower() in OUTPUTS else (".glb",)
    suffixes = tuple(dict.fromkeys("." + name.strip().lower().lstrip(".") for name in formats))
    for suffix in suffixes:
        if suffix not in OUTPUTS:
            raise BadRequestError(f"'{suffix[1:]}' is no output format. Choose among {_NAMES}.")
    return suffixes


def _is_folder(out: Path) -> bool:
    """Whether results go into `out` rather than to it: a folder, or a name that ends like no file."""
    return out.is_dir() or out.suffix.lower() not in OUTPUTS


def _found(inputs: Iterable[Path], out: Path) -> Iterable[tuple[Path, Path]]:
    """(file, its place below the folder that was named), in a stable order; results of an earlier run are skipped."""
    for item in inputs:
        if not item.is_dir():
            yield item, Path(item.name)
            continue
        files = [file for file in sorted(item.rglob("*")) if file.suffix.lower() in INPUTS and file.is_file()]
        inside = [file for file in files if out == item or not file.is_relative_to(out)]
        if not inside:
            known = ", ".join(suffix[1:] for suffix in INPUTS)
            raise BadRequestError(f"'{item}' holds no file that can be read. Known formats: {known}.")
        yield from ((file, file.relative_to(item)) for file in inside if not file.name.startswith("."))


def _stems(found: Sequence[tuple[Path, Path]], out: Path) -> dict[Path, Path]:
    """File -> path of its results without suffix; files that differ only in their suffix keep it in the name."""
    wanted = [place.with_suffix("") for _, place in found]
    count = Counter(wanted)
    return {
        file: out / (stem if count[stem] == 1 else place.with_name(place.name.replace(".", "_")))
        for (file, place), stem in zip(found, wanted, strict=True)
    }


def _with(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _conflict(job: FileJob, taken: set[str], claimed: Counter[Path], force: bool) -> str:
    for path in job.written:
        if os.path.realpath(path) in taken:
            return f"'{path}' is an input and is never overwritten. Choose another place after -o."
        if claimed[path] > 1:
            return f"'{path}' would be the result of several inputs. Rig them one by one."
        if path.is_dir():
            return f"'{path}' is a folder. Choose another name after -o."
        if path.exists() and not force:
            return f"'{path}' exists. Add --force to overwrite it."
    return ""
