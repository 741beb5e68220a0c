"""Horizontal cuts through a surface: the lines in which each height meets it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ...anatomy import Mesh

ALONG = 6  # points taken on each piece of a line
BINS = 24  # directions that are told apart when it is asked how far a line goes around a place


@dataclass(frozen=True)
class Cut:
    """What a height meets."""

    ends: np.ndarray  # (K, 2, 2) x and y of both ends of a piece of line in each triangle
    triangle: np.ndarray  # (K,) which triangle
    line: np.ndarray  # (K,) which connected line

    def points(self, chosen: np.ndarray) -> np.ndarray:
        """Points (N, 2) along the chosen pieces (K,) bool."""
        share = np.linspace(0, 1, ALONG)[None, :, None]
        ends = self.ends[chosen]
        return (ends[:, :1] * (1 - share) + ends[:, 1:] * share).reshape(-1, 2)


def cut_at(mesh: Mesh, height: float) -> Cut:
    """The lines of the surface at a height. Vertices that lie right on it count as above."""
    above = mesh.vertices[:, 2] >= height
    crossed = np.flatnonzero(above[mesh.triangles].any(1) & ~above[mesh.triangles].all(1))
    corners = mesh.triangles[crossed]
    # the corner that is alone on its side; both lines from it are met
    odd = above[corners].sum(1) == 1
    alone = np.where(odd, above[corners].argmax(1), above[corners].argmin(1))
    rows = np.arange(len(crossed))
    first = corners[rows, alone]
    others = np.stack([corners[rows, (alone + 1) % 3], corners[rows, (alone + 2) % 3]], 1)  # (K, 2)
    start, end = mesh.vertices[first][:, None], mesh.vertices[others]
    share = (height - start[..., 2]) / np.where(
        np.abs(end[..., 2] - start[..., 2]) > 1e-12, end[..., 2] - start[..., 2], 1
    )
    ends = start[..., :2] + share[..., None] * (end[..., :2] - start[..., :2])
    edges = np.sort(np.stack([np.repeat(first, 2), others.ravel()], 1), axis=1)
    edge = np.unique(edges, axis=0, return_inverse=True)[1].reshape(-1)
    count = int(edge.max(initial=-1)) + 1
    links = coo_matrix((np.ones(len(edge), np.int8), (np.repeat(rows, 2), len(rows) + edge)), (len(rows) + count,) * 2)
    line = connected_components(links, directed=False)[1][: len(rows)]
    return Cut(ends, crossed, line)


def around(points: np.ndarray, centre: np.ndarray) -> float:
    """The share of all directions from `centre` (2,) in which there is one of the points (N, 2)."""
    away = points - centre
    angle = np.arctan2(away[:, 1], away[:, 0])
    return len(np.unique(np.floor((angle + np.pi) / (2 * np.pi) * BINS).astype(int) % BINS)) / BINS
