"""The solid as a weighted graph."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import KDTree

from ...anatomy import Solid

NEAR = 32  # neighbours asked for when small components look for each other


def link_lengths(solid: Solid) -> np.ndarray:
    """Length of each link between the two cell centres, (L,) float64."""
    first, second = np.ascontiguousarray(solid.links.T)
    steps = np.zeros(len(first), np.int8)  # axes along which the two cells differ
    for places in np.ascontiguousarray(solid.cells.T):
        steps += places[first] != places[second]
    return solid.spacing * np.sqrt(np.arange(4))[steps]


def link_graph(solid: Solid) -> csr_matrix:
    """Cells joined by their links: a symmetric (C, C) matrix of link lengths."""
    count = len(solid.cells)
    forth = csr_matrix((link_lengths(solid), np.ascontiguousarray(solid.links.T)), (count, count))
    return csr_matrix(forth + forth.T)


def bridged_graph(solid: Solid) -> csr_matrix:
    """The link graph with its components joined at their nearest cells, by the shortest bridges that suffice."""
    graph = link_graph(solid)
    if solid.component.max() == 0:
        return graph
    one, other, length = _bridges(solid)
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    extra = coo_matrix((np.concatenate([length, length]), (rows, columns)), graph.shape)
    return (graph + extra).tocsr()


def _bridges(solid: Solid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of cells (N,), (N,) and their distances (N,): a spanning tree of the components."""
    centres, label = solid.centres, solid.component
    main, rest = np.flatnonzero(label == 0), np.flatnonzero(label > 0)
    to_main, at = KDTree(centres[main]).query(centres[rest])
    reach, near = KDTree(centres[rest]).query(centres[rest], k=min(NEAR, len(rest)))
    reach, near = reach.reshape(len(rest), -1), near.reshape(len(rest), -1)
    foreign = label[rest][near] != label[rest][:, None]
    place = np.argmax(foreign, axis=1)
    row = np.flatnonzero(foreign.any(1))
    one = np.concatenate([rest, rest[row]])
    other = np.concatenate([main[at], rest[near[row, place[row]]]])
    length = np.concatenate([to_main, reach[row, place[row]]])
    first = np.minimum(label[one], label[other]) * (label.max() + 1) + np.maximum(label[one], label[other])
    order = np.lexsort((other, one, np.round(length, 9), first))
    best = order[np.unique(first[order], return_index=True)[1]]
    count = int(label.max()) + 1
    between = coo_matrix((length[best], (label[one[best]], label[other[best]])), (count, count))
    tree = minimum_spanning_tree(between.tocsr()).tocoo()
    chosen = {(min(a, b), max(a, b)) for a, b in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    keep = [k for k in best if (min(label[one[k]], label[other[k]]), max(label[one[k]], label[other[k]])) in chosen]
    return one[keep], other[keep], length[keep]
