"""Points on a mesh's surface."""

from __future__ import annotations

import numpy as np

from inference.anatomy import Mesh


def surface_points(mesh: Mesh, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (count, 3) spread evenly by area, and the unit normals (count, 3) of their triangles."""
    corners = mesh.vertices[mesh.triangles]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normals = np.stack(
        [
            first[:, 1] * second[:, 2] - first[:, 2] * second[:, 1],
            first[:, 2] * second[:, 0] - first[:, 0] * second[:, 2],
            first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0],
        ],
        1,
    )
    doubled = np.sqrt((normals * normals).sum(1))
    total = np.cumsum(doubled)
    # Evenly spread draws, shuffled by nothing: each keeps its own chance, the whole covers the surface better.
    draw = (np.arange(count) + rng.random(count)) / count * total[-1]
    chosen = np.minimum(np.searchsorted(total, draw, side="right"), len(total) - 1)
    u, v = rng.random((2, count))
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    points = corners[chosen, 0] + u[:, None] * first[chosen] + v[:, None] * second[chosen]
    return points, normals[chosen] / np.maximum(doubled[chosen], 1e-300)[:, None]
