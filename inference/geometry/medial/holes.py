"""Small holes of a medial mesh that only the way its edges were chosen has left, and their filling.

A hole is a ring of four to eight edges without a chord, where the faces end: at least three of its edges have no face,
as in Point2Skeleton, or each has one at most. It is filled with triangles where the shape is seen all over it. Where
there is no picture, a ring is filled that is no wider than its own edges make it look: as a square or a pentagon among
triangles, which near neighbours leave wherever spheres lie in a grid.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...anatomy import MedialMesh
from .polygons import best_triangulation, shortest_ring

Seen = Callable[[np.ndarray], np.ndarray]  # points (N, 3) -> (N,) bool: False where the picture shows nothing of it
Neighbours = list[list[int]]

MOST = 8  # edges of a hole
FACELESS = 3  # edges without a face that make a ring a hole, whatever the others have
NARROW = 1.7  # without a picture: the longest new edge over the ring's mean one (a square's diagonal: 1.41)
SEEN = 0.85  # with a picture: share of each new face that it must show
_SAMPLES = np.array([(i, j, 6 - i - j) for i in range(7) for j in range(7 - i)]) / 6.0  # barycentric


def fill_holes(mesh: MedialMesh, seen: Seen | None = None) -> MedialMesh:
    """The same spheres, with the edges and faces that fill its holes."""
    centres = mesh.spheres.centres
    found = [ring for ring in rings(mesh) if len(ring) <= MOST]
    added: list[np.ndarray] = []
    for ring in found:
        chosen = best_triangulation(centres[ring], np.zeros((len(ring),) * 3))
        if chosen is None:
            continue
        corners = ring[np.array(chosen)]
        if _is_small(centres[ring], centres[corners]) if seen is None else _is_seen(centres[corners], seen):
            added.append(np.sort(corners, axis=1))
    if not added:
        return mesh
    faces = np.unique(np.concatenate([mesh.faces, *added]), axis=0)
    sides = np.concatenate([mesh.edges, *(np.sort(faces[:, pair], axis=1) for pair in ([0, 1], [1, 2], [0, 2]))])
    return MedialMesh(mesh.spheres, np.unique(sides, axis=0).astype(np.int32), faces.astype(np.int32))


def rings(mesh: MedialMesh) -> list[np.ndarray]:
    """The shortest chordless ring at the border through each edge that has no face or one; each ring once."""
    count = len(mesh.spheres.radii)
    faces_at = faces_at_edges(mesh)
    neighbours = _lists(mesh.edges, count)
    border = _lists(mesh.edges[faces_at <= 1], count)
    bare = {(int(a), int(b)) for a, b in mesh.edges[faces_at == 0]}
    is_face = {tuple(face) for face in mesh.faces.tolist()}
    known: set[tuple[int, ...]] = set()
    found: list[np.ndarray] = []
    for (a, b), there in zip(mesh.edges.tolist(), faces_at, strict=True):
        # An edge without a face may close a ring through others that have two.
        for graph in (border,) if there else (border, neighbours):
            ring = _ring(graph, a, b, is_face) if there <= 1 else None
            if ring is None or len(ring) < 4 or tuple(sorted(ring)) in known:
                continue
            known.add(tuple(sorted(ring)))
            if _is_hole(ring, at_border=graph is border, neighbours=neighbours, bare=bare):
                found.append(np.array(ring))
                break
    return found


def faces_at_edges(mesh: MedialMesh) -> np.ndarray:
    """How many faces each edge has, (E,)."""
    count = len(mesh.spheres.radii)
    keys = mesh.edges[:, 0].astype(np.int64) * count + mesh.edges[:, 1]  # ascending, as the edges are
    faces = np.sort(mesh.faces, axis=1).astype(np.int64)
    sides = np.concatenate([faces[:, a] * count + faces[:, b] for a, b in ((0, 1), (1, 2), (0, 2))])
    order = np.argsort(keys, kind="stable")
    return np.bincount(order[np.searchsorted(keys[order], sides)], minlength=len(keys))


def _ring(graph: Neighbours, start: int, goal: int, is_face: set[tuple[int, ...]]) -> list[int] | None:
    """The fewest spheres in a ring through the edge `start`-`goal` that is no face, at most MOST."""

    def is_open(last: int) -> bool:
        return tuple(sorted((start, last, goal))) not in is_face

    return shortest_ring(graph.__getitem__, (start, goal), MOST, is_open)


def _is_hole(ring: list[int], *, at_border: bool, neighbours: Neighbours, bare: set[tuple[int, int]]) -> bool:
    around = [set(neighbours[sphere]) for sphere in ring]
    inside = set(ring)
    if any(len(near & inside) != 2 for near in around) or set.intersection(*around):
        return False  # it has a chord, or one sphere in its middle that holds the faces there
    sides = [(min(pair), max(pair)) for pair in zip(ring, ring[1:] + ring[:1], strict=True)]
    return at_border or sum(side in bare for side in sides) >= FACELESS


def _is_small(ring: np.ndarray, faces: np.ndarray) -> bool:
    """Whether no side of faces (T, 3, 3) is much longer than the ring's (N, 3) mean edge."""
    mean = np.linalg.norm(ring - np.roll(ring, 1, 0), axis=1).mean()
    return bool(np.linalg.norm(faces - np.roll(faces, 1, 1), axis=2).max() <= NARROW * mean)


def _is_seen(faces: np.ndarray, seen: Seen) -> bool:
    points = np.einsum("sc,ncd->nsd", _SAMPLES, faces)
    return bool((seen(points.reshape(-1, 3)).reshape(len(faces), -1).mean(1) >= SEEN).all())


def _lists(edges: np.ndarray, count: int) -> Neighbours:
    """Each sphere's neighbours, ascending."""
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    starts = np.searchsorted(both[:, 0], np.arange(1, count))
    return [part.tolist() for part in np.split(both[:, 1], starts)]
