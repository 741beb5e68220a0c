"""Centre lines as a graph of points with radii."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

MOST_PARTS = 200  # of shapes in shreds


@dataclass(frozen=True)
class LineGraph:
    """Points joined by edges."""

    points: np.ndarray  # (P, 3)
    radii: np.ndarray  # (P,)
    edges: np.ndarray  # (E, 2)

    @property
    def lengths(self) -> np.ndarray:
        """Length of each edge, (E,)."""
        return np.linalg.norm(self.points[self.edges[:, 0]] - self.points[self.edges[:, 1]], axis=1)

    def matrix(self, weights: np.ndarray) -> sparse.csr_matrix:
        """Edges with weights (E,), both ways, (P, P)."""
        count = len(self.points)
        one_way = sparse.coo_matrix((np.maximum(weights, 1e-9), self.edges.T), (count, count)).tocsr()
        return one_way.maximum(one_way.T).tocsr()


def parts(graph: LineGraph, label: np.ndarray, least: float) -> list[tuple[np.ndarray, LineGraph]]:
    """Points and graph of each connected part in which a line may be as long as `least`; the largest of too many."""
    count, of_edge = int(label.max()) + 1, label[graph.edges[:, 0]]
    size, thickest = np.bincount(of_edge, graph.lengths, count), np.zeros(count)
    np.maximum.at(thickest, label, graph.radii)
    members = np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label))[:-1])
    sides = np.split(np.argsort(of_edge, kind="stable"), np.cumsum(np.bincount(of_edge, minlength=count))[:-1])
    place = np.empty(len(label), np.int64)
    for points in members:
        place[points] = np.arange(len(points))
    room = size + thickest
    large = np.sort(np.argsort(-room, kind="stable")[:MOST_PARTS])
    return [
        (members[k], LineGraph(graph.points[members[k]], graph.radii[members[k]], place[graph.edges[sides[k]]]))
        for k in large[room[large] > least - 1e-9]
    ]
