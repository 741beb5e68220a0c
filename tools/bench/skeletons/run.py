"""Centre lines beside other skeletonisers: coverage, inside, topology and time, all in the same run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, median

import trimesh

from inference.anatomy import Mesh
from inference.geometry.mesh.surface import sample_surface, unit_frame
from inference.pipelines.meshes import curve_skeleton, medial_spheres
from training.datasets.rigged_glb import list_assets, read_rigged
from training.metrics.skeleton import SURFACE_SAMPLES, Curves, CurveScore, covered_share, score_curves
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around
from training.shapes.topology import known_solids

from ..isolated import run_each
from ..record import console, show
from .peers import PEERS, is_installed

OURS = "Bonewright"
LIMIT_S = 120.0


@dataclass(frozen=True)
class Sample:
    """A watertight mesh in the unit frame, and its Betti numbers where they are known."""

    name: str
    group: str  # known solids, figures, assets
    mesh: Mesh
    components: int | None = None
    loops: int | None = None


@dataclass(frozen=True)
class Task:
    """One skeletoniser on one mesh."""

    who: str
    sample: Sample


@dataclass
class Record:
    """What one skeletoniser made of one mesh."""

    who: str
    mesh: str
    seconds: list[float] = field(default_factory=list)
    score: CurveScore | None = None
    right: bool = False  # components and loops
    error: str = ""


def ours(mesh: Mesh) -> Curves:
    """Bonewright, from the mesh alone."""
    found = curve_skeleton(mesh)
    return Curves(found.points, found.edges)


def spheres_coverage(mesh: Mesh) -> tuple[float, int]:
    """Share of the surface that our medial spheres cover, and how many they are."""
    spheres = medial_spheres(mesh)
    samples, _ = sample_surface(mesh, SURFACE_SAMPLES, seed=1)
    return covered_share(spheres.centres, spheres.radii, samples), len(spheres.radii)


def find_curves(task: Task) -> Curves:
    """What is timed, in a process of its own; the imports of the package are not."""
    return ours(task.sample.mesh) if task.who == OURS else PEERS[task.who][1](task.sample.mesh)


def samples(folder: Path, limit: int | None) -> list[Sample]:
    """Known solids, plain figures at two resolutions, and every watertight one-piece asset of the val split."""
    found = [Sample(s.name, "known solids", _unit(s.mesh), s.components, s.loops) for s in known_solids(64)]
    found = [s for s in found if s.name != "hollow ball"]
    for name, sticks in (("person", person()), ("creature", creature())):
        found += [Sample(f"{name} {n}", "figures", _unit(mesh_around(sticks, n)), 1, 0) for n in (50, 150)]
    for listing in list_assets(folder) if folder.exists() else []:
        if listing.split == "val" or listing.kind == "quadruped":
            mesh = read_rigged(listing).mesh
            surface = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
            if surface.is_watertight and surface.body_count == 1 and surface.volume > 0:
                # Their parts run through each other, so the surface's handles say nothing of the solid's loops.
                found.append(Sample(listing.name, "assets", _unit(mesh)))
    return found[:limit]


def compare(folder: Path, limit: int | None = None, repeats: int = 3, *, peers: bool = True) -> dict[str, object]:
    """Run everybody on every mesh, turn by turn, and print the table by group."""
    everyone = [OURS, *(name for name, (module, _) in PEERS.items() if peers and is_installed(module))]
    missing = [name for name, (module, _) in PEERS.items() if not is_installed(module)]
    meshes = samples(folder, limit)
    tasks = [Task(who, sample) for sample in meshes for _ in range(repeats) for who in everyone]
    records = {(task.who, task.sample.name): Record(task.who, task.sample.name) for task in tasks}
    for task, outcome in zip(tasks, run_each(find_curves, tasks, LIMIT_S), strict=True):
        record = records[task.who, task.sample.name]
        record.seconds.append(outcome.seconds)
        if outcome.value is None:
            record.error = outcome.reason
        elif record.score is None:
            record.score = score_curves(outcome.value, task.sample.mesh)
            record.right = _topology_right(record.score, task.sample)
    for group in ("known solids", "figures", "assets"):
        members = [s for s in meshes if s.group == group]
        if members:
            sizes = [len(s.mesh.vertices) for s in members]
            title = f"{group}: {len(members)} watertight meshes of {min(sizes)} to {max(sizes)} vertices"
            show(title, COLUMNS, [_row(who, members, records) for who in everyone])
    for name in missing:
        console.print(f"{name}: not installed")
    covers = run_each(spheres_coverage, [s.mesh for s in meshes], LIMIT_S)
    spheres = {s.name: outcome.value or (0.0, 0) for s, outcome in zip(meshes, covers, strict=True)}
    show(
        "Medial spheres",
        ("mesh", "coverage", "spheres"),
        [["mean of all", mean(c for c, _ in spheres.values()), mean(n for _, n in spheres.values())]]
        + [[f"{name} (below 0.95)", c, n] for name, (c, n) in spheres.items() if c < 0.95],
    )
    return {"curves": [asdict(r) for r in records.values()], "not installed": missing, "spheres": spheres}


COLUMNS = ("skeletoniser", "failed", "coverage", "inside", "worst inside", "topology right", "s (median)", "times ours")


def _row(who: str, members: list[Sample], records: dict[tuple[str, str], Record]) -> list[str | float | int]:
    """A failure covers nothing, is not inside and has the wrong topology."""
    mine = [records[who, s.name] for s in members]
    coverage = [r.score.coverage if r.score else 0.0 for r in mine]
    inside = [r.score.inside if r.score else 0.0 for r in mine]
    ratio = [median(r.seconds) / median(records[OURS, s.name].seconds) for r, s in zip(mine, members, strict=True)]
    return [
        who,
        sum(r.score is None for r in mine),
        mean(coverage),
        mean(inside),
        min(inside),
        f"{sum(r.right for r in mine)} of {len(mine)}" if members[0].loops is not None else "-",
        median(median(r.seconds) for r in mine),
        median(ratio),
    ]


def _topology_right(score: CurveScore, sample: Sample) -> bool:
    return (score.components, score.cycles) == (sample.components, sample.loops)


def _unit(mesh: Mesh) -> Mesh:
    return unit_frame(mesh).into(mesh)
