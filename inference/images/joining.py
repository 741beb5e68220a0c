"""Which spheres are joined, as far as a silhouette can tell: nothing is where the background shows."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import KDTree

from ..anatomy import MedialMesh, MedialSpheres
from .outline import Outline, draw_discs, places_of

SPILL = 0.012  # how far a cone or slab may reach over the outline, as a share of the map's side ...
SPILL_SHARE = 0.2  # ... or of its own radius there
ALONG = np.stack([np.linspace(0, 1, 9), np.linspace(1, 0, 9)], 1)[1:-1]  # where cones are looked at
ACROSS = np.array([(a, b, 5 - a - b) for a in range(6) for b in range(6 - a)]) / 5  # where slabs are
NEIGHBOURS = 12  # of each sphere, among which loose parts may find each other


def keep_within(medial: MedialMesh, outline: Outline) -> MedialMesh:
    """Without the cones and slabs that reach over the outline; what hangs together in the picture stays together."""
    edges = medial.edges[_stays(medial.spheres, medial.edges, ALONG, outline)]
    extra = _links(medial.spheres, edges, outline)
    edges = np.unique(np.concatenate([edges, extra]), axis=0).astype(np.int32)
    faces = medial.faces[_stays(medial.spheres, medial.faces, ACROSS, outline)]
    count = len(medial.spheres.radii)
    sides = np.sort(faces[:, [[0, 1], [1, 2], [0, 2]]].astype(np.int64), axis=2)
    known = np.isin(sides[..., 0] * count + sides[..., 1], edges[:, 0].astype(np.int64) * count + edges[:, 1])
    return MedialMesh(medial.spheres, edges, faces[known.all(1)])


def draw_medial(medial: MedialMesh, size: int) -> np.ndarray:
    """The silhouette (S, S) bool of spheres, cones and slabs of the seen frame."""
    parts = [(medial.spheres.centres, medial.spheres.radii)]
    parts += [_swept(medial.spheres, ends, where) for ends, where in ((medial.edges, ALONG), (medial.faces, ACROSS))]
    centres, radii = (np.concatenate([part[k].reshape(-1, *part[k].shape[2:]) for part in parts[1:]]) for k in (0, 1))
    centres, radii = np.concatenate([parts[0][0], centres]), np.concatenate([parts[0][1], radii])
    places, scale = places_of(centres, size)
    return draw_discs(places, radii * scale, size)


def _swept(spheres: MedialSpheres, ends: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (N, K, 3) and radii (N, K) of spheres between `ends` (N, 2 or 3), at the shares `where`."""
    return np.einsum("kc,ncx->nkx", where, spheres.centres[ends]), spheres.radii[ends] @ where.T


def _stays(spheres: MedialSpheres, ends: np.ndarray, where: np.ndarray, outline: Outline) -> np.ndarray:
    """Which sweeps between `ends` (N, 2 or 3) stay within the outline, (N,) bool."""
    centres, radii = _swept(spheres, ends, where)
    places, scale = places_of(centres.reshape(-1, 3), outline.size)
    wide = radii.ravel() * scale
    over = wide - outline.depth_at(places)
    return (over <= np.maximum(SPILL * outline.size, SPILL_SHARE * wide)).reshape(radii.shape).all(1)


def _links(spheres: MedialSpheres, edges: np.ndarray, outline: Outline) -> np.ndarray:
    """The shortest edges (N, 2) inside the outline that join parts which `edges` leave apart."""
    count = len(spheres.radii)
    part = connected_components(coo_matrix((np.ones(len(edges)), edges.T), (count, count)), directed=False)[1]
    if part.max(initial=0) == 0:
        return np.zeros((0, 2), np.int64)
    near = np.asarray(KDTree(spheres.centres).query(spheres.centres, k=min(NEIGHBOURS + 1, count))[1])
    pairs = np.stack([np.repeat(np.arange(count), near.shape[1]), near.ravel()], 1)
    pairs = np.unique(np.sort(pairs[part[pairs[:, 0]] != part[pairs[:, 1]]], axis=1), axis=0)
    pairs = pairs[_stays(spheres, pairs, ALONG, outline)]
    if len(pairs) == 0:
        return pairs
    length = np.linalg.norm(spheres.centres[pairs[:, 0]] - spheres.centres[pairs[:, 1]], axis=1)
    order = np.argsort(length, kind="stable")
    pairs, length = pairs[order], length[order]
    parts = np.sort(part[pairs], axis=1)
    _, first = np.unique(parts[:, 0] * count + parts[:, 1], return_index=True)  # the shortest between each two parts
    weight = coo_matrix((length[first] + 1e-9, parts[first].T), (count, count))
    rows, columns = minimum_spanning_tree(weight.tocsr()).nonzero()
    tree = np.minimum(rows, columns) * count + np.maximum(rows, columns)
    return pairs[first[np.isin(parts[first, 0] * count + parts[first, 1], tree)]]
