"""How deep cells lie below the surface."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from .sampling import Samples

DISC = 0.6  # grid units around a sample in which the surface is taken for flat


def distance_to_surface(places: np.ndarray, samples: Samples, points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Distance from each place (N, 3) to the surface, (N,): to a small disc around its nearest sample."""
    drawn = np.flatnonzero(samples.face >= 0)
    tree = cKDTree(samples.points[drawn], balanced_tree=False, compact_nodes=False)
    nearest = drawn[tree.query(places, workers=-1)[1]]
    a, b, c = (points[triangles[samples.face[nearest], k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    offset = places - samples.points[nearest]
    above = np.abs(np.einsum("ij,ij->i", offset, normal))
    aside = np.sqrt(np.maximum(np.einsum("ij,ij->i", offset, offset) - above**2, 0.0))
    return np.hypot(above, np.maximum(aside - DISC, 0.0))
