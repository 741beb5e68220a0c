"""MedialMesh -> Mesh: the surface that its spheres, cones and slabs have in common."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from ..anatomy import MedialMesh, Mesh
from ..progress import SILENT, Progress
from .slabs import Slabs

BLOCK = 4  # grid points along a block; blocks that the surface cannot cross are settled by one look at their middle
CHUNK = 400_000  # points measured at a time
MARGIN = 2  # empty grid points around the shape
CUBE = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)])


@dataclass(frozen=True)
class _Grid:
    origin: np.ndarray  # (3,)
    spacing: float
    blocks: np.ndarray  # (3,) int, blocks along each axis

    @property
    def shape(self) -> tuple[int, int, int]:
        x, y, z = (int(n) * BLOCK for n in self.blocks)
        return x, y, z

    @property
    def reach(self) -> float:
        """From the middle of a block to its farthest grid point."""
        return self.spacing * (BLOCK - 1) / 2 * 3**0.5

    def middles(self, blocks: np.ndarray) -> np.ndarray:
        places = np.stack(np.unravel_index(blocks, tuple(self.blocks)), 1)
        return self.origin + self.spacing * (places * BLOCK + (BLOCK - 1) / 2)


def envelope(mesh: MedialMesh, *, resolution: int = 128, progress: Progress = SILENT) -> Mesh:
    """The closed surface of the spheres, cones and slabs; `resolution` grid points along the longest side."""
    slabs = Slabs(mesh)
    field, grid = _field(slabs, resolution, progress)
    progress.step(0.8, "Drawing the surface")
    return _surface(field, grid)


def _field(slabs: Slabs, resolution: int, progress: Progress) -> tuple[np.ndarray, _Grid]:
    """Signed distance near the surface, negative inside; right in sign only farther away."""
    low, high = slabs.boxes()
    grid = _grid_around(low.min(0), high.max(0), resolution)
    primitive, block = _pairs(low, high, grid)
    middle = np.concatenate(
        [slabs.distance(primitive[part], grid.middles(block[part])) for part in _chunks(len(primitive), CHUNK)]
    )
    nearest = np.full(int(np.prod(grid.blocks)), np.inf)
    np.minimum.at(nearest, block, middle)
    progress.step(0.3, "Measuring distances")
    near = grid.reach + 1.01 * grid.spacing * 3**0.5
    crossed = np.abs(nearest) <= near
    asked = np.flatnonzero(crossed[block] & (middle <= nearest[block] + 2 * near))
    values = np.where(nearest < 0, -near, near)[:, None].repeat(BLOCK**3, 1)
    values[crossed] = np.inf
    inner = np.stack(np.unravel_index(np.arange(BLOCK**3), (BLOCK,) * 3), 1) - (BLOCK - 1) / 2
    for part in _chunks(len(asked), CHUNK // BLOCK**3):
        pairs = asked[part]
        points = grid.middles(block[pairs])[:, None] + grid.spacing * inner
        owner = np.repeat(primitive[pairs], BLOCK**3)
        found = slabs.distance(owner, points.reshape(-1, 3), whole=False)
        places = (block[pairs][:, None] * BLOCK**3 + np.arange(BLOCK**3)).ravel()
        np.minimum.at(values.reshape(-1), places, found)
        progress.step(0.3 + 0.5 * (part.stop / len(asked)))
    values = np.minimum(values, near).reshape(*grid.blocks, BLOCK, BLOCK, BLOCK)
    return values.transpose(0, 3, 1, 4, 2, 5).reshape(grid.shape), grid


def _grid_around(low: np.ndarray, high: np.ndarray, resolution: int) -> _Grid:
    spacing = float((high - low).max()) / max(resolution - 1, 1)
    points = np.ceil((high - low) / spacing) + 1 + 2 * MARGIN
    blocks = np.ceil(points / BLOCK).astype(np.int64)
    return _Grid((low + high) / 2 - spacing * (blocks * BLOCK - 1) / 2, spacing, blocks)


def _pairs(low: np.ndarray, high: np.ndarray, grid: _Grid) -> tuple[np.ndarray, np.ndarray]:
    """Primitive and flat block number for every block near a primitive's box."""
    room = 2 * grid.spacing
    first = np.floor((low - room - grid.origin) / grid.spacing / BLOCK).astype(np.int64).clip(0)
    last = np.minimum(np.floor((high + room - grid.origin) / grid.spacing / BLOCK).astype(np.int64), grid.blocks - 1)
    size = last - first + 1
    count = size.prod(1)
    primitive = np.repeat(np.arange(len(low)), count)
    number = np.arange(len(primitive)) - np.repeat(np.cumsum(count) - count, count)
    _, ny, nz = size[primitive].T
    place = first[primitive] + np.stack([number // (ny * nz), number // nz % ny, number % nz], 1)
    return primitive, (place[:, 0] * grid.blocks[1] + place[:, 1]) * grid.blocks[2] + place[:, 2]


def _chunks(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, max(count, 1), size)]


def _surface(field: np.ndarray, grid: _Grid) -> Mesh:
    """Marching cubes over the cubes that the surface crosses."""
    inside = field < 0
    mixed = np.zeros(tuple(n - 1 for n in field.shape), np.int8)
    for x, y, z in CUBE:
        mixed += inside[x : x + mixed.shape[0], y : y + mixed.shape[1], z : z + mixed.shape[2]]
    cubes = np.argwhere((mixed > 0) & (mixed < 8))
    strides = np.array([field.shape[1] * field.shape[2], field.shape[2], 1])
    corners = (cubes @ strides)[:, None] + CUBE @ strides  # (N, 8)
    used, index = np.unique(corners, return_inverse=True)
    values = field.reshape(-1)[used]
    values = np.where(np.abs(values) < 1e-6 * grid.spacing, 1e-6 * grid.spacing * np.where(values < 0, -1, 1), values)
    points = grid.origin + grid.spacing * np.stack(np.unravel_index(used, field.shape), 1)
    vertices, triangles, _ = igl.marching_cubes(values, points, index.reshape(-1, 8).astype(np.int64), 0.0)
    return Mesh(np.asarray(vertices, np.float64), np.asarray(triangles, np.int32))
