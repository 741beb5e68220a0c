"""The command line: `bonewright rig ...` and, inside Blender, `blender --command bonewright rig ...`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ..inference.errors import BadRequestError, BonewrightError
from ..inference.files import written_whole
from ..inference.kinds import ALIASES
from ..inference.requests import RigOptions
from ..inference.verdicts import verdict_line
from .batch.arguments import add_fields, request_from
from .batch.engines import CHOICES, Workers, with_engine
from .batch.journal import Journal, journal_of
from .batch.plan import INPUTS, OUTPUTS, PICTURES, FileJob, Views, make_plan
from .batch.pool import News, run_jobs
from .batch.terminal import open_display

INTERRUPTED = 130  # what a shell reports for a program stopped by Ctrl-C


def rig_command(arguments: Sequence[str], workers: Workers, program: str) -> int:
    """Rig what `arguments` ask for with processes that `workers` start; 0 only if every file succeeded."""
    parser = _parser(program)
    asked = parser.parse_args(arguments)
    try:
        formats = [name for group in asked.format for name in group.split(",")]
        views = Views((), tuple(item.absolute() for item in asked.mask), asked.azimuths, asked.refine)
        plan = make_plan(
            asked.input,
            asked.out,
            formats,
            picture=asked.picture,
            force=asked.force,
            views=views,
            one_object=asked.one_object,
            replace_rig=asked.replace_rig,
        )
        plan = [with_engine(job, asked.engine) for job in plan]
        _check_report(asked.report, force=asked.force)
        options = request_from(asked, RigOptions)
        if asked.report is None:
            records = _run(plan, options, workers, asked.jobs, asked.timeout)
        else:
            with Journal(journal_of(asked.report)) as journal:
                records = _run(plan, options, workers, asked.jobs, asked.timeout, journal.add)
            _write_report(asked.report, options, plan, records)
            journal.path.unlink()
    except BonewrightError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadRequestError) else 1
    except KeyboardInterrupt:
        print(f"{program}: stopped.", file=sys.stderr)
        return INTERRUPTED
    return 0 if all(record["status"] == "ok" for record in records.values()) else 1


def command(arguments: Sequence[str], start: Sequence[str], program: str) -> int:
    """`bonewright ...` in any Python, `blender --command bonewright ...` in Blender; `start` starts it again."""
    match arguments:
        case ["rig", *rest]:
            workers = Workers([*start, "worker", "gltf"], [*start, "worker", "blender"])
            return rig_command(rest, workers, f"{program} rig")
        case ["worker", "gltf"]:
            from .batch.gltf_worker import serve as serve_gltf

            serve_gltf()
            return 0
        case ["worker", "blender"]:
            from .batch.worker import serve as serve_blender  # imports bpy: only these workers need it

            serve_blender()
            return 0
        case _:
            print(f"usage: {program} rig INPUT... -o OUT   ({program} rig --help tells more)", file=sys.stderr)
            return 2


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


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Give meshes, or what pictures show, a named armature and skin weights. "
        "All meshes of a file are one character.",
        epilog="Exit code: 0 if every file succeeded, 1 if one failed, 2 if the request makes no sense.",
    )
    known = ", ".join(suffix[1:] for suffix in INPUTS + PICTURES)
    parser.add_argument("input", nargs="+", type=Path, help=f"a file or a folder, searched whole ({known})")
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="OUT", help="the file to write, or a folder for the results"
    )
    parser.add_argument(
        "--format",
        action="append",
        default=[],
        metavar="F[,F]",
        help=f"one or more of {', '.join(suffix[1:] for suffix in OUTPUTS)} (default: as OUT ends, else glb)",
    )
    parser.add_argument(
        "--engine",
        choices=CHOICES,
        default="auto",
        help="gltf needs no Blender and changes nothing else in a file; auto takes Blender where that is needed "
        "(default: auto)",
    )
    parser.add_argument("--replace-rig", action="store_true", help="rig what has a rig already; that one is removed")
    parser.add_argument("--picture", action="store_true", help="also draw mesh, skeleton and a test pose as PNG")
    parser.add_argument("--report", type=Path, metavar="JSON", help="write what was made, with numbers and warnings")
    parser.add_argument("--force", action="store_true", help="overwrite results that exist")
    parser.add_argument("--jobs", type=_positive, default=1, metavar="N", help="files worked on at once (default: 1)")
    parser.add_argument(
        "--timeout", type=_seconds, default=600.0, metavar="S", help="give up on a file after S seconds (default: 600)"
    )
    _add_views(parser)
    add_fields(parser, RigOptions, ALIASES)
    return parser


def _add_views(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how pictures are read")
    group.add_argument(
        "--mask",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="a picture that is white where the object is; with several pictures of one object, one for each in order",
    )
    group.add_argument("--one-object", action="store_true", help="all inputs are pictures of one object")
    group.add_argument(
        "--azimuths",
        type=_degrees,
        default=(),
        metavar="A[,A]",
        help="degrees the camera went round the object, to its right, for each further picture (default: found)",
    )
    group.add_argument(
        "--refine",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="make the spheres fill the silhouettes (default: True)",
    )


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _degrees(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no list of degrees, as 90,180 is") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0")
    return seconds


def _run(
    plan: Sequence[FileJob],
    options: RigOptions,
    workers: Workers,
    processes: int,
    seconds: float,
    note: Callable[[str, dict[str, object]], None] = lambda key, record: None,
) -> dict[FileJob, dict[str, object]]:
    """Job -> its record, in the order of the plan; prints one line per file as it ends, once `note` has it."""
    records: dict[FileJob, dict[str, object]] = {}
    with open_display() as display:
        for job in plan:
            if job.error:
                records[job] = {"status": "failed", "error": job.error, "error_type": "FileError"}
                note(str(job.source), records[job])
                display.line(_line(job, records[job]), failure=True)
        ready = [job for job in plan if not job.error]

        def update(news: News) -> None:
            display.update(len(records), len(plan), news)

        for news in run_jobs(workers, ready, options, processes, seconds, update) if ready else ():
            if news.record is not None:
                note(str(news.job.source), news.record)
                records[news.job] = news.record
                display.line(_line(news.job, news.record), failure=news.record["status"] != "ok")
            update(news)
        if len(plan) > 1:
            good = sum(record["status"] == "ok" for record in records.values())
            display.line(f"{good} of {len(plan)} files rigged.", failure=good < len(plan))
    return {job: records[job] for job in plan}


def _line(job: FileJob, record: dict[str, object]) -> str:
    if record["status"] != "ok":
        return f"{job.source.name}: {record['error']}"
    bones, reasons = record["bones"], record["reasons"]
    counted = f"{len(bones) if isinstance(bones, list) else 0} bones, {record['vertices']} vertices"
    verdict = verdict_line(str(record["verdict"]), reasons if isinstance(reasons, list) else ())
    written = ", ".join(_short(path) for path in job.written)
    return f"{job.source.name}: {record['kind']}, {counted}, {record['seconds']} s. {verdict} -> {written}"


def _short(path: Path) -> str:
    """As seen from here where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)


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
            **records[job],
        }
        for job in plan
    ]
    failed = sum(record["status"] != "ok" for record in records.values())
    whole = {"options": dataclasses.asdict(options), "rigged": len(plan) - failed, "failed": failed, "files": files}
    try:
        report.absolute().parent.mkdir(parents=True, exist_ok=True)
        with written_whole(report.absolute()) as place:
            place.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise BonewrightError(f"'{report}' cannot be written: {error.strerror}.") from error
