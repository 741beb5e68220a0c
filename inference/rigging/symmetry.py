"""The upright mirror plane of a shape, found on its surface."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ..anatomy import Mesh, Symmetry
from ..geometry.surface import sample_surface, triangle_normals, used_vertices

SAMPLES = 6000  # points that stand for the surface
PROBES = 1500  # of them, the ones that are mirrored
DIRECTIONS = 30  # plane directions tried over half a turn
CLOSE = 0.012  # a mirrored point this near to the surface has found its partner (share of the size)
EXACT_SHARE = 0.93  # share of partners from which a shape counts as symmetric
EQUAL_RESIDUAL = 0.0006  # difference of mean distances that is the noise of the sampling
TWIN_PROBES = 10_000  # vertices whose twins are looked for
MOST_TWINS = 40_000  # vertices among which they are looked for
VERTEX_CLOSE = 1e-4  # a mirrored vertex this near to another is its twin
SNAP_ANGLE = np.deg2rad(1.5)
SNAP_OFFSET = 0.004
SNAP_ORIGIN = 0.0015
AXES = (np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))


def find_symmetry(mesh: Mesh, made_at: np.ndarray | None = None, seed: int = 0) -> tuple[Symmetry, float]:
    """The best upright mirror plane and the share of the surface that it maps onto the surface.

    The mesh has unit size. Upright: the normal is horizontal. `made_at` (3,) is a point the plane may well pass
    through: where the origin of the artist's scene was.
    """
    points, _ = sample_surface(mesh, SAMPLES, seed)
    tree = KDTree(points)
    probes = points[:: SAMPLES // PROBES]
    planes = [_refine(plane, probes[::3], tree) for plane in _first_guesses(probes, tree, made_at)]
    best = _refine(_refine(_most_telling(planes, probes, tree), probes, tree), probes, tree)
    best = _exact(best, mesh, probes, tree, made_at)
    distance, _ = tree.query(best.mirror(probes))
    # Half the mean gap between samples is noise of the sampling itself.
    noise = np.median(tree.query(probes, k=2)[0][:, 1])
    return best, float((distance < CLOSE + noise).mean())


def is_symmetric(share: float) -> bool:
    """Whether a share of partners is enough to make the rig mirror-exact."""
    return share >= EXACT_SHARE


def _plane(angle: float, through: np.ndarray) -> Symmetry:
    normal = np.array([np.cos(angle), np.sin(angle), 0.0])
    return Symmetry(normal, float(normal @ through))


def _most_telling(planes: list[Symmetry], probes: np.ndarray, tree: KDTree) -> Symmetry:
    """The plane with the least residual; among equals (a round body) the one that swaps the far ends of the shape."""
    residual = np.array([_residual(plane, probes, tree) for plane in planes])
    reach = np.array([np.abs(plane.side(probes)).max() for plane in planes])
    equal = residual <= residual.min() + EQUAL_RESIDUAL
    return planes[int(np.argmax(np.where(equal, np.round(reach, 2), -1.0)))]


def _first_guesses(probes: np.ndarray, tree: KDTree, made_at: np.ndarray | None) -> list[Symmetry]:
    """The most promising directions, through several middles of the shape; the axes are always tried."""
    middles = [probes.mean(0), np.median(probes, 0), (probes.min(0) + probes.max(0)) / 2]
    if made_at is not None:
        middles.append(made_at)
    axes = [_plane(angle, middle) for angle in (0.0, np.pi / 2) for middle in middles]
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    coarse = [_plane(angle, middle) for angle in angles for middle in middles]
    few = probes[::8]
    residual = np.array([_residual(plane, few, tree) for plane in coarse])
    return axes + [coarse[k] for k in np.argsort(residual, kind="stable")[:4]]


def _residual(plane: Symmetry, probes: np.ndarray, tree: KDTree) -> float:
    """How far mirrored points are from the surface; far ones count as equally far, so that a prop does not rule."""
    distance, _ = tree.query(plane.mirror(probes), distance_upper_bound=0.1)
    return float(np.minimum(distance, 0.1).mean())


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


def _exact(plane: Symmetry, mesh: Mesh, probes: np.ndarray, tree: KDTree, made_at: np.ndarray | None) -> Symmetry:
    """The plane to full precision: by twin vertices, else by the middle of the surface and what was meant."""
    sharp = _by_twins(plane, mesh)
    if sharp is not None:
        return sharp
    limit = _residual(plane, probes, tree) * 1.05 + 1e-4
    for better in (_through_centroid(plane, mesh), _on_axis(plane, mesh, made_at)):
        if better is not None and _residual(better, probes, tree) <= limit:
            plane = better
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


def _on_axis(plane: Symmetry, mesh: Mesh, made_at: np.ndarray | None) -> Symmetry | None:
    """The coordinate plane nearby, through the origin of the artist's scene where that is as near."""
    for axis in AXES:
        turned = float(axis @ plane.normal)
        if abs(turned) < np.cos(SNAP_ANGLE):
            continue
        offset = plane.offset * float(np.sign(turned))
        if made_at is not None and abs(float(made_at @ axis) - offset) < SNAP_ORIGIN:
            offset = float(made_at @ axis)
        return Symmetry(axis, offset)
    return None
