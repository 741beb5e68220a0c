"""MedialMesh -> Mesh: the surface that its spheres, cones and slabs have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import Grid, MedialMesh, Mesh
from ...progress import SILENT, Progress
from ..contour import contour
from ..solid.gaps import Gaps, close_gaps
from .slabs import Slabs

COARSEST = 8  # grid points along the first blocks; only those that the surface may cross are halved, down to one point
CHUNK = 40_000  # points measured at a time: so many stay in the processor's cache
MARGIN = 2  # empty grid points around the shape
HALVES = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])


@dataclass(frozen=True)
class _FieldGrid:
    """Blocks of grid points."""

    origin: np.ndarray  # (3,) the first grid point
    spacing: float  # between grid points
    shape: tuple[int, int, int]  # blocks along each axis
    size: int  # grid points along a block's edge

    @property
    def reach(self) -> float:
        """From the middle of a block to its farthest grid point."""
        return self.spacing * (self.size - 1) / 2 * 3**0.5

    def middles(self, blocks: np.ndarray) -> np.ndarray:
        places = np.stack(np.unravel_index(blocks, self.shape), 1)
        return self.origin + self.spacing * (places * self.size + (self.size - 1) / 2)

    def halved(self) -> _FieldGrid:
        x, y, z = self.shape
        return _FieldGrid(self.origin, self.spacing, (2 * x, 2 * y, 2 * z), self.size // 2)

    def halves(self, blocks: np.ndarray) -> np.ndarray:
        """The eight blocks of the halved grid in each block (N,), (N, 8)."""
        x, y, z = np.unravel_index(blocks, self.shape)
        _, ny, nz = self.halved().shape
        corner = (2 * x * ny + 2 * y) * nz + 2 * z
        return corner[:, None] + HALVES @ np.array([ny * nz, nz, 1])


def envelope(mesh: MedialMesh, *, resolution: int = 128, gaps: Gaps | None = None, progress: Progress = SILENT) -> Mesh:
    """The closed surface of the spheres, cones and slabs; `resolution` grid points along the longest side."""
    slabs = Slabs(mesh)
    field, grid = _field(slabs, resolution, progress)
    if gaps is not None:
        field = close_gaps(field, grid.origin, grid.spacing, gaps)
    progress.step(0.8, "Drawing the surface")
    return contour(Grid(grid.origin, grid.spacing, -field))


def _field(slabs: Slabs, resolution: int, progress: Progress) -> tuple[np.ndarray, _FieldGrid]:
    """Signed distance at the grid points near the surface, negative inside; right in sign only farther away."""
    low, high = slabs.boxes()
    grid = _grid_around(low.min(0), high.max(0), resolution)
    primitive, block = _pairs(low, high, grid)
    needed = np.isin(primitive, slabs.needed)
    primitive, block = primitive[needed], block[needed]
    nearest, open_blocks = np.empty(0), np.arange(int(np.prod(grid.shape)))
    while True:
        at_middle = _measure(slabs, primitive, grid, block)
        if len(nearest) == 0:
            nearest = np.full(int(np.prod(grid.shape)), np.inf)
        nearest[open_blocks] = np.inf
        np.minimum.at(nearest, block, at_middle)
        progress.step(0.8 / grid.size, "Measuring distances")
        limit = grid.reach + 1.8 * grid.spacing  # the corners of a crossed cube are at most 1.74 from the surface
        if grid.size == 1:
            return np.clip(nearest, -limit, limit).reshape(grid.shape), grid
        crossed = np.abs(nearest) <= limit
        kept = crossed[block] & (at_middle <= nearest[block] + 2 * grid.reach)
        primitive, block = np.repeat(primitive[kept], 8), grid.halves(block[kept]).ravel()
        open_blocks = grid.halves(np.flatnonzero(crossed)).ravel()
        nearest = np.clip(nearest, -limit, limit).reshape(grid.shape)
        nearest = nearest.repeat(2, 0).repeat(2, 1).repeat(2, 2).ravel()
        grid = grid.halved()


def _measure(slabs: Slabs, primitive: np.ndarray, grid: _FieldGrid, block: np.ndarray) -> np.ndarray:
    """Distance from the middle of each block to the primitive it is paired with."""
    return np.concatenate(
        [
            slabs.distance(primitive[k : k + CHUNK], grid.middles(block[k : k + CHUNK]), whole=grid.size > 1)
            for k in range(0, max(len(primitive), 1), CHUNK)
        ]
    )


def _grid_around(low: np.ndarray, high: np.ndarray, resolution: int) -> _FieldGrid:
    spacing = float((high - low).max()) / max(resolution - 1, 1)
    points = np.ceil((high - low) / spacing) + 1 + 2 * MARGIN
    x, y, z = (int(n) for n in np.ceil(points / COARSEST))
    origin = (low + high) / 2 - spacing * (np.array([x, y, z]) * COARSEST - 1) / 2
    return _FieldGrid(origin, spacing, (x, y, z), COARSEST)


def _pairs(low: np.ndarray, high: np.ndarray, grid: _FieldGrid) -> tuple[np.ndarray, np.ndarray]:
    """Primitive and flat block number for every block near a primitive's box."""
    room, edge = 2 * grid.spacing, grid.spacing * grid.size
    first = np.floor((low - room - grid.origin) / edge).astype(np.int64).clip(0)
    last = np.minimum(np.floor((high + room - grid.origin) / edge).astype(np.int64), np.array(grid.shape) - 1)
    extent = last - first + 1
    count = extent.prod(1)
    primitive = np.repeat(np.arange(len(low)), count)
    number = np.arange(len(primitive)) - np.repeat(np.cumsum(count) - count, count)
    _, ny, nz = extent[primitive].T
    place = first[primitive] + np.stack([number // (ny * nz), number // nz % ny, number % nz], 1)
    return primitive, (place[:, 0] * grid.shape[1] + place[:, 1]) * grid.shape[2] + place[:, 2]
