"""Samples all over the surface of a mesh, and which of them are neighbours on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rasterize import expand

STEP = 0.5  # grid units between samples


@dataclass(frozen=True)
class SurfaceSamples:
    """Points on a surface: first the mesh's own vertices, then the inner points of triangles longer than a step."""

    points: np.ndarray  # (N, 3)
    face: np.ndarray  # (N,) int64, a face the sample lies on; -1 for a vertex without faces
    pairs: np.ndarray  # (M, 2) int64, neighbours on one triangle, a step apart at most


def spread_samples(points: np.ndarray, triangles: np.ndarray) -> SurfaceSamples:
    """Cover every triangle so that no place on it is further than about a step from a sample."""
    face = np.full(len(points), -1, np.int64)
    for k in range(3):
        face[triangles[:, k]] = np.arange(len(triangles))
    sides = _squared_sides(points, triangles)
    longest = np.maximum(np.maximum(sides[0], sides[1]), sides[2])
    large = np.flatnonzero(longest > STEP * STEP)
    small = triangles[longest <= STEP * STEP]
    pairs = [small[:, [0, 1]], small[:, [1, 2]], small[:, [2, 0]]]
    if len(large) == 0:
        return SurfaceSamples(points, face, np.concatenate(pairs))
    inner, inner_face, inner_pairs = _lattices(points, triangles, large, sides[:, large])
    return SurfaceSamples(
        np.concatenate([points, inner]),
        np.concatenate([face, inner_face]),
        np.concatenate([*pairs, inner_pairs + len(points)]),
    )


def _squared_sides(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """From each corner to the next, (3, F)."""
    total = np.zeros((3, len(triangles)))
    corners = np.ascontiguousarray(triangles.T)
    for coordinate in np.ascontiguousarray(points.T):
        at = coordinate[corners]  # (3, F)
        total += np.square(at - at[[1, 2, 0]])
    return total


def _lattices(
    points: np.ndarray, triangles: np.ndarray, large: np.ndarray, sides: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns of samples that stand on the longest side of each large triangle: points, faces and neighbours."""
    longest = sides.argmax(0)
    corners = np.stack([triangles[large, (longest + k) % 3] for k in range(3)], 1)
    a, b, c = points.T[:, corners.T].transpose(1, 0, 2)  # (3, T) each: x, y, z
    length = np.sqrt(sides.max(0))
    along = (b - a) / length
    foot = ((c - a) * along).sum(0).clip(1e-9 * length, (1 - 1e-9) * length)
    up = c - a - foot * along  # (3, T) from the foot of the apex to the apex
    height = np.sqrt((up * up).sum(0))
    steps = np.ceil(length / STEP).astype(np.int64)
    owner, column = expand(np.zeros_like(steps), steps + 1)
    x = column / steps[owner] * length[owner]
    roof = np.minimum(x / foot[owner], (length[owner] - x) / (length - foot)[owner]).clip(0.0, 1.0)
    floors = np.ceil(roof * height[owner] / STEP).astype(np.int64)
    stack, floor = expand(np.zeros_like(floors), floors + 1)
    share = roof[stack] * floor / np.maximum(floors[stack], 1)
    samples = np.empty((len(stack), 3))
    for axis in range(3):
        samples[:, axis] = (a[axis][owner] + x * along[axis][owner])[stack] + share * up[axis][owner][stack]
    begin = np.cumsum(floors + 1) - (floors + 1)
    below = np.flatnonzero(floor < floors[stack])
    beside = np.flatnonzero((column < steps[owner])[stack])
    other = stack[beside] + 1
    level = share[beside] / np.maximum(roof[other], 1e-12) * floors[other]
    across = begin[other] + np.minimum(np.rint(level), floors[other]).astype(np.int64)
    first = np.cumsum(steps + 1) - (steps + 1)
    under_apex = first + np.rint(foot / length * steps).astype(np.int64)
    ends = np.stack([begin[first], begin[first + steps], begin[under_apex] + floors[under_apex]], 1)
    pairs = np.concatenate([np.stack([below, below + 1], 1), np.stack([beside, across], 1)])
    ties = np.stack([corners.ravel() - len(points), ends.ravel()], 1)  # lattice corners are the mesh's vertices
    return samples, large[owner[stack]], np.concatenate([pairs, ties])
