"""What is made of shapes: skeletons, signed distances, rigs, and all that generators know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inference.anatomy import Mesh
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.mesh.surface import unit_frame
from inference.rigging.standing.canonical import shape_in
from training.datasets.store.records import Frame, MeshRecord, Record, RigRecord, SkeletonPoints, Spheres, SurfacePoints
from training.shapes.making.sampling import surface_points

from .build import Recipe, Records
from .known import skeleton_of
from .meso_skeleton import POINTS, meso_skeleton
from .rigs import checked, in_unit_frame
from .sdf import BAND, RESOLUTION, Pieces, disn_samples, normalised_pieces, sdf_samples, sdf_volume
from .sources import Source
from .volumes import points_for, skeletal_volume


@dataclass(frozen=True)
class Skeletons(Recipe):
    """Surface points, points of curves and sheets, and skeletal volumes, in the unit frame."""

    points: int = POINTS  # on the skeleton, and as many on the surface
    volumes: tuple[int, ...] = ()  # resolutions, each stored as volume64, volume256, ...
    truth: bool = False  # take the skeleton that a generator knows instead of working it out from the mesh

    kind: ClassVar[str] = "skeletons"

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
class Sdf(Recipe):
    """Signed distances: surface points, samples near and far, samples in four bins, and the volume."""

    surface: int = 8_192  # points on the surface
    samples: int = 40_000  # half of them within `band` of the surface
    bins: int = 0  # samples in four equal bins within 0.1 of the surface, stored as sdf_bins
    resolution: int = RESOLUTION  # of the volume; 0 leaves it out
    band: float = BAND
    smoothing: int = 3  # rounds
    pieces: Pieces = "largest"  # the largest component, all as one shape, or each with numbers after the names

    kind: ClassVar[str] = "sdf"
    per_shard: ClassVar[int] = 32

    def make(self, source: Source, name: str) -> Records:
        """The records of one shape."""
        records: Records = []
        for place, (mesh, frame) in enumerate(normalised_pieces(source.mesh(name), self.smoothing, self.pieces)):
            of_piece: Records = [(frame, None), (surface_of(mesh, self.surface), None)]
            if self.samples:
                of_piece.append((sdf_samples(mesh, self.samples, band=self.band), None))
            if self.bins:
                of_piece.append((disn_samples(mesh, self.bins), "sdf_bins"))
            if self.resolution:
                of_piece.append((sdf_volume(mesh, self.resolution), None))
            records += [(record, _numbered(record, prefix, place)) for record, prefix in of_piece]
        return records


def _numbered(record: Record, prefix: str | None, place: int) -> str | None:
    """The prefix of what belongs to the piece of this number; the first one's have none of their own."""
    return prefix if place == 0 else f"{prefix or record.PREFIX}{place}"


@dataclass(frozen=True)
class Rigs(Recipe):
    """Meshes with bones and weights, in the unit frame."""

    kind: ClassVar[str] = "rigs"
    per_shard: ClassVar[int] = 256

    def make(self, source: Source, name: str) -> Records:
        """The records of one rig."""
        (mesh, armature, skin), frame = in_unit_frame(checked(source.rig(name)))
        return [(frame, None), (MeshRecord.of(mesh), None), (RigRecord.of(armature, skin), None)]


@dataclass(frozen=True)
class Truth(Recipe):
    """All that generators know: mesh, surface points, skeleton points, medial spheres, and the rig if there is one."""

    points: int = POINTS  # on the surface and on the skeleton

    kind: ClassVar[str] = "truth"

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
