"""What the geometric core makes of every rigged asset: the input of the network that corrects it.

In the frame of `packed_surfaces` (Z up, facing -Y, longest side 1, box centred). Made by
`python -m training.datasets.packed.guesses`; with `--generated N` also for N shapes of every family of characters.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh
from inference.errors import BonewrightError
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from training.shapes.shape import KnownShape

from ..rigged_glb import Listing, list_assets, read_rigged
from .surfaces import PackedAsset, pack_listing, pack_shape, write_packed

VERSION = "bonewright guesses 1"
POINTS = 4096  # of each generated shape's surface
FLOATS = ("heads", "tails", "rolls", "confidence", "radii")
UNBOUND = RigOptions(bind=False, method="geometric")


@dataclass(frozen=True)
class Options:
    """Where from, where to, and how many generated shapes."""

    data: Path = Path("../shared/data")
    """Folder with SOURCES.csv."""
    out: Path = Path("out/guesses.safetensors")
    """Armatures by asset name."""
    shapes: Path = Path("out/characters.safetensors")
    """Surfaces of the generated shapes, in the format of packed_surfaces."""
    generated: int = 0
    """Shapes of every family of characters."""
    processes: int = 2
    """Side by side."""


def guess_listing(listing: Listing) -> tuple[str, Armature | None]:
    """The core's armature of a library's asset in the packed frame, or None where it finds none."""
    asset = read_rigged(listing)
    packed = pack_listing(listing, 16)
    armature = _armature(asset.mesh)
    if armature is None:
        return asset.name, None
    return asset.name, _moved(armature, asset.joints, packed)


def guess_shape(shape: KnownShape) -> tuple[PackedAsset, Armature | None]:
    """A generated shape, packed, and the core's armature of it."""
    packed = pack_shape(shape, POINTS)
    armature = _armature(shape.mesh)
    assert shape.rig is not None
    return packed, None if armature is None else _moved(armature, shape.rig.armature.heads, packed)


def _armature(mesh: Mesh) -> Armature | None:
    try:
        return rig_mesh(mesh, UNBOUND).armature
    except BonewrightError:
        return None


def _moved(armature: Armature, joints: np.ndarray, packed: PackedAsset) -> Armature:
    """From the source's frame into the packed one: the move that brings the source's joints onto the packed ones."""
    turn, shift = _fitted(joints, packed.heads.astype(float) * packed.size)
    heads, tails = ((points @ turn.T + shift) / packed.size for points in (armature.heads, armature.tails))
    return Armature(
        armature.names,
        armature.parents,
        heads,
        tails,
        armature.rolls,
        armature.connected,
        armature.confidence,
        armature.deform,
        armature.radii / packed.size,
        armature.kind,
    )


def _fitted(points: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The turn about Z and the shift that bring points (N, 3) onto targets (N, 3)."""
    from_middle, to_middle = points.mean(0), targets.mean(0)
    a, b = points - from_middle, targets - to_middle
    angle = np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a[:, :2] * b[:, :2]).sum())
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])
    return turn, to_middle - turn @ from_middle


def write_guesses(path: Path, guesses: Iterable[tuple[str, Armature | None]]) -> None:
    """All in one file; a killed writer leaves none."""
    from safetensors.numpy import save_file

    kept = [(name, armature) for name, armature in guesses if armature is not None]
    arrays: dict[str, np.ndarray] = {
        field: np.concatenate([getattr(armature, field) for _, armature in kept]).astype(np.float32) for field in FLOATS
    }
    arrays["parents"] = np.concatenate([armature.parents for _, armature in kept]).astype(np.int32)
    for field in ("connected", "deform"):
        arrays[field] = np.concatenate([getattr(armature, field) for _, armature in kept]).astype(np.uint8)
    about = [{"name": name, "kind": armature.kind, "bones": armature.names} for name, armature in kept]
    check = zlib.crc32(b"".join(arrays[name].tobytes() for name in sorted(arrays)))
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".half")
    save_file(arrays, half, {"format": VERSION, "assets": json.dumps(about), "crc32": str(check)})
    os.replace(half, path)


def read_guesses(path: Path) -> dict[str, Armature]:
    """By asset name. A damaged file is a ValueError that names it."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy") as file:
            about = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dictionary
    except SafetensorError as error:
        raise ValueError(f"'{path}' is damaged ({error}). Make it anew.") from error
    check = zlib.crc32(b"".join(arrays[name].tobytes() for name in sorted(arrays)))
    if about.get("format") != VERSION or about.get("crc32") != str(check):
        raise ValueError(f"'{path}' is damaged or of another version. Make it anew.")
    found, first = {}, 0
    for entry in json.loads(about["assets"]):
        part = slice(first, first + len(entry["bones"]))
        first = part.stop
        floats = {field: arrays[field][part].astype(np.float64) for field in FLOATS}
        found[entry["name"]] = Armature(
            names=tuple(entry["bones"]),
            parents=arrays["parents"][part],
            connected=arrays["connected"][part].astype(bool),
            deform=arrays["deform"][part].astype(bool),
            kind=entry["kind"],
            **floats,
        )
    return found


def _generated(job: tuple[str, int]) -> tuple[PackedAsset, Armature | None]:
    from training.shapes.families import GROUPS
    from training.shapes.humans import human

    name, seed = job
    return guess_shape((GROUPS["characters"] | {"human": human})[name](seed))


def make(options: Options) -> Iterator[str]:
    """Both files; yields what was done, for people."""
    from training.shapes.families import GROUPS

    listings = list_assets(options.data)
    people = ["human"] if (options.data / "humans.npz").exists() else []
    jobs = [(name, seed) for seed in range(options.generated) for name in (*GROUPS["characters"], *people)]
    with ProcessPoolExecutor(options.processes) as pool:
        made = list(pool.map(_generated, jobs, chunksize=2))
        guesses = list(pool.map(guess_listing, listings, chunksize=4))
    if made:
        write_packed(options.shapes, (packed for packed, _ in made))
        yield f"{options.shapes}: {len(made)} shapes"
    write_guesses(options.out, [*guesses, *((packed.name, armature) for packed, armature in made)])
    failed = [name for name, armature in guesses if armature is None]
    yield f"{options.out}: {len(guesses) + len(made)} shapes; without an armature: {', '.join(failed) or 'none'}"


def main() -> None:
    """The command."""
    import tyro

    for line in make(tyro.cli(Options)):
        print(line)


if __name__ == "__main__":
    main()
