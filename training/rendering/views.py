"""Views of many shapes, rendered by Blender into one folder: what was done is kept, the rest is rendered.

    OUT/settings.json        what all items share; another run with other settings is refused
    OUT/ITEM/07.png          RGBA, sRGB, straight alpha
    OUT/ITEM/07_silhouette.png
    OUT/ITEM/07.npz          depth (S, S) float32, forward from the eye in the fitted shape's units, 0 where nothing;
                             normals (S, S, 3) float16, in the shape's frame, turned to the eye, 0 where nothing
    OUT/ITEM/07.json         camera, how the shape was fitted, checksums; written last, it marks the view as done
    OUT/ITEM/manifest.json   the look, and checksums of all files; it marks the item as done

Every file is written beside its place and then moved there. The same settings give the same bytes on the same machine.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from inference.engine.channels import Facts
from inference.engine.killable import Limits
from inference.engine.pool import Pool
from inference.errors import BadRequestError, BonewrightError, Cancelled
from inference.files import written_whole

from .blender_process import Blender, about, ask_blender, blender_program
from .cameras import Camera, paper_cameras
from .items import Item, arrays_of, source_of
from .looks import random_look


@dataclass(frozen=True)
class Settings:
    """What decides the pictures."""

    size: int = 224
    """Pixels along each side."""
    engine: Literal["workbench", "cycles"] = "workbench"
    """Workbench is fast and has no shadows or patterns; Cycles has both."""
    samples: int = 16
    """Rays per pixel, for Cycles."""
    seed: int = 0
    """Of materials and lights."""
    smooth: float = 40.0
    """Degrees up to which edges are shaded smoothly; 0 shows every face."""
    materials: Literal["random", "own"] = "random"
    """Own keeps what .blend, .glb, .fbx, .usd and .obj files bring."""
    up: Literal["auto", "y", "z"] = "auto"
    """The files' upward axis; auto is y for .obj, and z or what the format says for the others."""
    turn: float = 0.0
    """Degrees by which files are turned about the upward axis so that they face -Y (ShapeNet in y-up .obj: 180)."""
    views: tuple[int, ...] = ()
    """Which of the cameras: 0-23 at elevation 0, 24-47 at elevation 30, by 15 degrees of azimuth; none names all."""


@dataclass(frozen=True)
class Record:
    """What became of an item."""

    name: str
    rendered: int = 0  # views
    kept: int = 0  # views that an earlier run had made
    error: str = ""
    seconds: float = 0.0
    note: str = ""  # what is not as it should be, though all views were made


