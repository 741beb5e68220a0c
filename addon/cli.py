"""The command line: `bonewright rig ...` and, inside Blender, `blender --command bonewright rig ...`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..inference.engine.killable import Limits
from ..inference.errors import BadRequestError, BonewrightError
from ..inference.files import written_whole
from ..inference.kinds import ALIASES
from ..inference.requests import RigOptions
from .batch.arguments import add_fields, request_from
from .batch.engines import CHOICES, Workers, with_engine
from .batch.journal import Journal, journal_of
from .batch.plan import INPUTS, OUTPUTS, PICTURES, FileJob, Views, is_folder, make_plan
from .batch.resume import ONLY
from .batch.run_folder import WHOLE, RunFolder, Shard
from .batch.runs import Manner, carry_out, show_plan

INTERRUPTED = 130  # what a shell reports for a program stopped by Ctrl-C


def rig_command(arguments: Sequence[str], workers: Workers, program: str) -> int:
    """Rig what `arguments` ask for with processes that `workers` start; 0 only if every file succeeded."""
    parser = _parser(program)
    asked = parser.parse_args(arguments)
    try:
        return _rig(asked, workers)
    except BonewrightError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadRequestError) else 1
    except KeyboardInterrupt:
        print(f"{program}: stopped.", file=sys.stderr)
        return INTERRUPTED


def _rig(asked: argparse.Namespace, workers: Workers) -> int:
    """Plan, then do or show it; the exit code."""
    options = request_from(asked, RigOptions)
    run = RunFolder(asked.out, asked.shard) if is_folder(asked.out) else None
    if run is None and (asked.shard != WHOLE or asked.only):
        raise BadRequestError("--shard and --only are for many files. Give a folder after -o.")
    plan = make_plan(
        asked.input,
        asked.out,
        [name for group in asked.format for name in group.split(",")],
        picture=asked.picture,
        force=asked.force,
        views=Views((), tuple(item.absolute() for item in asked.mask), asked.azimuths, asked.refine),
        one_object=asked.one_object,
        replace_rig=asked.replace_rig,
        ours=frozenset() if run is None else run.made,
    )
    plan = [with_engine(job, asked.engine) for job in plan]
    _check_report(asked.report, force=asked.force)
    manner = Manner(
        workers,
        Limits(asked.timeout, retries=asked.retries),
        asked.jobs,
        asked.force,
        asked.only,
        asked.limit,
        asked.shard,
        asked.max_failures,
    )
    if asked.dry_run:
        show_plan(plan, options, manner, run)
        return 0
    if asked.report is None:
        records = carry_out(plan, options, manner, run, None)
    else:
        with Journal(journal_of(asked.report)) as journal:
            records = carry_out(plan, options, manner, run, journal)
        _write_report(asked.report, options, plan, records)
        journal.path.unlink()
    return 0 if all(record["status"] == "ok" for record in records.values()) else 1


def command(arguments: Sequence[str], start: Sequence[str], program: str) -> int:
    """`bonewright ...` in any Python, `blender --command bonewright ...` in Blender; `start` starts it again."""
    match arguments:
        case ["rig", *rest]:
            workers = Workers([*start, "worker", "gltf"], [*start, "worker", "blender"])
            return rig_command(rest, workers, f"{program} rig")
        case ["report", out]:
            print(RunFolder(Path(out)).write_report())
            return 0
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
    _add_run(parser)
    _add_views(parser)
    add_fields(parser, RigOptions, ALIASES)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which files of a folder, and how often")
    group.add_argument(
        "--retries", type=_count, default=1, metavar="N", help="after a crash or a time-out (default: 1)"
    )
    group.add_argument("--limit", type=_count, default=0, metavar="N", help="at most N files")
    group.add_argument(
        "--shard", type=_shard, default=WHOLE, metavar="I/N", help="the I-th of N parts of the files, one a machine"
    )
    group.add_argument("--only", choices=ONLY, default="", help="what failed before, or what has changed since")
    group.add_argument("--max-failures", type=_count, default=0, metavar="N", help="stop after N failures")
    group.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


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


def _count(text: str) -> int:
    return 0 if text == "0" else _positive(text)


def _shard(text: str) -> Shard:
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"'{text}' is no part of a whole, as 1/8 to 8/8 are")
    return Shard(int(number), int(count))


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
