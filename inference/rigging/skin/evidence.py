"""What is known about a surface and its bones once the geometric weights stand: all that a correction may look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from ...anatomy import Mesh
from .islands import Islands
from .reach import Segments


@dataclass(frozen=True)
class Evidence:
    """A proxy's P vertices, the B bones that deform, and how they lie to each other; unit frame."""

    mesh: Mesh
    normals: np.ndarray  # (P, 3) unit, outward
    piece: np.ndarray  # (P,) connected piece of each vertex
    areas: np.ndarray  # (P,)
    bones: Segments
    parents: np.ndarray  # (B,) the nearest bone above that deforms, -1 for none; parents come first
    islands: Islands
    detour: np.ndarray  # (P, B) what the way through the inside costs beyond the straight one
    nearest: np.ndarray  # (P,) distance to the nearest bone
    sources: csr_matrix  # (P, B) 1 for the nearest bone
    spread: np.ndarray  # (P, B) the weights before pieces that move as one were made stiff
    weights: np.ndarray  # (P, B) the geometric weights
