"""Mesh -> Grid: how far inside a closed mesh each place of a cube is; what the mesh folds over itself becomes one."""

from __future__ import annotations

import igl
import numpy as np
from scipy import ndimage

from ...anatomy import Grid, Mesh
from .surface import sample_surface, triangle_normals

REACH = 2  # cells on both sides of the surface in which distances are known
DENSE = 8  # samples of the surface in the area of a cell's face
HALF = 0.5  # winding number from which a place is inside


def field_of_mesh(mesh: Mesh, resolution: int) -> Grid:
    """The cube from -0.5 to 0.5 in cells (R, R, R): distances in cells, from -1 outside to 1 inside."""
    spacing = 1 / resolution
    shape = (resolution,) * 3
    origin = np.full(3, spacing / 2 - 0.5)
    values = np.full(shape, -1.0, np.float32)
    if len(mesh.triangles) == 0:
        return Grid(origin, spacing, values)
    area = np.linalg.norm(triangle_normals(mesh), axis=1).sum() / 2
    points, _ = sample_surface(mesh, int(DENSE * area / spacing**2) + 1)
    cells = np.round((points - origin) / spacing).astype(np.int64)
    near = np.zeros(shape, bool)
    near[tuple(np.clip(cells, 0, resolution - 1).T)] = True
    near = np.asarray(ndimage.maximum_filter(near, 2 * REACH + 1), bool)
    corners, faces = np.ascontiguousarray(mesh.vertices, np.float64), np.ascontiguousarray(mesh.triangles, np.int64)

    def winding(places: np.ndarray) -> np.ndarray:
        return np.asarray(igl.fast_winding_number(corners, faces, np.ascontiguousarray(origin + spacing * places)))

    rooms, count = _labelled(~near)
    if count:
        first = np.unique(rooms, return_index=True)
        chosen = np.stack(np.unravel_index(first[1][first[0] > 0], shape), 1)
        full = np.concatenate([[False], winding(chosen) > HALF])
        values[full[rooms]] = 1.0
    band = np.argwhere(near)
    away = np.sqrt(igl.point_mesh_squared_distance(origin + spacing * band, corners, faces)[0]) / spacing
    values[near] = np.clip(np.where(winding(band) > HALF, away, -away), -1, 1)
    return Grid(origin, spacing, values)


def _labelled(cells: np.ndarray) -> tuple[np.ndarray, int]:
    """Which room each cell is of, from 1 on, and how many there are."""
    label = np.empty(cells.shape, np.int32)
    return label, int(ndimage.label(cells, output=label))  # pyright: ignore[reportArgumentType] a number with `output`
