"""Which files are read and which are written: decided, and refused where need be, before any work starts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...inference.errors import BadRequestError

INPUTS = (".blend", ".dae", ".fbx", ".glb", ".gltf", ".obj", ".off", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz")
PICTURES = (".bmp", ".exr", ".gif", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff", ".webp")
OUTPUTS = (".blend", ".fbx", ".glb", ".usd", ".usda", ".usdc")
Engine = Literal["gltf", "blender"]
_NAMES = ", ".join(suffix[1:] for suffix in OUTPUTS)


@dataclass(frozen=True)
class Views:
    """What belongs to a picture that is read instead of a mesh."""

    others: tuple[Path, ...] = ()  # further pictures of the same object
    masks: tuple[Path, ...] = ()  # one for each picture, or none
    azimuths: tuple[float, ...] = ()  # degrees, one for each further picture, or none
    refine: bool = True


ONE_VIEW = Views()


@dataclass(frozen=True)
class FileJob:
    """One character: a file to read and the files to write."""

    source: Path
    outputs: tuple[Path, ...]
    picture: Path | None = None
    error: str = ""  # why this job cannot even start
    views: Views | None = None  # of a picture
    replace_rig: bool = False  # a rig that the input has gives way to the new one
    engine: Engine = "blender"  # what does it ...
    reason: str = ""  # ... why it takes Blender ...
    may_switch: bool = False  # ... and whether Blender may do it where the file turns out to need that

    @property
    def written(self) -> tuple[Path, ...]:
        """Everything the job writes."""
        return (*self.outputs, *([self.picture] if self.picture else []))


def make_plan(
    inputs: Sequence[Path],
    out: Path,
    formats: Sequence[str],
    *,
    picture: bool,
    force: bool,
    views: Views = ONE_VIEW,
    one_object: bool = False,
    replace_rig: bool = False,
    ours: frozenset[Path] = frozenset(),
) -> list[FileJob]:
    """A job for every file named, or found in a folder named; one for all of them if they show one object.

    Paths are absolute. Results that are `ours`, of an earlier run, may be written again.
    """
    suffixes = _suffixes(out, formats)
    inputs = [item.absolute() for item in inputs]
    if one_object:
        views, inputs = replace(views, others=_all_pictures(inputs)[1:]), inputs[:1]
    _check_views(inputs, views)
    out = out.absolute()
    if len(inputs) == 1 and not inputs[0].is_dir() and not is_folder(out):
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
            _missing([source, *views.others, *views.masks]),
            views if _is_picture(source) else None,
            replace_rig,
        )
        for source, stem in stems.items()
    ]
    taken = {os.path.realpath(path) for path in (*stems, *views.others, *views.masks)}
    claimed = Counter(path for job in jobs for path in job.written)
    return [job if job.error else replace(job, error=_conflict(job, taken, claimed, ours, force=force)) for job in jobs]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES


def _all_pictures(inputs: Sequence[Path]) -> tuple[Path, ...]:
    for path in inputs:
        if not _is_picture(path) or path.is_dir():
            known = ", ".join(suffix[1:] for suffix in PICTURES)
            raise BadRequestError(f"'{path.name}' is no picture, so it cannot show the same object. Known: {known}.")
    return tuple(inputs)


def _check_views(inputs: Sequence[Path], views: Views) -> None:
    pictures = 1 + len(views.others)
    if views.masks and (len(inputs) != 1 or not _is_picture(inputs[0]) or len(views.masks) != pictures):
        raise BadRequestError(
            f"There are {len(views.masks)} masks for {len(inputs) + len(views.others)} files. "
            "Name one picture, or several with --one-object, and a --mask for each."
        )
    if views.azimuths and len(views.azimuths) != len(views.others):
        raise BadRequestError(
            f"There are {len(views.azimuths)} azimuths for {len(views.others)} further pictures. "
            "Add --one-object and an azimuth for each picture after the first."
        )


def _missing(files: Sequence[Path]) -> str:
    lost = [path for path in files if not path.exists()]
    return f"'{lost[0]}' does not exist. Check the path." if lost else ""


def staged(path: Path, token: str) -> Path:
    """Where `path` is written before it is complete: beside it, so that the final step is one rename."""
    return path.with_name(f".{path.stem}.partial-{token}{path.suffix}")


def _suffixes(out: Path, formats: Sequence[str]) -> tuple[str, ...]:
    if out.suffix and out.suffix.lower() not in OUTPUTS and (out.is_file() or out.suffix.lower() in INPUTS + PICTURES):
        raise BadRequestError(f"'{out.name}' is in no format that can be written. Choose among {_NAMES}.")
    if not formats:
        return (out.suffix.lower(),) if out.suffix.lower() in OUTPUTS else (".glb",)
    suffixes = tuple(dict.fromkeys("." + name.strip().lower().lstrip(".") for name in formats))
    for suffix in suffixes:
        if suffix not in OUTPUTS:
            raise BadRequestError(f"'{suffix[1:]}' is no output format. Choose among {_NAMES}.")
    return suffixes


def is_folder(out: Path) -> bool:
    """Whether results go into `out` rather than to it: a folder, or a name that ends like no file."""
    return out.is_dir() or out.suffix.lower() not in OUTPUTS


def _found(inputs: Iterable[Path], out: Path) -> Iterable[tuple[Path, Path]]:
    """(file, its place below the folder that was named), in a stable order; results of an earlier run are skipped.

    Pictures beside meshes are their textures: only of a folder without meshes are they taken.
    """
    for item in inputs:
        if not item.is_dir():
            yield item, Path(item.name)
            continue
        every = [file for file in sorted(item.rglob("*")) if file.is_file()]
        files = [file for file in every if file.suffix.lower() in INPUTS] or [*filter(_is_picture, every)]
        inside = [file for file in files if out == item or not file.is_relative_to(out)]
        if not inside:
            known = ", ".join(suffix[1:] for suffix in INPUTS + PICTURES)
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


def _conflict(job: FileJob, taken: set[str], claimed: Counter[Path], ours: frozenset[Path], *, force: bool) -> str:
    for path in job.written:
        if os.path.realpath(path) in taken:
            return f"'{path}' is an input and is never overwritten. Choose another place after -o."
        if claimed[path] > 1:
            return f"'{path}' would be the result of several inputs. Rig them one by one."
        if path.is_dir():
            return f"'{path}' is a folder. Choose another name after -o."
        if path.exists() and not force and path not in ours:
            return f"'{path}' exists. Add --force to overwrite it."
    return ""
