"""The upright mirror plane of a shape, found on its surface."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ...anatomy import Mesh, Symmetry
from ...geometry.mesh.surface import sample_surface, triangle_normals, used_vertices

SAMPLES = 6000  # points that stand for the surface
PROBES = 1500  # of them, the ones that are mirrored
DIRECTIONS = 30  # plane directions tried over half a turn
CLOSE = 0.012  # a mirrored point this near to the surface has found its partner (share of the size)
FAR = 0.04  # mirrored points farther off than this are equally wrong, so that a prop does not rule
EXACT_SHARE = 0.93  # share of partners from which a shape counts as symmetric
EQUAL_RESIDUAL = 0.0006  # difference of mean distances that is the noise of the sampling
TWIN_PROBES = 3_000  # vertices whose twins are looked for
MOST_TWINS = 40_000  # vertices among which they are looked for
VERTEX_CLOSE = 1e-4  # a mirrored vertex this near to another is its twin
SNAP_ANGLE = np.deg2rad(1.0)
SNAP_OFFSET = 0.004
AXES = (np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))


def find_symmetry(mesh: Mesh, seed: int = 0) -> tuple[Symmetry, float]:
    """The best upright mirror plane and the share of the surface that it maps onto the surface.

    The mesh has unit size. Upright: the normal is horizontal. A turned or moved mesh gets the plane turned and moved.
    """
    points, _ = sample_surface(mesh, SAMPLES, seed)
    tree = KDTree(points)
    probes = points[:: SAMPLES // PROBES]
    planes = [_refine(plane, probes[::3], tree) for plane in _first_guesses(probes, tree)]
    best = _most_telling(planes, probes, tree)
    sharp = _by_twins(best, mesh)
    if sharp is None:
        best = _refine(_refine(best, probes, tree), probes, tree)
        sharp = _by_twins(best, mesh) or _centred(best, mesh, probes, tree)
    distance, _ = tree.query(sharp.mirror(probes))
    # Half the mean gap between samples is noise of the sampling itself.
    noise = np.median(tree.query(probes, k=2)[0][:, 1])
    return sharp, float((distance < CLOSE + noise).mean())


def is_symmetric(share: float) -> bool:
    """Whether a share of partners is enough to make the rig mirror-exact."""
    return share >= EXACT_SHARE


def _most_telling(planes: list[Symmetry], probes: np.ndarray, tree: KDTree) -> Symmetry:
    """The plane with the least residual; among equals (a round body) the one that swaps the far ends of the shape."""
    residual = np.array([_residual(plane, probes, tree) for plane in planes])
    reach = np.array([np.abs(plane.side(probes)).max() for plane in planes])
    equal = residual <= residual.min() + EQUAL_RESIDUAL
    return planes[int(np.argmax(np.where(equal, np.round(reach, 2), -1.0)))]


def _first_guesses(probes: np.ndarray, tree: KDTree) -> list[Symmetry]:
    """The most promising directions, each through the best of several middles of the shape.

    Directions are counted from the shape's own principal axis, which are tried anyway.
    """
    flat = probes[:, :2] - probes[:, :2].mean(0)
    start = 0.5 * np.arctan2(2 * (flat[:, 0] * flat[:, 1]).sum(), (flat[:, 0] ** 2 - flat[:, 1] ** 2).sum())
    few = probes[::8]
    guesses, residuals = [], []
    for angle in start + np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        through = _through_middles(np.array([np.cos(angle), np.sin(angle), 0.0]), probes)
        residual = [_residual(plane, few, tree) for plane in through]
        guesses.append(through[int(np.argmin(residual))])
        residuals.append(min(residual))
    lower = [k for k in range(DIRECTIONS) if residuals[k] <= min(residuals[k - 1], residuals[(k + 1) % DIRECTIONS])]
    valleys = sorted(lower, key=lambda k: (residuals[k], k))[:4]
    principal = [k for k in (0, DIRECTIONS // 2) if k not in valleys]
    return [guesses[k] for k in valleys + principal]


def _through_middles(normal: np.ndarray, probes: np.ndarray) -> list[Symmetry]:
    """Planes of one direction through the mean, the median and the middles of the extent of the shape and its foot."""
    along = probes @ normal
    foot = along[probes[:, 2] <= np.quantile(probes[:, 2], 0.1)]
    middles = (along.mean(), np.median(along), (along.min() + along.max()) / 2, (foot.min() + foot.max()) / 2)
    return [Symmetry(normal, float(middle)) for middle in middles]


def _residual(plane: Symmetry, probes: np.ndarray, tree: KDTree) -> float:
    """How far mirrored points are from the surface."""
    distance, _ = tree.query(plane.mirror(probes), distance_upper_bound=FAR)
    return float(np.minimum(distance, FAR).mean())


def _refine(plane: Symmetry, probes: np.ndarray, tree: KDTree) -> Symmetry:
    """Move the plane between each point and the surface point nearest to its mirror image, best pairs only."""
    for _ in range(6):
        distance, partner = tree.query(plane.mirror(probes))
        pairs = distance <= np.quantile(distance, 0.7)
        plane = _between(probes[pairs], tree.data[np.asarray(partner)[pairs]], plane)
    return plane


def _between(one: np.ndarray, other: np.ndarray, plane: Symmetry) -> Symmetry:
    """The upright plane that best swaps two sets of points (N, 3)."""
    a = (one - one.mean(0))[:, :2]
    b = (other - other.mean(0))[:, :2]
    # A reflection in direction t maximises sum a . R(t) b, with R = [[-cos 2t, -sin 2t], [-sin 2t, cos 2t]].
    cosine = (a[:, 1] * b[:, 1] - a[:, 0] * b[:, 0]).sum()
    sine = -(a[:, 0] * b[:, 1] + a[:, 1] * b[:, 0]).sum()
    angle = 0.5 * np.arctan2(sine, cosine)
    normal = np.array([np.cos(angle), np.sin(angle), 0.0])
    if normal @ plane.normal < 0:
        normal = -normal
    return Symmetry(normal, float(((one + other) / 2 @ normal).mean()))


def _centred(plane: Symmetry, mesh: Mesh, probes: np.ndarray, tree: KDTree) -> Symmetry:
    """The plane through the centre of the surface, along a coordinate axis where that is what was meant."""
    limit = _residual(plane, probes, tree) * 1.05 + 1e-4
    for better in (_through_centroid, _on_axis):
        moved = better(plane, mesh)
        if moved is not None and _residual(moved, probes, tree) <= limit:
            plane = moved
    return plane


def _by_twins(plane: Symmetry, mesh: Mesh) -> Symmetry | None:
    """Where most vertices have exact twins the plane is known to their precision."""
    points = _slab(used_vertices(mesh))
    tree = KDTree(points)
    vertices = points[:: max(1, len(points) // TWIN_PROBES)]
    for reach in (0.01, 0.002, VERTEX_CLOSE):
        distance, partner = tree.query(plane.mirror(vertices), distance_upper_bound=reach)
        found = np.isfinite(distance)
        if found.mean() < 0.3:
            return None
        twins = points[np.asarray(partner)[found]]
        plane = _between(vertices[found], twins, plane)
    return _straightened(plane) if found.mean() > 0.5 else None


def _slab(points: np.ndarray) -> np.ndarray:
    """All points, or of very many those of the middle heights: an upright plane mirrors each height onto itself."""
    if len(points) <= MOST_TWINS:
        return points
    share = 0.5 * MOST_TWINS / len(points)
    low, high = np.quantile(points[:, 2], [0.5 - share, 0.5 + share])
    return points[(points[:, 2] >= low) & (points[:, 2] <= high)]


def _straightened(plane: Symmetry) -> Symmetry:
    """A normal that differs from an axis by rounding only is that axis."""
    for axis in AXES:
        if abs(axis @ plane.normal) > 1 - 1e-9:
            return Symmetry(axis, plane.offset * float(np.sign(axis @ plane.normal)))
    return plane


def _through_centroid(plane: Symmetry, mesh: Mesh) -> Symmetry | None:
    """The same plane through the centre of the surface's area, which every mirror plane holds."""
    area = np.linalg.norm(triangle_normals(mesh), axis=1)
    middle = (mesh.vertices[mesh.triangles].mean(1) * area[:, None]).sum(0) / area.sum()
    offset = float(middle @ plane.normal)
    return Symmetry(plane.normal, offset) if abs(offset - plane.offset) < SNAP_OFFSET else None


def _on_axis(plane: Symmetry, mesh: Mesh) -> Symmetry | None:
    """The same plane at right angles to the coordinate axis it nearly is."""
    for axis in AXES:
        turned = float(axis @ plane.normal)
        if abs(turned) >= np.cos(SNAP_ANGLE):
            straight = Symmetry(axis, plane.offset * float(np.sign(turned)))
            return _through_centroid(straight, mesh) or straight
    return None
