"""Watertight meshes around sticks with known joints and radii."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from inference.anatomy import Mesh


@dataclass(frozen=True)
class Sticks:
    """Round cones between points; the surface is drawn around their union."""

    points: np.ndarray  # (P, 3)
    radii: np.ndarray  # (P,)
    edges: np.ndarray  # (E, 2) int32

    def scaled(self, size: float) -> Sticks:
        """The same, `size` times as large."""
        return Sticks(self.points * size, self.radii * size, self.edges)


def join(*parts: Sticks) -> Sticks:
    """Several sets of sticks as one."""
    start = np.cumsum([0] + [len(part.points) for part in parts[:-1]])
    return Sticks(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.radii for part in parts]),
        np.concatenate([part.edges + first for part, first in zip(parts, start, strict=True)]).astype(np.int32),
    )


def path(points: np.ndarray, radii: np.ndarray | float, *, closed: bool = False) -> Sticks:
    """Sticks along points (P, 3), one after the other."""
    count = len(points)
    edges = np.stack([np.arange(count - 1), np.arange(1, count)], 1)
    if closed:
        edges = np.concatenate([edges, [[count - 1, 0]]])
    return Sticks(np.asarray(points, float), np.broadcast_to(np.asarray(radii, float), count).copy(), edges)


def mesh_around(sticks: Sticks, resolution: int = 64) -> Mesh:
    """The watertight surface around the sticks; `resolution` cells along the longest side."""
    low = (sticks.points - sticks.radii[:, None]).min(0)
    high = (sticks.points + sticks.radii[:, None]).max(0)
    step = float((high - low).max() / resolution)
    # One cell and a bit around, at an offset that keeps the surface off the grid's own points.
    low = low - 1.37 * step
    counts = np.ceil((high + 1.37 * step - low) / step).astype(int) + 1
    axes = [low[axis] + step * np.arange(counts[axis]) for axis in range(3)]
    field = np.full(tuple(counts), np.inf)
    alone = np.setdiff1d(np.arange(len(sticks.points)), sticks.edges)
    for edge in [*sticks.edges, *np.stack([alone, alone], 1)]:
        _lower(field, axes, sticks.points[edge], sticks.radii[edge], 2.5 * step)
    # Far from every stick nothing was worked out; any value well outside will do.
    field = np.minimum(field, 2.5 * step)
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    # igl numbers grid points with x fastest.
    vertices, triangles, _ = igl.marching_cubes(
        np.ascontiguousarray(field.transpose(2, 1, 0).ravel()),
        np.ascontiguousarray(grid.transpose(2, 1, 0, 3).reshape(-1, 3)),
        int(counts[0]),
        int(counts[1]),
        int(counts[2]),
        0.0,
    )
    triangles = np.asarray(triangles, np.int32)
    corners = np.asarray(vertices)[triangles]
    volume = (np.cross(corners[:, 0], corners[:, 1]) * corners[:, 2]).sum()
    return Mesh(np.asarray(vertices, float), triangles if volume > 0 else triangles[:, ::-1].copy())


def _lower(field: np.ndarray, axes: list[np.ndarray], ends: np.ndarray, radii: np.ndarray, margin: float) -> None:
    """Lower the distance field to one round cone, only in the box around it."""
    reach = radii.max() + margin
    box = tuple(
        slice(*np.searchsorted(axis, [ends[:, k].min() - reach, ends[:, k].max() + reach]))
        for k, axis in enumerate(axes)
    )
    points = np.stack(np.meshgrid(*[axis[part] for axis, part in zip(axes, box, strict=True)], indexing="ij"), -1)
    along = ends[1] - ends[0]
    length = float(along @ along)
    share = np.clip((points - ends[0]) @ along / length, 0, 1) if length > 0 else np.zeros(points.shape[:3])
    distance = np.linalg.norm(points - ends[0] - share[..., None] * along, axis=-1)
    field[box] = np.minimum(field[box], distance - radii[0] - share * (radii[1] - radii[0]))
