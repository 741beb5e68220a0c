"""Which files are read and which are written: decided, and refused where need be, before any work starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Literal

from ...inference.errors import BadRequestError
from ...inference.requests import FitOptions, RigOptions, Surface
from .arguments import options_from
from .inputs.find import Found, find, is_many
from .inputs.formats import INPUTS, OUTPUTS, PICTURES, is_picture
from .inputs.places import absolute, is_remote, true_place

Engine = Literal["gltf", "blender"]
_NAMES = ", ".join(suffix[1:] for suffix in OUTPUTS)


@dataclass(frozen=True)
class Views:
    """What belongs to a picture that is read instead of a mesh."""

    others: tuple[Path, ...] = ()  # further pictures of the same object
    masks: tuple[Path, ...] = ()  # one for each picture, or none
    azimuths: tuple[float, ...] = ()  # degrees, one for each further picture, or none
    refine: bool = True
    surface: Surface = "spheres"
    detail: int = 64
    share: float | None = None  # of the way to the one further picture, which shows another object


_PARTIAL = ".partial-"
ONE_VIEW = Views()
DEFAULTS = RigOptions()
STAYS = FitOptions()


@dataclass(frozen=True)
class FileJob:
    """One character: a file to read and the files to write."""

    source: Path
    outputs: tuple[Path, ...]
    picture: Path | None = None
    error: str = ""  # why this job cannot even start
    views: Views | None = None  # of a picture
    options: RigOptions = DEFAULTS
    tags: tuple[tuple[str, str], ...] = ()  # what a manifest says of it besides, for the report
    replace_rig: bool = False  # a rig that the input has gives way to the new one
    engine: Engine = "blender"  # what does it ...
    reason: str = ""  # ... why it takes Blender ...
    may_switch: bool = False  # ... and whether Blender may do it where the file turns out to need that
    label: str = ""  # of one that is asked for several times, with other options each
    fit: FitOptions = STAYS  # what becomes of the rig before it is written

    @property
    def name(self) -> str:
        """What its records go by."""
        return self.label or str(self.source)

    @property
    def written(self) -> tuple[Path, ...]:
        """Everything the job writes."""
        buffers = [path.with_suffix(".bin") for path in self.outputs if path.suffix == ".gltf"]
        return (*self.outputs, *buffers, *([self.picture] if self.picture else []))


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
    ours: frozenset[str] = frozenset(),
    options: RigOptions = DEFAULTS,
) -> list[FileJob]:
    """A job for every file that is named, or found by what is named; one for all of them if they show one object.

    Paths are absolute. Results that are `ours`, of an earlier run, may be written again. A manifest's options count
    more than `options`.
    """
    if is_remote(out) and "::" in str(out):
        raise BadRequestError(f"'{out}' is within an archive, which is only read. Give a folder after -o, and pack it.")
    suffixes = _suffixes(out, formats)
    inputs = [absolute(item) for item in inputs]
    if one_object:
        views, inputs = replace(views, others=_all_pictures(inputs)[1:]), inputs[:1]
    _check_views(inputs, views)
    out = absolute(out)
    if len(inputs) == 1 and not is_many(inputs[0]) and not is_folder(out):
        stem = out.with_suffix("") if out.suffix.lower() in OUTPUTS else out
        found = [(Found(inputs[0], PurePath(inputs[0].name)), stem)]
    elif out.suffix.lower() in OUTPUTS and not out.is_dir():
        raise BadRequestError(f"'{out.name}' is one file, but there may be many results. Give a folder after -o.")
    else:
        found = _stems(list(find(inputs, out)), out)
    jobs = [
        FileJob(
            item.source,
            tuple(_with(stem, suffix) for suffix in _own_suffix(item) or suffixes),
            _with(stem, ".png") if picture else None,
            _missing([item.source, *views.others, *views.masks]),
            views if is_picture(item.source) else None,
            options_from(item.options, options, item.source.name),
            tuple(item.tags.items()),
            replace_rig,
        )
        for item, stem in found
    ]
    sources = Counter(job.source for job in jobs)
    jobs = [
        replace(job, label=f"{job.source}#{item.place}") if sources[job.source] > 1 else job
        for job, (item, _) in zip(jobs, found, strict=True)
    ]
    taken = {true_place(path) for path in (*(item.source for item, _ in found), *views.others, *views.masks)}
    claimed = Counter(str(path) for job in jobs for path in job.written)
    return [job if job.error else replace(job, error=_conflict(job, taken, claimed, ours, force=force)) for job in jobs]


def _all_pictures(inputs: Sequence[Path]) -> tuple[Path, ...]:
    for path in inputs:
        if not is_picture(path) or path.is_dir():
            known = ", ".join(suffix[1:] for suffix in PICTURES)
            raise BadRequestError(f"'{path.name}' is no picture, so it cannot show the same object. Known: {known}.")
    return tuple(inputs)


def _check_views(inputs: Sequence[Path], views: Views) -> None:
    pictures = 1 + len(views.others)
    if views.masks and (len(inputs) != 1 or not is_picture(inputs[0]) or len(views.masks) != pictures):
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
    lost = [path for path in files if not is_remote(path) and not path.exists()]  # a store says so when it is asked
    return f"'{lost[0]}' does not exist. Check the path." if lost else ""


def staged(path: Path, token: str) -> Path:
    """Where `path` is written before it is complete: beside it, so that the final step is one rename."""
    return path.with_name(f".{path.stem}{_PARTIAL}{token}{path.suffix}")


def remove_staged(paths: Iterable[Path]) -> None:
    """Remove what a run that was killed has left of these files; nobody else may be writing them."""
    folders: dict[Path, set[tuple[str, str]]] = {}
    for path in paths:
        if not is_remote(path):
            folders.setdefault(path.parent, set()).add((path.stem, path.suffix))
    for folder, wanted in folders.items():
        for left in folder.glob(f".*{_PARTIAL}*"):
            stem, _, rest = left.name[1:].partition(_PARTIAL)
            if (stem, Path(rest).suffix) in wanted:
                left.unlink(missing_ok=True)


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
    return out.suffix.lower() not in OUTPUTS or out.is_dir()


def _stems(found: Sequence[Found], out: Path) -> list[tuple[Found, Path]]:
    """Each with the path of its results without suffix; what differs only in its suffix keeps that in the name."""
    wanted = [item.place.with_suffix("") if item.place.suffix else item.place for item in found]
    count = Counter(stem for stem, item in zip(wanted, found, strict=True) if not item.is_named)
    stems = [
        stem if item.is_named or count[stem] == 1 else item.place.with_name(item.place.name.replace(".", "_"))
        for item, stem in zip(found, wanted, strict=True)
    ]
    return [(item, out.joinpath(stem.as_posix())) for item, stem in zip(found, stems, strict=True)]


def _own_suffix(item: Found) -> tuple[str, ...]:
    """The format that a manifest names for one file."""
    suffix = item.place.suffix.lower()
    if not item.is_named or not suffix:
        return ()
    if suffix not in OUTPUTS:
        raise BadRequestError(f"'{item.place}' is in no format that can be written. Choose among {_NAMES}.")
    return (suffix,)


def _with(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _conflict(job: FileJob, taken: set[str], claimed: Counter[str], ours: frozenset[str], *, force: bool) -> str:
    for path in job.written:
        if true_place(path) in taken:
            return f"'{path}' is an input and is never overwritten. Choose another place after -o."
        if claimed[str(path)] > 1:
            return f"'{path}' would be the result of several inputs. Rig them one by one."
        if not is_remote(path) and path.is_dir():
            return f"'{path}' is a folder. Choose another name after -o."
        if not force and str(path) not in ours and path.exists():
            return f"'{path}' exists. Add --force to overwrite it."
    return ""
