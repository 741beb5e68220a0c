"""Solids against solids on grids.

Frame: for meshes the box of -0.5 .. 0.5 that shapes of longest side 1 lie in, cut into cubes whose middles are asked.
"""

from __future__ import annotations

import numpy as np

from inference.anatomy import Mesh

from .skeleton import is_inside

SKELETON_THRESHOLD = 0.3  # SkeletonNet: a cell is skeleton where the predicted probability is above
MESH_GRID = 64


def grid_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two grids of bools of one shape, 0..1; two empty ones are equal: 1."""
    if predicted.shape != truth.shape:
        raise ValueError(f"The grids have shapes {predicted.shape} and {truth.shape}.")
    mine, theirs = predicted.astype(bool, copy=False), truth.astype(bool, copy=False)
    union = int(np.count_nonzero(mine | theirs))
    return int(np.count_nonzero(mine & theirs)) / union if union else 1.0


def skeleton_volume_iou(probability: np.ndarray, truth: np.ndarray, threshold: float = SKELETON_THRESHOLD) -> float:
    """SkeletonNet's volume IoU x100: probabilities (R, R, R) above 0.3 against a true volume of bools; R = 256."""
    return 100 * grid_iou(probability > threshold, truth)


def cell_middles(resolution: int) -> np.ndarray:
    """Middles of the cells of the box -0.5 .. 0.5, (R^3, 3), x slowest."""
    along = (np.arange(resolution) + 0.5) / resolution - 0.5
    return np.stack(np.meshgrid(along, along, along, indexing="ij"), -1).reshape(-1, 3)


def occupancy(mesh: Mesh, resolution: int = MESH_GRID) -> np.ndarray:
    """Which cell middles of the box -0.5 .. 0.5 lie in the solid, by winding number, (R, R, R) bool."""
    points = cell_middles(resolution)
    if len(mesh.triangles) == 0:
        return np.zeros((resolution,) * 3, bool)
    corners = mesh.vertices[mesh.triangles.ravel()]
    inside = np.zeros(len(points), bool)
    near = ((points >= corners.min(0)) & (points <= corners.max(0))).all(1)
    inside[near] = is_inside(mesh, points[near])
    return inside.reshape((resolution,) * 3)


def mesh_iou(mesh: Mesh, reference: Mesh, resolution: int = MESH_GRID) -> float:
    """IoU of two watertight meshes in the box -0.5 .. 0.5 at 64^3, 0..1: SkeletonNet's (x100) and S3DS's 3D IoU."""
    return grid_iou(occupancy(mesh, resolution), occupancy(reference, resolution))
