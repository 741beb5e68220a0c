"""Shapes on the command line: generate, encode, decode, vary, blend and complete, written as .glb with their rig."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

from ...inference.engine.local import LocalBackend
from ...inference.engine.ticket import Ticket
from ...inference.errors import BadRequestError, BonewrightError
from ...inference.kinds import ALIASES
from ...inference.requests import (
    BlendJob,
    CompleteJob,
    DecodeJob,
    Device,
    EncodeJob,
    GenerateJob,
    Job,
    RigOptions,
    ShapeOptions,
    VaryJob,
)
from .arguments import add_fields, field_texts, request_from
from .terminal import exit_code

if TYPE_CHECKING:
    from ...inference.anatomy import Mesh, Shape, SkeletalLatent

LATENT, RIGGED = ".npz", ".glb"
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Made:
    """One file to write: its name where a folder was asked for, and what is in it."""

    name: str
    shape: Shape | None
    latent: SkeletalLatent


@dataclass(frozen=True)
class Work:
    """What is done in one go, and how many files come of it."""

    names: tuple[str, ...]
    do: Callable[[], Iterator[Made]]


def shapes_command(verb: str, arguments: Sequence[str], program: str) -> int:
    """Do `verb`; 0 only if every shape was written."""
    asked = _parser(verb, program).parse_args(arguments)
    return exit_code(program, lambda: _carry_out(VERBS[verb].works(asked), asked))


def _carry_out(works: Sequence[Work], asked: argparse.Namespace) -> int:
    """Write what each work gives; one that fails does not keep the others from being done."""
    suffix = LATENT if asked.latents_only else RIGGED
    names = [name for work in works for name in work.names]
    if asked.out.suffix.lower() in (LATENT, RIGGED):
        if asked.out.suffix.lower() != suffix or len(names) != 1:
            raise BadRequestError(f"{len(names)} {suffix} come of this. Give a folder, or one file that ends so.")
        targets = {names[0]: asked.out}
    else:
        targets = {name: asked.out / f"{name}{suffix}" for name in names}
    if len(targets) != len(names):
        raise BadRequestError("Two inputs have the same name. Give each a folder of its own.")
    for target in targets.values():
        if target.exists() and not asked.force:
            raise BadRequestError(f"'{target}' exists. Add --force to overwrite it.")
    failed = 0
    for work in works:
        try:
            for made in work.do():
                print(_write(made, targets[made.name], asked), flush=True)
        except BadRequestError:
            raise
        except BonewrightError as error:
            failed += 1
            print(f"{', '.join(work.names)}: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def _write(made: Made, target: Path, asked: argparse.Namespace) -> str:
    """Write it, and say what it is."""
    from ...inference.pipelines.files import write_latent, write_shape

    if made.shape is None or asked.latents:
        write_latent(made.latent, target.with_suffix(LATENT))
    if made.shape is None:
        return f"{target}: {len(made.latent.radii)} skeleton points"
    write_shape(made.shape, target)
    rig, faces = made.shape.rig, len(made.shape.surface.triangles)
    bones = f"{len(rig.armature.names)} bones, {rig.report.verdict}" if rig is not None else made.shape.trouble
    return f"{target}: {faces} faces, {bones}"


def _ask(job: Job[ResultT], name: str) -> ResultT:
    """Do the job here; tell how far it is where somebody watches."""
    watched = sys.stderr.isatty()

    def watch(ticket: Ticket[object]) -> None:
        if watched:
            print(f"\r\033[K{name}: {ticket.fraction:4.0%} {ticket.message}", end="", file=sys.stderr, flush=True)

    try:
        return LocalBackend().ask(job, watch).result()
    finally:
        if watched:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _of(path: Path) -> Mesh | SkeletalLatent:
    """What a file holds: a mesh, or a latent that was written here."""
    from ...inference.pipelines.files import read_latent, read_mesh

    return read_latent(path) if path.suffix.lower() == LATENT else read_mesh(path)


def _mesh(path: Path) -> Mesh:
    from ...inference.pipelines.files import read_mesh

    if path.suffix.lower() == LATENT:
        raise BadRequestError(f"'{path.name}' is a latent already. Use 'decode'.")
    return read_mesh(path)


def _options(asked: argparse.Namespace) -> ShapeOptions:
    rig = replace(request_from(asked, RigOptions), seed=0)
    return ShapeOptions(asked.resolution, asked.guidance, rig)


def _row(name: str, count: int) -> tuple[str, ...]:
    return (name,) if count == 1 else tuple(f"{name}_{number}" for number in range(1, count + 1))


def _shapes(shapes: Sequence[Shape], names: Sequence[str]) -> Iterator[Made]:
    for shape, name in zip(shapes, names, strict=True):
        yield Made(name, shape, shape.latent)


def _generate(asked: argparse.Namespace) -> list[Work]:
    names = _row(f"{asked.category.replace(' ', '_')}_{asked.seed}", asked.count)
    job = GenerateJob(asked.category, asked.seed, asked.count, _options(asked))
    return [Work(names, lambda: _shapes(_ask(job, asked.category), names))]


def _vary(asked: argparse.Namespace) -> list[Work]:
    def work(path: Path) -> Work:
        names = _row(f"{path.stem}_varied", asked.count)
        more = (asked.strength, asked.seed, asked.count, asked.category, _options(asked))
        return Work(names, lambda: _shapes(_ask(VaryJob(_of(path), *more), path.name), names))

    return [work(path) for path in asked.input]


def _blend(asked: argparse.Namespace) -> list[Work]:
    first, second = asked.first, asked.second
    names = {f"{first.stem}_{second.stem}_{100 * share:03.0f}": share for share in asked.share}

    def blended() -> Iterator[Made]:
        ends = _of(first), _of(second)
        for name, share in names.items():
            made = _ask(BlendJob(*ends, share, _options(asked)), name)
            ends = made.first, made.second
            yield Made(name, made.shape, made.shape.latent)

    return [Work(tuple(names), blended)]


def _complete(asked: argparse.Namespace) -> list[Work]:
    def work(path: Path) -> Work:
        name = f"{path.stem}_complete"
        return Work((name,), lambda: _shapes([_ask(CompleteJob(_mesh(path), _options(asked)), path.name)], [name]))

    return [work(path) for path in asked.input]


def _encode(asked: argparse.Namespace) -> list[Work]:
    def encoded(path: Path) -> Iterator[Made]:
        yield Made(path.stem, None, _ask(EncodeJob(_mesh(path), asked.device), path.name))

    return [Work((path.stem,), lambda path=path: encoded(path)) for path in asked.input]


def _decode(asked: argparse.Namespace) -> list[Work]:
    def work(path: Path) -> Work:
        from ...inference.pipelines.files import read_latent

        return Work(
            (path.stem,), lambda: _shapes([_ask(DecodeJob(read_latent(path), _options(asked)), path.name)], [path.stem])
        )

    return [work(path) for path in asked.input]


@dataclass(frozen=True)
class Verb:
    """What a word on the command line does."""

    about: str
    works: Callable[[argparse.Namespace], list[Work]]
    inputs: str  # what it takes


VERBS = {
    "generate": Verb("New shapes of a category, with their rigs.", _generate, "category"),
    "vary": Verb("Shapes like those in files, with their rigs.", _vary, "shapes"),
    "blend": Verb("Shapes between two, with their rigs.", _blend, "pair"),
    "complete": Verb("Closed shapes of meshes with holes, noise or inner faces, with their rigs.", _complete, "meshes"),
    "encode": Verb("Meshes to skeletal latents, .npz files.", _encode, "meshes"),
    "decode": Verb("Skeletal latents to shapes, with their rigs.", _decode, "latents"),
}


def _parser(verb: str, program: str) -> argparse.ArgumentParser:
    about = VERBS[verb]
    parser = argparse.ArgumentParser(
        prog=program,
        description=about.about,
        epilog="Exit code: 0 if every shape was written, 1 if one failed, 2 if the request makes no sense.",
    )
    if about.inputs == "category":
        parser.add_argument("category", help="what to make; a word that is unknown has the known ones listed")
    elif about.inputs == "pair":
        for name in ("first", "second"):
            parser.add_argument(name, type=Path, help="a mesh, or a latent that 'encode' or --latents wrote (.npz)")
        parser.add_argument(
            "--share",
            type=_shares,
            default=(0.5,),
            metavar="S[,S]",
            help="where between them, 0 the first, 1 the second; a file for each (default: 0.5)",
        )
    else:
        known = {"shapes": "meshes or latents (.npz)", "meshes": "meshes", "latents": "latents (.npz)"}[about.inputs]
        parser.add_argument("input", nargs="+", type=Path, help=f"{known}: glb, gltf, obj, ply, stl, off")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the file to write, or a folder for the results")
    parser.add_argument("--force", action="store_true", help="overwrite results that exist")
    parser.set_defaults(latents_only=verb == "encode", latents=False)
    if verb in ("generate", "vary"):
        texts = field_texts(VaryJob) | field_texts(GenerateJob)
        parser.add_argument("--count", type=int, default=1, metavar="N", help="how many to make (default: 1)")
        parser.add_argument("--seed", type=int, default=0, metavar="N", help=f"{texts['seed']} (default: 0)")
        if verb == "vary":
            parser.add_argument("--strength", type=float, default=0.4, help=f"{texts['strength']} (default: 0.4)")
            parser.add_argument("--category", default="", help=texts["category"])
    if verb == "encode":
        text = field_texts(RigOptions)["device"]
        parser.add_argument("--device", default="auto", choices=get_args(Device), help=f"{text} (default: auto)")
    else:
        parser.add_argument("--latents", action="store_true", help="write the skeletal latents too, as .npz")
        add_fields(parser, ShapeOptions, {}, "how to draw", leave_out=("rig",))
        add_fields(parser, RigOptions, ALIASES, leave_out=("seed",))
        if verb not in ("generate", "vary"):
            parser.set_defaults(seed=0)
    return parser


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no share between 0 and 1, as 0.5 or 0.25,0.75 are") from None
