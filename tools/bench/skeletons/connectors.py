"""Ways to join spheres into a medial mesh, with parameters to choose from: ours, the paper's and the classical ones.

"Ball pivoting" stands for what a ball of a given radius leaves when it has rolled everywhere over the centres: all
triangles that it can rest on without holding another centre, from either side. That is found among the Delaunay
triangulation's faces (an empty ball through three points is witnessed there), without the order of rolling and without
normals, which medial spheres do not have; so a seed triangle cannot be missed, and the original can only leave fewer.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import Delaunay, KDTree, QhullError

from inference.anatomy import MedialMesh, MedialSpheres
from inference.geometry.medial.join import Rule, join_spheres, nearest_others, triangles_of

JITTER = 1e-7  # centres in one plane have no tetrahedra
SLACK = 1e-6

Join = Callable[[MedialSpheres], MedialMesh]


@dataclass(frozen=True)
class Way:
    """One way to join spheres, and what may be chosen."""

    name: str
    choices: dict[str, Join]


def ways() -> tuple[Way, ...]:
    """Ours first."""
    ours = {
        f"touching {touching:g}, K {k}; fine {fine}, coarse {coarse}, p {p:g}": _by_rule(
            Rule(k_fine=fine, k_coarse=coarse, p=p, touching=touching, k_touching=k)
        )
        for touching, k, fine, coarse, p in (
            (1.5, 6, 3, 8, 2.5),
            (2.0, 8, 3, 8, 2.5),
            (2.25, 8, 3, 8, 2.5),
            (2.0, 8, 3, 8, 2.0),
            (2.0, 8, 3, 6, 1.5),
            (2.0, 6, 4, 10, 3.0),
        )
    }
    papers = {
        f"K {fine} and {coarse}, p {p:g}": _by_rule(Rule(k_fine=fine, k_coarse=coarse, p=p, touching=0.0))
        for fine, coarse, p in ((2, 6, 1.5), (3, 8, 1.8), (3, 8, 2.5), (4, 8, 2.2), (4, 12, 3.0))
    }
    return (
        Way("ours", ours),
        Way("Algorithm 1", papers),
        Way("Delaunay", {f"length {x:g}": _by(delaunay, x) for x in (0.05, 0.06, 0.07, 0.08, 0.1, 0.12)}),
        Way("ball pivoting", {f"radius {x:g}": _by(pivoting, x) for x in (0.025, 0.03, 0.04, 0.05, 0.06, 0.08)}),
        Way("KNN", {f"K {k}": _by(nearest, k) for k in (3, 4, 5, 6, 7, 8)}),
    )


def _by_rule(rule: Rule) -> Join:
    return lambda spheres: join_spheres(spheres, rule)


def _by(way: Callable[[MedialSpheres, float], MedialMesh], value: float) -> Join:
    return lambda spheres: way(spheres, value)


def nearest(spheres: MedialSpheres, count: float) -> MedialMesh:
    """Every sphere and its `count` nearest; faces where three are joined."""
    most = min(int(count), len(spheres.radii) - 1)
    near = nearest_others(spheres.centres, most)[1] if most > 0 else np.zeros((len(spheres.radii), 0), np.int64)
    start = np.repeat(np.arange(len(near)), near.shape[1])
    edges = _unique(np.column_stack([start, near.ravel()]))
    return MedialMesh(spheres, edges, triangles_of(edges, len(spheres.radii)))


def delaunay(spheres: MedialSpheres, longest: float) -> MedialMesh:
    """The Delaunay triangulation without edges longer than `longest`."""
    faces = delaunay_faces(spheres.centres)
    edges = _unique(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [0, 2]]]))
    edges = edges[_length(spheres.centres, edges) < longest]
    return _mesh(spheres, faces[(_sides(spheres.centres, faces) < longest).all(1)], edges)


def pivoting(spheres: MedialSpheres, radius: float) -> MedialMesh:
    """The triangles that a ball of `radius` can rest on."""
    faces = delaunay_faces(spheres.centres)
    a, b, c = spheres.centres[faces].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    squared = np.maximum((normal**2).sum(1, keepdims=True), 1e-30)
    one, two = ((c - a) ** 2).sum(1, keepdims=True), ((b - a) ** 2).sum(1, keepdims=True)
    middle = a + (np.cross(normal, b - a) * one + np.cross(c - a, normal) * two) / (2 * squared)
    height = radius**2 - ((middle - a) ** 2).sum(1)
    up = normal / np.sqrt(squared) * np.sqrt(np.maximum(height, 0))[:, None]
    tree, rests = KDTree(spheres.centres), np.zeros(len(faces), bool)
    for place in (middle + up, middle - up):
        rests |= tree.query(place)[0] > radius * (1 - SLACK) - 2 * JITTER
    return _mesh(spheres, faces[rests & (height > 0)], np.zeros((0, 2), np.int32))


def delaunay_faces(centres: np.ndarray) -> np.ndarray:
    """All triangles of the Delaunay triangulation of centres (N, 3), ascending and in order."""
    if len(centres) < 4:
        return np.array([range(3)], np.int32)[: len(centres) == 3]
    moved = centres + JITTER * np.random.default_rng(0).normal(size=centres.shape)
    try:
        solids = Delaunay(moved).simplices
    except QhullError:
        return np.zeros((0, 3), np.int32)
    return _unique(np.concatenate([solids[:, corners] for corners in itertools.combinations(range(4), 3)]))


def _mesh(spheres: MedialSpheres, faces: np.ndarray, edges: np.ndarray) -> MedialMesh:
    sides = np.concatenate([edges, faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [0, 2]]])
    return MedialMesh(spheres, _unique(sides), faces.astype(np.int32))


def _unique(corners: np.ndarray) -> np.ndarray:
    return np.unique(np.sort(corners, axis=1), axis=0).astype(np.int32).reshape(-1, corners.shape[1])


def _length(centres: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    return np.linalg.norm(centres[pairs[:, 0]] - centres[pairs[:, 1]], axis=1)


def _sides(centres: np.ndarray, faces: np.ndarray) -> np.ndarray:
    return np.stack([_length(centres, faces[:, pair]) for pair in ([0, 1], [1, 2], [0, 2])], 1)
