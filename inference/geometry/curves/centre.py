"""Where the middle of a limb is, seen from a point in it or near it."""

from __future__ import annotations

import numpy as np

from ...anatomy import Mesh

RAYS = 48
ROUNDS = 4
CLOSED = 0.75  # share of the rays that must hit for the point to count as inside


def centre_point(mesh: Mesh, point: np.ndarray, along: np.ndarray) -> np.ndarray | None:
    """Move `point` (3,) to the middle of the cross-section around it, perpendicular to `along` (3,).

    A point beside the limb, no farther off than the limb is thick, comes inside first. None where there is no middle:
    far from everything, or in a limb that is open on one side.
    """
    along = along / np.linalg.norm(along)
    helper = np.eye(3)[np.argmin(np.abs(along))]
    across = np.cross(along, helper)
    across /= np.linalg.norm(across)
    plane = np.stack([across, np.cross(along, across)])  # (2, 3)
    start, end = _section(mesh, point, along, plane)
    place = np.zeros(2)
    if not len(start) or np.isfinite(_reach(start, end)[0]).mean() < CLOSED:
        place = _inwards(start, end)
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
    return _hits(start, end, rays).min(1, initial=np.inf), rays


def _hits(start: np.ndarray, end: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Distance along each ray (R, 2) from the origin to each segment, (R, M), infinite where it misses."""
    side = end - start
    cross = rays[:, :1] * side[:, 1] - rays[:, 1:] * side[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (start[:, 0] * side[:, 1] - start[:, 1] * side[:, 0]) / cross
        where = (start[:, 0] * rays[:, 1:] - start[:, 1] * rays[:, :1]) / cross
    return np.where((where >= 0) & (where <= 1) & (far > 0), far, np.inf)


def _inwards(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """From the origin outside to half-way through the nearest limb, (2,); the origin itself where none is near."""
    stay = np.zeros(2)
    if not len(start):
        return stay
    side = end - start
    share = np.clip(-(start * side).sum(1) / np.maximum((side**2).sum(1), 1e-30), 0, 1)
    nearest = start + share[:, None] * side
    target = nearest[np.argmin((nearest**2).sum(1))]
    distance = np.linalg.norm(target)
    if distance == 0:
        return stay
    through = np.sort(_hits(start, end, (target / distance)[None])[0])
    through = through[through > distance * (1 + 1e-6)]
    if not len(through) or not np.isfinite(through[0]) or distance > through[0] - distance:
        return stay
    return target / distance * (distance + through[0]) / 2


def _centroid(corners: np.ndarray) -> np.ndarray:
    """Centre of the area of a polygon (N, 2)."""
    after = np.roll(corners, -1, 0)
    cross = corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0]
    return ((corners + after) * cross[:, None]).sum(0) / (3 * cross.sum())
