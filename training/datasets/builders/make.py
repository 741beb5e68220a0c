"""A source of shapes and something to make of each -> a dataset on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from inference.anatomy import Mesh
from inference.engine.killable import Limits
from inference.engine.pool import run_calls
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import unit_frame
from inference.rigging.standing.canonical import shape_in
from training.datasets.store.folder import Writer
from training.datasets.store.index import Plan, Skipped
from training.datasets.store.records import (
    Frame,
    MeshRecord,
    Record,
    RigRecord,
    SkeletonPoints,
    Spheres,
    SurfacePoints,
    write_record,
)
from training.datasets.store.shards import Item
from training.shapes.making.sampling import surface_points

from .known import skeleton_of
from .meso_skeleton import POINTS, meso_skeleton
from .rigs import checked, in_unit_frame
from .sdf import BAND, RESOLUTION, disn_samples, normalised, sdf_samples, sdf_volume
from .sources import Source
from .volumes import points_for, skeletal_volume

Records = list[tuple[Record, str | None]]  # each with its prefix, None for its own


@dataclass(frozen=True)
class Skeletons:
    """Surface points, points of curves and sheets, and skeletal volumes, in the unit frame."""

    points: int = POINTS  # on the skeleton, and as many on the surface
    volumes: tuple[int, ...] = ()  # resolutions, each stored as volume64, volume256, ...
    truth: bool = False  # take the skeleton that a generator knows instead of working it out from the mesh

    kind = "skeletons"
    version = 1
    per_shard = 64

    def make(self, source: Source, name: str) -> Records:
        """The records of one shape."""
        most = max([self.points, *(points_for(resolution) for resolution in self.volumes)])
        if self.truth:
            shape = source.known(name)
            mesh, frame = shape.mesh, Frame(np.zeros(3), 1.0)
            dense = skeleton_of(shape, most)
        else:
            mesh, frame = unit_mesh(source.mesh(name))
            dense = meso_skeleton(mesh, most)
        records: Records = [(frame, None), (surface_of(mesh, self.points), None)]
        records.append((thinned(dense, self.points), None))
        records += [(skeletal_volume(dense.points, r), f"volume{r}") for r in self.volumes]
        return records


@dataclass(frozen=True)
class Sdf:
    """Signed distances: surface points, samples near and far, samples in four bins, and the volume."""

    surface: int = 8_192  # points on the surface
    samples: int = 40_000  # half of them within `band` of the surface
    bins: int = 0  # samples in four equal bins within 0.1 of the surface, stored as sdf_bins
    resolution: int = RESOLUTION  # of the volume; 0 leaves it out
    band: float = BAND
    smoothing: int = 3  # rounds

    kind = "sdf"
    version = 1
    per_shard = 32

    def make(self, source: Source, name: str) -> Records:
        """The records of one shape."""
        mesh, frame = normalised(source.mesh(name), self.smoothing)
        records: Records = [(frame, None), (surface_of(mesh, self.surface), None)]
        if self.samples:
            records.append((sdf_samples(mesh, self.samples, band=self.band), None))
        if self.bins:
            records.append((disn_samples(mesh, self.bins), "sdf_bins"))
        if self.resolution:
            records.append((sdf_volume(mesh, self.resolution), None))
        return records


@dataclass(frozen=True)
class Rigs:
    """Meshes with bones and weights, in the unit frame."""

    kind = "rigs"
    version = 1
    per_shard = 256

    def make(self, source: Source, name: str) -> Records:
        """The records of one rig."""
        (mesh, armature, skin), frame = in_unit_frame(checked(source.rig(name)))
        return [(frame, None), (MeshRecord.of(mesh), None), (RigRecord.of(armature, skin), None)]


@dataclass(frozen=True)
class Truth:
    """All that generators know: mesh, surface points, skeleton points, medial spheres, and the rig if there is one."""

    points: int = POINTS  # on the surface and on the skeleton

    kind = "truth"
    version = 1
    per_shard = 64

    def make(self, source: Source, name: str) -> Records:
        """The records of one shape."""
        shape = source.known(name)
        records: Records = [
            (MeshRecord.of(shape.mesh), None),
            (surface_of(shape.mesh, self.points), None),
            (Spheres.of(shape.spheres), None),
        ]
        if shape.curves or shape.sheets:
            records.append((skeleton_of(shape, self.points), None))
        if shape.rig is not None:
            records.append((RigRecord.of(shape.rig.armature, shape.rig.skin), None))
        return records


Recipe = Skeletons | Sdf | Rigs | Truth


@dataclass(frozen=True)
class Maker:
    """Makes the item of a name; an item that cannot be made says why."""

    source: Source
    recipe: Recipe

    def __call__(self, name: str) -> Item | Skipped:
        """In whatever process this is called."""
        try:
            arrays: dict[str, np.ndarray] = {}
            for record, prefix in self.recipe.make(self.source, name):
                arrays |= write_record(record, prefix)
            return Item(name, arrays, self.source.labels(name))
        except Exception as problem:  # whatever a file holds: the item is named, the build goes on
            return Skipped(name, f"{type(problem).__name__}: {problem}")


@dataclass(frozen=True)
class Built:
    """What became of a build."""

    items: int  # made now
    skipped: tuple[Skipped, ...]  # now
    kept: int  # shards that were there before


def build(
    folder: Path,
    source: Source,
    recipe: Recipe,
    *,
    processes: int = 0,
    limit_s: float = 600.0,
    per_shard: int | None = None,
    told: Callable[[Item | Skipped], None] = lambda _: None,
) -> Built:
    """Build a dataset or go on with one; the bytes do not depend on the number of processes or on interruptions."""
    plan = plan_of(source, recipe, per_shard)
    made, skipped = 0, []
    with Writer(folder, plan) as writer:
        missing = writer.missing
        names = [plan.names[place] for shard in missing for place in plan.places(shard)]
        answers = _answers(Maker(source, recipe), names, processes, limit_s)
        for shard in missing:
            results: list[Item | Skipped] = []
            for result in islice(answers, len(plan.places(shard))):
                results.append(result)
                told(result)
            writer.commit(shard, results)
            skipped += [result for result in results if isinstance(result, Skipped)]
            made += sum(isinstance(result, Item) for result in results)
        answers.close()
    return Built(made, tuple(skipped), plan.shard_count - len(missing))


def _answers(
    maker: Maker, names: Sequence[str], processes: int, limit_s: float
) -> Generator[Item | Skipped, None, None]:
    """What becomes of each name, in order; with 0 processes everything happens in this one, without limit."""
    if processes == 0:
        yield from map(maker, names)
        return
    outcomes = run_calls(maker, names, processes, Limits(limit_s))
    with contextlib.closing(outcomes):
        for name, outcome in zip(names, outcomes, strict=True):
            yield Skipped(name, outcome.error) if outcome.value is None else outcome.value


def plan_of(source: Source, recipe: Recipe, per_shard: int | None = None) -> Plan:
    """What a build of this recipe will hold."""
    options: Mapping[str, object] = asdict(recipe)
    settings = {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}
    return Plan(recipe.kind, source.names, {**settings, "version": recipe.version}, per_shard or recipe.per_shard)


def unit_mesh(mesh: Mesh) -> tuple[Mesh, Frame]:
    """Cleaned, its box centred, the longest side 1."""
    cleaned, _ = clean_mesh(mesh)
    frame = unit_frame(cleaned)
    corners = frame.points_out(np.array([[0.0, 0, 0], [1.0, 0, 0]]))
    return shape_in(frame, cleaned), Frame(corners[0], float(np.linalg.norm(corners[1] - corners[0])))


def surface_of(mesh: Mesh, count: int, seed: int = 0) -> SurfacePoints:
    """Points spread evenly over the surface."""
    return SurfacePoints(*surface_points(mesh, count, np.random.default_rng([0x5F0, seed])))


def thinned(skeleton: SkeletonPoints, count: int) -> SkeletonPoints:
    """`count` of the points, spread over the order they were drawn in."""
    chosen = np.arange(count) * len(skeleton.points) // count
    return SkeletonPoints(skeleton.points[chosen], skeleton.radii[chosen], skeleton.sheet[chosen])
