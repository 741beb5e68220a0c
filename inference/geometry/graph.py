"""The solid as a weighted graph."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from ..anatomy import Solid


def link_lengths(solid: Solid) -> np.ndarray:
    """Length of each link between the two cell centres, (L,) float64."""
    steps = solid.cells[solid.links[:, 1]] - solid.cells[solid.links[:, 0]]  # (L, 3) each in -1..1
    return solid.spacing * np.sqrt((steps * steps).sum(1))


def link_graph(solid: Solid) -> csr_matrix:
    """Cells joined by their links: a symmetric (C, C) matrix of link lengths."""
    count = len(solid.cells)
    first, second = solid.links[:, 0], solid.links[:, 1]
    lengths = link_lengths(solid)
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    return coo_matrix((np.concatenate([lengths, lengths]), (rows, columns)), (count, count)).tocsr()