@dataclass(frozen=True)
class Machine:
    """How the work is spread over this machine."""

    processes: int = 2
    """Blenders at once; with an address, over the whole cluster."""
    threads: int = 0
    """Of each Blender; 0 shares the processor among them."""
    blender: str = ""
    """Command that starts Blender; the bpy module when empty."""
    timeout_s: float = 300.0
    """A Blender that is silent for so long is ended."""

    def each(self) -> int:
        """Threads of one Blender."""
        return self.threads or max(1, (os.cpu_count() or 1) // self.processes)


def render_items(items: Sequence[Item], settings: Settings, out: Path, machine: Machine) -> Iterator[Record]:
    """Render what is missing with several Blenders; yields items as they are done, in any order."""
    with Pool[Facts, Facts](
        blender_program(machine.blender), min(machine.processes, len(items)), Limits(silence=machine.timeout_s)
    ) as pool:
        yield from pool.run(
            items, lambda blender, item: render_item(blender, item, settings, out, machine.each()), ordered=False
        )


def render_item(blender: Blender, item: Item, settings: Settings, out: Path, threads: int) -> Record:
    """One item; whatever is wrong with it or happens to Blender is told in the record."""
    started = time.perf_counter()
    rendered: list[str] = []  # names of views
    kept = 0
    folder = out / item.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob(".*.part.*"):  # of a run that was killed
            part.unlink(missing_ok=True)
        source = source_of(item)
        cameras = chosen_cameras(settings)
        done = {name for name in cameras if _is_done(folder, name, source)}
        kept = len(done)
        missing = {name: camera for name, camera in cameras.items() if name not in done}
        if missing:
            _render(blender, item, source, missing, settings, folder, threads, rendered.append)
        write_json(folder / "manifest.json", _manifest(folder, item, source, cameras, settings))
    except (BonewrightError, OSError) as error:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        if isinstance(error, Cancelled):
            raise
        return Record(item.name, len(rendered), kept, f"{item.source}: {error}", time.perf_counter() - started)
    version, denoises = about(blender) if rendered else ("", True)
    grainy = settings.engine == "cycles" and not denoises
    note = f"Blender {version} has no denoiser: Cycles' pictures are grainy." if grainy else ""
    return Record(item.name, len(rendered), kept, "", time.perf_counter() - started, note)


def check(settings: Settings) -> None:
    """Raises BadRequestError for what no picture can be made with."""
    for name, least, most in (("size", 1, 4096), ("samples", 1, 65536), ("seed", 0, 2**63), ("smooth", 0, 180)):
        value = getattr(settings, name)
        if not least <= value <= most:
            raise BadRequestError(f"The {name} {value} is out of range. Choose {least} to {most}.")
    if not math.isfinite(settings.turn):
        raise BadRequestError("The turn must be a number of degrees.")
    chosen_cameras(settings)


def claim(out: Path, settings: Settings) -> None:
    """Note the folder's settings. Raises BadRequestError if it holds views made with others."""
    path = out / "settings.json"
    wanted = json.loads(json.dumps(asdict(settings)))
    if not path.exists():
        write_json(path, wanted)
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise BadRequestError(f"'{path}' is damaged. Choose another folder, or empty this one.") from None
    other = [name for name in wanted if found.get(name) != wanted[name] and name != "views"]
    if other:
        told = ", ".join(f"{name} {found.get(name)} instead of {wanted[name]}" for name in other)
        raise BadRequestError(f"The views in '{out}' were made with {told}. Choose another folder, or empty this one.")


def chosen_cameras(settings: Settings) -> dict[str, Camera]:
    """Cameras by the names of their views. Raises BadRequestError."""
    every = paper_cameras(settings.size)
    if not set(settings.views) <= set(range(len(every))):
        raise BadRequestError(f"Views have numbers from 0 to {len(every) - 1}.")
    return {f"{number:02d}": every[number] for number in sorted(set(settings.views or range(len(every))))}


def camera_record(camera: Camera) -> dict[str, object]:
    """A camera for those who do not use this code; conventions are those of `cameras.py`."""
    matrices = {"intrinsics": camera.intrinsics.tolist(), "world_to_camera": camera.extrinsics.tolist()}
    return {**asdict(camera), **matrices, "axes": "x right, y down, z forward; pixel centres at + 0.5"}


def write_json(path: Path, content: object) -> None:
    """Atomically, with keys in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part:
        part.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _render(
    blender: Blender,
    item: Item,
    source: str,
    cameras: dict[str, Camera],
    settings: Settings,
    folder: Path,
    threads: int,
    told: Callable[[str], None],
) -> None:
    """Render views; `told` gets the name of each once its files are complete."""
    with tempfile.TemporaryDirectory(prefix="bonewright-views-") as scratch:
        mesh = arrays_of(item, keep_materials=settings.materials == "own")
        path = item.path if mesh is None else Path(scratch) / "shape.npz"
        assert path is not None
        if mesh is not None:
            np.savez(path, vertices=mesh.vertices, triangles=mesh.triangles)
        look = random_look(settings.seed, item.name)
        suffix = "" if item.path is None else item.path.suffix.lower()
        request = {
            **{key: getattr(settings, key) for key in ("smooth", "materials", "engine", "samples")},
            "path": str(path),
            "up": (("y" if suffix == ".obj" else "z") if settings.up == "auto" else settings.up) if suffix else "z",
            "turn": settings.turn if suffix else 0.0,
            "look": asdict(look),
            "threads": threads,
            "folder": str(folder.absolute()),
            "views": [{"name": name, "camera": asdict(camera)} for name, camera in cameras.items()],
        }
        fit: object = None

        def step(facts: Facts) -> None:
            nonlocal fit
            if "fit" in facts:
                fit = facts["fit"]
                return
            name, (version, denoises) = str(facts["view"]), about(blender)
            made: dict[str, object] = {"engine": settings.engine, "blender": version}
            if settings.engine == "cycles":
                made["denoised"] = denoises
            more = {"camera": camera_record(cameras[name]), "fit": fit, "files": facts["files"], "source": source}
            write_json(folder / f"{name}.json", {**made, **more})
            told(name)

        ask_blender(blender, request, step)


def _is_done(folder: Path, name: str, source: str) -> bool:
    """Whether a view is there, whole, and of the same source."""
    try:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return record["source"] == source and all(
            checksum(folder / file) == value for file, value in record["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _manifest(
    folder: Path, item: Item, source: str, cameras: dict[str, Camera], settings: Settings
) -> dict[str, object]:
    views = {}
    for name in cameras:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        views[name] = {**record["files"], f"{name}.json": checksum(folder / f"{name}.json")}
    look = asdict(random_look(settings.seed, item.name))
    return {"item": item.name, "from": item.source, "source": source, "look": look, "views": views}


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
