"""Homology over the two-element field, for complexes small enough to write as bit rows in Python integers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.cluster.hierarchy import DisjointSet
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ...anatomy import MedialMesh


class Span:
    """The space spanned by the rows added so far; a row is an integer whose bits are its entries."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}  # highest bit -> row

    def __len__(self) -> int:
        return len(self._rows)

    def reduced(self, row: int) -> int:
        """`row` without what the span can account for, 0 when it lies in the span."""
        while row:
            known = self._rows.get(row.bit_length())
            if known is None:
                return row
            row ^= known
        return 0

    def add(self, row: int) -> bool:
        """Add a row; False when it was in the span already."""
        row = self.reduced(row)
        if row:
            self._rows[row.bit_length()] = row
        return row != 0

    def cocycles(self, count: int) -> list[int]:
        """A basis of the functions of `count` bits that vanish on the span.

        Entry k holds the values of all basis functions on bit k, as an integer: the free bits are the basis.
        """
        values: list[int] = []
        free = 0
        for bit in range(count):
            row = self._rows.get(bit + 1)
            if row is None:
                values.append(1 << free)
                free += 1
                continue
            value, row = 0, row ^ (1 << bit)
            while row:
                lowest = row & -row
                value ^= values[lowest.bit_length() - 1]
                row ^= lowest
            values.append(value)
        return values


def pieces(count: int, edges: np.ndarray) -> tuple[int, np.ndarray]:
    """Connected components of a graph of `count` nodes: how many, and the one each node is in."""
    graph = coo_matrix((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), (count, count))
    number, label = connected_components(graph, directed=False)
    return int(number), label


def edge_index(edges: np.ndarray) -> dict[tuple[int, int], int]:
    """The place of each edge in the list."""
    return {(int(a), int(b)): k for k, (a, b) in enumerate(edges)}


def sides(face: np.ndarray | tuple[int, int, int]) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """The three edges of a triangle, lower end first."""
    a, b, c = sorted(int(v) for v in face)
    return (a, b), (b, c), (a, c)


def complex_betti(mesh: MedialMesh) -> tuple[int, int, int]:
    """Components, independent loops and enclosed cavities of the mesh as a simplicial complex."""
    count = len(mesh.spheres.radii)
    components, _ = pieces(count, mesh.edges)
    index, boundaries = edge_index(mesh.edges), Span()
    for face in mesh.faces:
        boundaries.add(sum(1 << index[side] for side in sides(face)))
    loops = len(mesh.edges) - (count - components) - len(boundaries)
    return components, loops, len(mesh.faces) - len(boundaries)


def spanning_forest(count: int, edges: Iterable[tuple[int, int]]) -> np.ndarray:
    """Which edges of a graph of `count` nodes make up a spanning forest, taken in their order, (E,) bool."""
    trees = DisjointSet(range(count))
    return np.array([trees.merge(one, other) for one, other in edges], bool)
