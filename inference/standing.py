"""How a shape stands and what it is, asked of the network before anything else is known."""

from __future__ import annotations

import numpy as np

from .anatomy import Mesh
from .geometry.surface import sample_surface, triangle_normals
from .networks.facing import look
from .networks.shelf import facing_network
from .rigging.hint import Hint

SAMPLES = 512


def look_at(mesh: Mesh, seed: int) -> Hint | None:
    """What the network says about a cleaned mesh, in its own frame; None without the network's weights."""
    weights = facing_network()
    if weights is None:
        return None
    points, triangle = sample_surface(mesh, SAMPLES, seed)
    normals = triangle_normals(mesh)[triangle]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    seen = look(weights, points, normals, SAMPLES)
    return Hint(seen.kind, seen.kind_certainty, seen.up, seen.forward, seen.upright, seen.certainty)
