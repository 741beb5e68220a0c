"""Time, stage by stage, and peak memory against the number of faces; every run in a fresh process."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

import igl
import numpy as np

from inference.anatomy import Mesh
from inference.engine.memory import peak_mib
from inference.pipelines.meshes import rig_mesh
from inference.progress import Progress
from inference.requests import RigOptions
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around

from .isolated import run_each
from .record import console, show

LIMIT_S = 300.0
MOST_DRAWN = 100_000  # faces that are drawn directly; more come from subdividing
FIGURES = {"person": person, "creature": creature}


@dataclass(frozen=True)
class Run:
    """One mesh, rigged once in a process that has done nothing else."""

    figure: str
    mesh: Mesh


@dataclass(frozen=True)
class Measured:
    """Seconds and memory of one run."""

    vertices: int
    faces: int
    seconds: float
    cpu_seconds: float
    stages: dict[str, float]  # seconds by what the progress said it was doing
    before_mib: float  # the process with the mesh and all imports
    peak_mib: float


def measure(run: Run) -> Measured:
    """Rig once, listening to the progress for the stages."""
    marks: list[tuple[float, str]] = []
    before = peak_mib()
    start, cpu = time.perf_counter(), time.process_time()
    rig_mesh(run.mesh, RigOptions(), Progress(lambda _, message: marks.append((time.perf_counter(), message))))
    end = time.perf_counter()
    return Measured(
        len(run.mesh.vertices),
        len(run.mesh.triangles),
        end - start,
        time.process_time() - cpu,
        _stages(marks, end),
        before,
        peak_mib(),
    )


COLUMNS = ("vertices", "faces", "s", "CPU s", "MiB before", "MiB peak", "exponent")


def scaling(faces: tuple[int, ...], repeats: int) -> list[dict[str, object]]:
    """Both figures at every size; prints the fastest of the repeats, and how the cost grows."""
    runs = [Run(figure, figure_mesh(figure, count)) for figure in FIGURES for count in faces]
    repeated = [run for run in runs for _ in range(repeats)]
    records: list[dict[str, object]] = []
    best: dict[int, Measured] = {}
    for place, outcome in enumerate(run_each(measure, repeated, LIMIT_S, fresh=True)):
        run = place // repeats
        if outcome.value is None:
            console.print(f"failed: {runs[run].figure} {len(runs[run].mesh.triangles)} faces: {outcome.reason}")
        elif run not in best or outcome.value.seconds < best[run].seconds:
            best[run] = outcome.value
    for figure in FIGURES:
        mine = [m for run, m in sorted(best.items()) if runs[run].figure == figure]
        rows = []
        for place, m in enumerate(mine):
            growth = _exponent(mine[place - 1], m) if place else None
            rows.append([str(m.vertices), m.faces, m.seconds, m.cpu_seconds, m.before_mib, m.peak_mib, growth])
            records.append({"figure": figure, **asdict(m)})
        show(f"Scaling: {figure} (fastest of {repeats}, each in a fresh process)", COLUMNS, rows)
        names = dict.fromkeys(stage for m in mine for stage in m.stages)
        stages = [[name, *(m.stages.get(name) for m in mine)] for name in names]
        show(f"Seconds by stage: {figure}", ("stage", *(f"{m.faces} faces" for m in mine)), stages)
    return records


def figure_mesh(figure: str, faces: int) -> Mesh:
    """A plain figure with about so many faces."""
    halvings = 0
    while faces / 4**halvings > MOST_DRAWN:
        halvings += 1
    sticks = FIGURES[figure]()
    coarse = mesh_around(sticks, 48)
    # The number of faces grows with the square of the resolution.
    mesh = mesh_around(sticks, max(8, round(48 * (faces / 4**halvings / len(coarse.triangles)) ** 0.5)))
    for _ in range(halvings):
        upsampled = igl.upsample(mesh.vertices, mesh.triangles.astype(np.int64))
        mesh = Mesh(np.asarray(upsampled[0], float), np.asarray(upsampled[1], np.int32))
    return mesh


def _stages(marks: list[tuple[float, str]], end: float) -> dict[str, float]:
    """Seconds from each message to the next; steps without a message belong to the one before."""
    named = [(when, message) for when, message in marks if message]
    spans: dict[str, float] = {}
    for (when, message), (after, _) in zip(named, [*named[1:], (end, "")], strict=True):
        spans[message] = spans.get(message, 0.0) + after - when
    return spans


def _exponent(smaller: Measured, larger: Measured) -> float:
    """1 is linear growth."""
    return float(np.log(larger.seconds / smaller.seconds) / np.log(larger.faces / smaller.faces))
