"""Samples all over the surface of a mesh, and which of them are neighbours on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rasterize import expand

STEP = 0.5  # grid units between samples


@dataclass(frozen=True)
class Samples:
    """Points on a surface: first the mesh's own vertices, then the inner points of triangles longer than a step."""

    points: np.ndarray  # (N, 3)
    face: np.ndarray  # (N,) int64, a face the sample lies on; -1 for a vertex without faces
    pairs: np.ndarray  # (M, 2) int64, neighbours on one triangle, a step apart at most


def sample_surface(points: np.ndarray, triangles: np.ndarray) -> Samples:
    """Cover every triangle so that no place on it is further than about a step from a sample."""
    face = np.full(len(points), -1, np.int64)
    for k in range(3):
        face[triangles[:, k]] = np.arange(len(triangles))
    sides = np.stack([np.square(points[triangles[:, k]] - points[triangles[:, k - 2]]).sum(1) for k in range(3)], 1)
    large = np.flatnonzero(sides.max(1) > STEP * STEP)
    small = np.delete(triangles, large, 0)
    pairs = [small[:, [0, 1]], small[:, [1, 2]], small[:, [2, 0]]]
    if len(large) == 0:
        return Samples(points, face, np.concatenate(pairs))
    inner, inner_face, inner_pairs = _lattices(points, triangles, large, sides[large])
    return Samples(
        np.concatenate([points, inner]),
        np.concatenate([face, inner_face]),
        np.concatenate([*pairs, inner_pairs + len(points)]),
    )


def _lattices(
    points: np.ndarray, triangles: np.ndarray, large: np.ndarray, sides: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of samples parallel to the longest side of each large triangle: points, faces and neighbours."""
    longest = sides.argmax(1)
    corner = [triangles[large, (longest + k) % 3] for k in range(3)]
    a, b, c = (points[i] for i in corner)
    length = np.sqrt(sides.max(1))
    height = np.linalg.norm(np.cross(b - a, c - a), axis=1) / length
    rows = np.ceil(height / STEP).astype(np.int64).clip(1)
    owner, row = expand(np.zeros_like(rows), rows + 1)
    up = (row / rows[owner])[:, None]
    left, right = a[owner] + up * (c - a)[owner], b[owner] + up * (c - b)[owner]
    segments = np.ceil(length[owner] * (1 - up[:, 0]) / STEP).astype(np.int64)
    line, column = expand(np.zeros_like(segments), segments + 1)
    share = column / np.maximum(segments[line], 1)
    samples = left[line] + share[:, None] * (right - left)[line]
    begin = np.cumsum(segments + 1) - (segments + 1)
    along = np.flatnonzero(column < segments[line])
    has_next = np.flatnonzero((row < rows[owner])[line])
    above = line[has_next] + 1
    across = begin[above] + np.rint(share[has_next] * segments[above]).astype(np.int64)
    pairs = np.concatenate([np.stack([along, along + 1], 1), np.stack([has_next, across], 1)])
    corners = np.stack([corner[0], corner[1], corner[2]], 1)
    ends = np.stack([begin[row == 0], begin[row == 0] + segments[row == 0], begin[row == rows[owner]]], 1)
    ties = np.stack([corners.ravel() - len(points), ends.ravel()], 1)  # lattice corners are the mesh's vertices
    return samples, large[owner[line]], np.concatenate([pairs, ties])
