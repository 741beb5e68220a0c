"""The arguments of the command line."""

from __future__ import annotations

import argparse
from math import inf
from pathlib import Path
from typing import get_args

from ...inference.errors import BadRequestError
from ...inference.kinds import ALIASES
from ...inference.requests import FitOptions, ImageOptions, RigOptions, Surface
from .arguments import add_fields, field_texts
from .engines import CHOICES
from .inputs.formats import INPUTS, OUTPUTS, PICTURES
from .inputs.places import place_of
from .kept.resume import ONLY
from .kept.run_folder import WHOLE, Shard


def make_parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Give meshes, or what pictures show, a named armature and skin weights. "
        "All meshes of a file are one character.",
        epilog="Exit code: 0 if every file succeeded, 1 if one failed, 2 if the request makes no sense.",
    )
    known = ", ".join(suffix[1:] for suffix in INPUTS + PICTURES)
    parser.add_argument(
        "input",
        nargs="*",
        type=_place,
        help=f"a file, a folder, searched whole, a pattern such as 'lib/**/*.glb', a manifest (txt, csv, parquet), "
        f"or a URL of any of these ({known})",
    )
    parser.add_argument(
        "-o", "--out", type=_place, required=True, metavar="OUT", help="the file to write, or a folder for the results"
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
    parser.add_argument("--gallery", action="store_true", help="then make OUT/gallery/index.html, to look at all")
    parser.add_argument("--force", action="store_true", help="overwrite results that exist")
    parser.add_argument(
        "--timeout", type=_seconds, default=600.0, metavar="S", help="give up on a file after S seconds (default: 600)"
    )
    _add_machine(parser)
    parser.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="have the nodes of a Ray cluster do it; see docs/cluster.md (default for --jobs: all that they can)",
    )
    _add_run(parser)
    _add_views(parser)
    add_fields(parser, RigOptions, ALIASES, "how to rig")
    add_fields(parser, FitOptions, {}, "rest pose and skeleton")
    return parser


def make_gallery_parser(program: str) -> argparse.ArgumentParser:
    """Of the command that makes a gallery."""
    parser = argparse.ArgumentParser(prog=program, description="Show all results of a folder on a page for a browser.")
    parser.add_argument("out", type=_place, metavar="OUT", help="a folder that results were written to")
    parser.add_argument("--site", type=Path, metavar="FOLDER", help="where the page goes (default: OUT/gallery)")
    _add_machine(parser)
    return parser


def _add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=_positive, default=0, metavar="N", help="files worked on at once (default: 1)")
    parser.add_argument(
        "--memory",
        type=_mib,
        default=0.0,
        metavar="MIB",
        help="the most memory a process may hold (default: an equal share of what the machine has)",
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which files of a folder, and how often")
    group.add_argument(
        "--retries",
        type=_count,
        default=1,
        metavar="N",
        help="after a crash, a time-out or what storage refused, with a pause that doubles (default: 1)",
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
        help="make what is seen fill the silhouettes (default: True)",
    )
    texts = field_texts(ImageOptions)
    group.add_argument(
        "--surface", choices=get_args(Surface), default=None, help=f"{texts['surface']} (default: spheres)"
    )
    group.add_argument("--detail", type=_positive, default=64, metavar="N", help=f"{texts['detail']} (default: 64)")
    group.add_argument(
        "--blend",
        nargs=3,
        metavar=("FIRST", "SECOND", "SHARE"),
        help="instead of inputs: the shape between those of two pictures, at 0 the first, at 1 the second; implicit, "
        "unless --surface says deformed",
    )


def _place(text: str) -> Path:
    try:
        return place_of(text)
    except BadRequestError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _mib(text: str) -> float:
    number, unit = (text[:-1], text[-1:].lower()) if text[-1:].lower() in ("m", "g") else (text, "m")
    try:
        mib = float(number) * (1024.0 if unit == "g" else 1.0)
    except ValueError:
        mib = 0.0
    if not 0 < mib < inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount of memory, as 2000 (MiB) or 2G are")
    return mib


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
