"""What surfaces of pictures cost: seconds from the picture to surface and rig, and memory, each in a fresh process."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh
from inference.images.outline import draw_mesh
from inference.images.surfaces.cameras import Looking
from inference.pipelines.pictures import rig_images
from inference.requests import ImageOptions, Surface
from tools.bench.isolated import run_each
from tools.drawing.pictures import read_picture

from ..record import console, show

LIMIT_S = 600.0
SIDE = 512  # pixels of the picture that is drawn where none is named


@dataclass(frozen=True)
class Spent:
    """One way, after a first run that loads everything."""

    first_s: float  # with what is loaded and imported
    again_s: float
    megabytes: float  # the most that the process held
    faces: int
    bones: int


def surface_costs(picture: Path | None, surfaces: Sequence[Surface], details: Sequence[int]) -> list[dict[str, object]]:
    """Each surface at each detail."""
    ways: list[tuple[Surface, int]] = [(surface, detail) for surface, detail in product(surfaces, details)]
    ways = [way for way in ways if way[0] != "spheres" or way[1] == details[0]]  # spheres have no detail
    found: list[dict[str, object]] = []
    outcomes = run_each(partial(_spend, None if picture is None else str(picture)), ways, LIMIT_S, fresh=True)
    for (surface, detail), outcome in zip(ways, outcomes, strict=True):
        if outcome.value is None:
            console.print(f"{surface} at {detail}: {outcome}")
            continue
        found.append({"surface": surface, "detail": detail, **asdict(outcome.value)})
    rows = [list(each.values()) for each in found]
    columns = ("surface", "detail", "first s", "again s", "peak MB", "faces", "bones")
    show("From a picture to surface and rig", columns, rows)  # pyright: ignore[reportArgumentType] cells, as asdict has them
    return found


def _spend(picture: str | None, way: tuple[Surface, int]) -> Spent:
    surface, detail = way
    pixels = _chair() if picture is None else read_picture(Path(picture))[0]
    options = ImageOptions(surface=surface, detail=detail)
    start = time.perf_counter()
    rig_images((pixels,), options)
    again = time.perf_counter()
    made = rig_images((pixels,), options)
    end = time.perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Spent(again - start, end - again, most, len(made.surface.triangles), len(made.rig.armature.names))


def _chair() -> np.ndarray:
    """A picture of a chair kept for evaluation, all of one colour."""
    from training.datasets.packed.views import VAL_SEEDS
    from training.rendering.cameras import fitted
    from training.shapes.families import FAMILIES

    mesh = fitted(FAMILIES["chair"](VAL_SEEDS).mesh)
    a, e = np.radians([30.0, 20.0])
    eye = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    camera = Looking(np.stack([right, np.cross(-eye, right), -eye]), 1.0, np.zeros(2))
    picture = np.zeros((SIDE, SIDE, 4), np.uint8)
    picture[draw_mesh(Mesh(camera.seen(mesh.vertices), mesh.triangles), SIDE)] = (140, 110, 80, 255)
    return picture
