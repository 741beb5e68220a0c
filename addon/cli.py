"""The command line: `bonewright rig ...` and, inside Blender, `blender --command bonewright rig ...`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path

from ..inference.engine.killable import Limits
from ..inference.engine.memory import fair_share
from ..inference.errors import BadRequestError, BonewrightError
from ..inference.files import written_whole
from ..inference.requests import FitOptions, RigOptions
from .batch.arguments import request_from
from .batch.engines import Workers, with_engine
from .batch.inputs.places import absolute, is_remote, place_of
from .batch.kept.journal import Journal, journal_of
from .batch.kept.run_folder import WHOLE, RunFolder
from .batch.parser import make_gallery_parser, make_parser
from .batch.plan import FileJob, Views, is_folder, make_plan
from .batch.runs import Manner, carry_out, show_plan
from .batch.shapes import VERBS, shapes_command
from .batch.terminal import INTERRUPTED, exit_code
from .weights import weights_command


def rig_command(arguments: Sequence[str], workers: Workers, program: str) -> int:
    """Rig what `arguments` ask for with processes that `workers` start; 0 only if every file succeeded."""
    parser = make_parser(program)
    asked = parser.parse_args(arguments)
    return exit_code(program, lambda: _rig(asked, workers))


def _rig(asked: argparse.Namespace, workers: Workers) -> int:
    """Plan, then do or show it; the exit code."""
    options = request_from(asked, RigOptions)
    run = RunFolder(asked.out, asked.shard) if is_folder(asked.out) else None
    if run is None and (asked.shard != WHOLE or asked.only or asked.gallery):
        raise BadRequestError("--shard, --only and --gallery are for many files. Give a folder after -o.")
    inputs, views = _pictures(asked)
    plan = make_plan(
        inputs,
        asked.out,
        [name for group in asked.format for name in group.split(",")],
        picture=asked.picture,
        force=asked.force,
        views=views,
        one_object=asked.one_object or views.share is not None,
        replace_rig=asked.replace_rig,
        ours=frozenset() if run is None else run.made,
        options=options,
    )
    fit = _fit(asked)
    plan = [with_engine(dataclasses.replace(job, fit=fit), asked.engine) for job in plan]
    _check_report(asked.report, force=asked.force)
    manner = Manner(
        workers,
        Limits(asked.timeout, memory_mib=_memory(asked), retries=asked.retries),
        asked.jobs,
        asked.force,
        asked.only,
        asked.limit,
        asked.shard,
        asked.max_failures,
        asked.cluster,
    )
    if asked.dry_run:
        show_plan(plan, manner, run)
        return 0
    if asked.report is None:
        records = carry_out(plan, manner, run, None)
    else:
        with Journal(journal_of(asked.report)) as journal:
            records = carry_out(plan, manner, run, journal)
        _write_report(asked.report, options, plan, records)
        journal.path.unlink()
    if asked.gallery:
        print(_gallery(asked.out, None, workers.gallery, max(1, asked.jobs), asked.memory))
    return 0 if all(record["status"] == "ok" for record in records.values()) else 1


def _pictures(asked: argparse.Namespace) -> tuple[list[Path], Views]:
    """What is to be read, and what is made of pictures."""
    masks = tuple(item.absolute() for item in asked.mask)
    surface = asked.surface or ("implicit" if asked.blend else "spheres")
    views = Views((), masks, asked.azimuths, asked.refine, surface, asked.detail)
    if not 32 <= asked.detail <= 256:
        raise BadRequestError(f"Detail is {asked.detail}. Choose a number from 32 to 256.")
    if asked.blend is None:
        if not asked.input:
            raise BadRequestError("There is no input. Name a file, a folder or a pattern.")
        return asked.input, views
    if asked.input:
        raise BadRequestError("--blend names its two pictures itself. Leave out the other inputs.")
    if surface == "spheres":
        raise BadRequestError("Spheres of two pictures cannot be blended. Choose a deformed or an implicit surface.")
    first, second, share = asked.blend
    try:
        part = float(share)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise BadRequestError(f"'{share}' is no share between 0 and 1, as 0.5 is.")
    return [place_of(first), place_of(second)], dataclasses.replace(views, share=part)


def _fit(asked: argparse.Namespace) -> FitOptions:
    """What becomes of each rig, checked before any work starts."""
    fit = request_from(asked, FitOptions)
    if fit == FitOptions():
        return fit
    from ..inference.pipelines.refit import check_fit  # costs the import of NumPy

    check_fit(fit)
    if not asked.bind:
        raise BadRequestError("A new rest pose moves the mesh by its weights. Leave out --no-bind.")
    path = Path(fit.skeleton)
    return dataclasses.replace(fit, skeleton=str(path.absolute())) if path.is_file() else fit


def _memory(asked: argparse.Namespace) -> float:
    """MiB that a process may hold; a cluster's nodes know their own machines."""
    return asked.memory or (inf if asked.cluster else fair_share(max(1, asked.jobs)))


