"""Where the middle of the volume is, seen from a point inside it."""

from __future__ import annotations

import numpy as np

from ..anatomy import Mesh

RAYS = 48
ROUNDS = 4
CLOSED = 0.75  # share of the rays that must hit for the point to count as inside


def centre_point(mesh: Mesh, point: np.ndarray, along: np.ndarray) -> np.ndarray | None:
    """Move `point` (3,) to the middle of the cross-section around it, perpendicular to `along` (3,).

    None where the point is not inside: a limb that is open on one side has no middle.
    """
    along = along / np.linalg.norm(along)
    helper = np.eye(3)[np.argmin(np.abs(along))]
    across = np.cross(along, helper)
    across /= np.linalg.norm(across)
    plane = np.stack([across, np.cross(along, across)])  # (2, 3)
    start, end = _section(mesh, point, along, plane)
    place = np.zeros(2)
    for _ in range(ROUNDS):
        reach, rays = _reach(start - place, end - place)
        hit = np.isfinite(reach)
        if hit.mean() < CLOSED:
            return None
        place = place + _centroid(rays[hit] * reach[hit, None])
    return point + place @ plane


def _section(mesh: Mesh, point: np.ndarray, along: np.ndarray, plane: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The line segments in which the plane through `point` cuts the mesh: two arrays (M, 2), `point` the origin."""
    height = (mesh.vertices - point) @ along
    above = height[mesh.triangles] > 0
    cut = np.flatnonzero(above.any(1) & ~above.all(1))
    triangles, above = mesh.triangles[cut], above[cut]
    alone = np.where(above.sum(1) == 1, above.argmax(1), (~above).argmax(1))  # the corner on its own side
    rows = np.arange(len(cut))
    corner = triangles[rows, alone]
    ends = []
    for step in (1, 2):
        other = triangles[rows, (alone + step) % 3]
        share = height[corner] / (height[corner] - height[other])
        place = mesh.vertices[corner] + share[:, None] * (mesh.vertices[other] - mesh.vertices[corner])
        ends.append((place - point) @ plane.T)
    return ends[0], ends[1]


def _reach(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each ray from the origin gets, (RAYS,), infinite where it leaves; and the rays' directions (RAYS, 2)."""
    angles = 2 * np.pi * np.arange(RAYS) / RAYS + 0.01  # not along an axis, where symmetric meshes have their edges
    rays = np.stack([np.cos(angles), np.sin(angles)], 1)
    side = end - start
    cross = rays[:, :1] * side[:, 1] - rays[:, 1:] * side[:, 0]  # (RAYS, M)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (start[:, 0] * side[:, 1] - start[:, 1] * side[:, 0]) / cross
        where = (start[:, 0] * rays[:, 1:] - start[:, 1] * rays[:, :1]) / cross
    far = np.where((where >= 0) & (where <= 1) & (far > 0), far, np.inf)
    return far.min(1, initial=np.inf), rays


def _centroid(corners: np.ndarray) -> np.ndarray:
    """Centre of the area of a polygon (N, 2)."""
    after = np.roll(corners, -1, 0)
    cross = corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0]
    return ((corners + after) * cross[:, None]).sum(0) / (3 * cross.sum())
