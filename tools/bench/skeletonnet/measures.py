"""What is measured of one surface: how far it is from the true one, its volume, its holes, its thin parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import igl
import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import Mesh
from training.datasets.packed.skeletal import SkeletalItem
from training.metrics.clouds import chamfer_squared
from training.metrics.skeleton import betti_of_surface, is_inside
from training.metrics.surfaces import sampled
from training.metrics.volumes import grid_iou, occupancy
from training.rendering.cameras import fit_mesh
from training.shapes.families import FAMILIES
from training.shapes.topology import betti_of_graph

SAMPLES = 10_000
THIN = 0.035  # distance from the middle of a part to its surface, of the longest side, below which it is thin
FOUND = 0.03  # a point of a thin part is there if the surface is so near or it lies inside
PRESENT = 0.8  # share of a shape's thin parts that must be there
FEWEST = 20  # points of thin parts from which a shape has any


@dataclass(frozen=True)
class Whole:
    """A shape as it stands before the cameras, and what is known of it."""

    mesh: Mesh
    points: np.ndarray  # (10,000, 3) of the surface
    cells: np.ndarray  # (64, 64, 64) bool
    shells: int
    handles: int | None
    thin: np.ndarray  # (N, 3) points in the middle of thin parts


@dataclass(frozen=True)
class Measured:
    """One surface held against the true one."""

    cd: float  # x1000
    iou: float  # x100
    shells: int
    handles: int
    thin: float | None  # share of the thin parts that are there; None where there are none

    @property
    def has_thin(self) -> bool:
        """The thin parts are there."""
        return self.thin is not None and self.thin >= PRESENT


@lru_cache(maxsize=200)
def whole_of(family: str, seed: int, curves: bytes) -> Whole:
    """The shape made again; `curves` are points of its skeleton, float32."""
    made = FAMILIES[family](seed)
    mesh = Mesh(fit_mesh(made.mesh)(made.mesh.vertices), made.mesh.triangles)
    along = np.frombuffer(curves, np.float32).reshape(-1, 3).astype(np.float64)
    away = np.zeros(0)
    if len(along):
        squared = igl.point_mesh_squared_distance(along, mesh.vertices, mesh.triangles.astype(np.int64))[0]
        away = np.sqrt(squared)
    pieces = betti_of_graph(len(mesh.vertices), mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2))[0]
    unused = len(mesh.vertices) - len(np.unique(mesh.triangles))
    thin = along[away < THIN] if len(along) else along
    return Whole(mesh, sampled(mesh, SAMPLES, 1)[0], occupancy(mesh), pieces - unused, made.genus, thin)


def truth(item: SkeletalItem) -> Whole:
    """Of an item."""
    return whole_of(item.views.family, item.views.seed, item.shape.curves.astype(np.float32).tobytes())


def measured(mesh: Mesh, true: Whole) -> Measured:
    """A surface without faces is a point, and empty."""
    if len(mesh.triangles) == 0:
        away = 1000 * chamfer_squared(np.zeros((1, 3)), true.points)
        return Measured(away, 0.0, 0, 0, 0.0 if len(true.thin) >= FEWEST else None)
    points = sampled(mesh, SAMPLES, 0)[0]
    shells, handles = betti_of_surface(mesh)
    thin = None
    if len(true.thin) >= FEWEST:
        near = KDTree(points).query(true.thin)[0] <= FOUND
        thin = float((near | is_inside(mesh, true.thin)).mean())
    return Measured(
        1000 * chamfer_squared(points, true.points), 100 * grid_iou(occupancy(mesh), true.cells), shells, handles, thin
    )