def command(arguments: Sequence[str], start: Sequence[str], program: str, *, online: bool = True) -> int:
    """`bonewright ...` in any Python, `blender --command bonewright ...` in Blender; `start` starts it again."""
    match arguments:
        case ["rig", *rest]:
            workers = Workers(*([*start, "worker", engine] for engine in ("gltf", "blender", "gallery")))
            return rig_command(rest, workers, f"{program} rig")
        case ["gallery", *rest]:
            return gallery_command(rest, [*start, "worker", "gallery"], f"{program} gallery")
        case [verb, *rest] if verb in VERBS:
            return shapes_command(verb, rest, f"{program} {verb}")
        case ["weights", *rest]:
            return weights_command(rest, f"{program} weights", online=online)
        case ["report", out]:
            return _told(f"{program} report", lambda: _report(place_of(out)))
        case ["worker", "gltf"]:
            from .batch.gltf_worker import serve as serve_gltf

            serve_gltf()
            return 0
        case ["worker", "gallery"]:
            from .batch.gallery.worker import serve as serve_gallery

            serve_gallery()
            return 0
        case ["worker", "blender"]:
            from .batch.worker import serve as serve_blender  # imports bpy: only these workers need it

            serve_blender()
            return 0
        case _:
            verbs = ", ".join(VERBS)
            print(f"usage: {program} rig INPUT... -o OUT   ({program} rig --help tells more)", file=sys.stderr)
            print(f"       {program} VERB ... -o OUT       (VERB is one of {verbs})", file=sys.stderr)
            print(f"       {program} weights               ({program} weights --help tells more)", file=sys.stderr)
            return 2


def gallery_command(arguments: Sequence[str], worker: Sequence[str], program: str) -> int:
    """Make the gallery of a folder of results; processes that draw are started by `worker`."""
    asked = make_gallery_parser(program).parse_args(arguments)
    return _told(program, lambda: _gallery(asked.out, asked.site, worker, max(1, asked.jobs), asked.memory))


def _told(program: str, work: Callable[[], Path]) -> int:
    """Print where the result of `work` is, or what went wrong; the exit code."""

    def tell() -> int:
        print(work())
        return 0

    return exit_code(program, tell)


def _known(out: Path) -> RunFolder:
    run = RunFolder(out)
    if not run.known:
        raise BadRequestError(f"'{out}' holds no records of a run. Check the path.")
    return run


def _report(out: Path) -> Path:
    """Write the reports of a folder of results from its records: while a run is under way, or after it was killed."""
    return _known(out).write_report()


def _gallery(out: Path, site: Path | None, worker: Sequence[str], processes: int, memory_mib: float) -> Path:
    from .batch.gallery.make import make_gallery

    if is_remote(out):
        raise BadRequestError(f"'{out}' is not on this machine. Copy it here, or make the gallery where it is.")
    run = _known(out)
    site = absolute(site) if site else out.absolute() / "gallery"
    return make_gallery(run.known, out.absolute(), site, worker, processes, memory_mib or fair_share(processes))


def main() -> int:
    """What `bonewright` starts."""
    try:
        code = command(sys.argv[1:], [sys.executable, "-m", str(__package__).rpartition(".")[0]], "bonewright")
        if sys.argv[1:2] == ["worker"]:
            sys.stderr.flush()
            os._exit(code)  # Blender as a module may crash while Python shuts down after it has drawn something
        return code
    except KeyboardInterrupt:  # before the command line itself was there to see it
        print("bonewright: stopped.", file=sys.stderr)
        return INTERRUPTED


def _check_report(report: Path | None, *, force: bool) -> None:
    if report is not None and report.exists() and not force:
        raise BadRequestError(f"'{report}' exists. Add --force to overwrite it.")


def _write_report(
    report: Path, options: RigOptions, plan: Sequence[FileJob], records: dict[FileJob, dict[str, object]]
) -> None:
    files = [
        {
            "input": str(job.source),
            "outputs": [str(path) for path in job.outputs],
            "picture": str(job.picture) if job.picture else None,
            **{key: entry for key, entry in records[job].items() if key not in ("key", "time")},
        }
        for job in plan
        if job in records
    ]
    failed = sum(record["status"] != "ok" for record in records.values())
    whole = {"options": dataclasses.asdict(options), "rigged": len(files) - failed, "failed": failed, "files": files}
    try:
        report.absolute().parent.mkdir(parents=True, exist_ok=True)
        with written_whole(report.absolute()) as place:
            place.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BonewrightError(f"'{report}' cannot be written: {error.strerror}.") from error
