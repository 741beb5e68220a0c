"""A ray through a mesh: where it goes in and comes out, and the middle of what it goes through."""

from __future__ import annotations

import numpy as np

from ...anatomy import Mesh

TOUCH = 1e-6  # of the mesh's size: crossings this close are one


def crossings(mesh: Mesh, origin: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far along the ray each crossing is, (N,) ascending, and whether the ray meets the face's outer side, (N,).

    The ray starts at `origin` (3,) and goes along `direction` (3,), of whatever length.
    """
    along = direction / np.linalg.norm(direction)
    helper = np.eye(3)[np.argmin(np.abs(along))]
    across = np.cross(along, helper)
    across /= np.linalg.norm(across)
    plane = np.stack([across, np.cross(along, across)], 1)  # (3, 2), seen along the ray
    flat = (mesh.vertices - origin) @ plane  # (V, 2)
    a, b, c = (flat[mesh.triangles[:, k]] for k in range(3))
    one, two, three = _turn(a, b), _turn(b, c), _turn(c, a)
    round_it = ((one >= 0) & (two >= 0) & (three >= 0)) | ((one <= 0) & (two <= 0) & (three <= 0))
    hit = np.flatnonzero(round_it & (np.abs(one + two + three) > 0))
    shares = np.stack([two[hit], three[hit], one[hit]], 1) / (one + two + three)[hit, None]  # (N, 3) of each corner
    depth = (mesh.vertices[mesh.triangles[hit]] - origin) @ along  # (N, 3)
    place = (shares * depth).sum(1)
    inward = (one + two + three)[hit] < 0
    ahead = place > 0
    place, inward = place[ahead], inward[ahead]
    order = np.argsort(place, kind="stable")
    return _once(place[order], inward[order], TOUCH * max(float(np.ptp(mesh.vertices, axis=0).max()), 1e-30))


def stretches(place: np.ndarray, inward: np.ndarray) -> np.ndarray:
    """Parts of a ray that lie inside, (K, 2) in and out, from its crossings in order.

    Shells that overlap are one. Where the faces do not agree on which side is out, every second stretch is inside.
    """
    level = np.cumsum(np.where(inward, 1, -1))
    if len(level) and level[-1] == 0 and level.min() >= 0:
        ends = np.flatnonzero(level == 0)
        starts = np.concatenate([[0], ends[:-1] + 1])
        return np.stack([place[starts], place[ends]], 1)
    even = len(place) // 2 * 2
    return place[:even].reshape(-1, 2)


def middle_near(mesh: Mesh, origin: np.ndarray, direction: np.ndarray, near: float) -> float | None:
    """How far along the ray the middle of a limb is: of the stretch inside whose middle is closest to `near`.

    None where the ray goes through nothing.
    """
    found = stretches(*crossings(mesh, origin, direction))
    if not len(found):
        return None
    middle = found.mean(1)
    return float(middle[np.argmin(np.abs(middle - near))])


def _turn(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


def _once(place: np.ndarray, inward: np.ndarray, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Crossings of one kind that lie together, as at an edge that two faces share, count once."""
    if len(place) < 2:
        return place, inward
    again = (np.diff(place) < apart) & (inward[1:] == inward[:-1])
    kept = np.concatenate([[True], ~again])
    return place[kept], inward[kept]
