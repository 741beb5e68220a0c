"""Which way the faces of a cleaned mesh look: +1 as drawn, -1 turned over, 0 to be ignored for inside and outside."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from ...anatomy import Mesh
from .clean import vertex_components

BULGE = 0.004  # volume over area^1.5 from which a patch has an inside (a sphere has 0.094)


@dataclass(frozen=True)
class Shells:
    """Pieces of mesh that share vertices, and how each is turned."""

    label: np.ndarray  # (F,) int32, which piece a face belongs to
    closed: np.ndarray  # (K,) bool: every edge is passed as often forth as back
    volume: np.ndarray  # (K,) as drawn, after the whole was turned outward
    signs: np.ndarray  # (F,) int8


def orient_shells(mesh: Mesh) -> Shells:
    """Turn the mesh outward: closed pieces by their volume as a whole, others patch by patch."""
    triangles = mesh.triangles.astype(np.int64)
    label = vertex_components(triangles, len(mesh.vertices))[triangles[:, 0]]
    label = (np.cumsum(np.bincount(label) > 0) - 1)[label]  # pieces without faces do not count
    count = int(label.max()) + 1
    closed = _closed(triangles, label, count)
    volume = _volumes(mesh, label, count)
    signs = np.ones(len(triangles), np.int8)
    if volume[closed].sum() < 0:
        volume = np.where(closed, -volume, volume)
        signs[closed[label]] = -1
    loose = np.flatnonzero(~closed[label])
    if len(loose):
        signs[loose] = _orient_patches(mesh.vertices, triangles[loose], label[loose])
    return Shells(label, closed, volume, signs)


def _closed(triangles: np.ndarray, label: np.ndarray, count: int) -> np.ndarray:
    """(K,) bool; edges are summed as random numbers with the sign of their direction, so no sorting is needed."""
    total = np.zeros(count, np.uint64)
    for start, end in ((0, 1), (1, 2), (2, 0)):
        a, b = triangles[:, start], triangles[:, end]
        mixed = _scramble(np.minimum(a, b), np.maximum(a, b))
        mixed = np.where(a < b, mixed, ~mixed + np.uint64(1))
        if count == 1:
            total += mixed.sum()
        else:
            np.add.at(total, label, mixed)
    return total == 0


def _scramble(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    mixed = low.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
    mixed = (mixed ^ (mixed >> np.uint64(30)) ^ high.astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _volumes(mesh: Mesh, label: np.ndarray, count: int) -> np.ndarray:
    """Signed volume of each piece about one of its own corners, (K,)."""
    first = np.zeros(count, np.int64)
    first[label[::-1]] = mesh.triangles[::-1, 0]
    corners = np.ascontiguousarray(mesh.triangles.T)
    edges = []
    for coordinate in np.ascontiguousarray(mesh.vertices.T):
        edges.append(coordinate[corners] - coordinate[first][label])  # (3, F) from the apex to each corner
    (ax, bx, cx), (ay, by, cy), (az, bz, cz) = edges
    volumes = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    return np.bincount(label, volumes, count) / 6.0


def _orient_patches(vertices: np.ndarray, triangles: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(F,) int8: neighbours over two-sided edges agree, patches that bulge do so outward, inner walls are 0."""
    edge, face, forth, valence = _edges(triangles)
    balance = np.bincount(edge, forth, len(valence))
    torn = (valence > 2) | ((valence == 2) & (balance != 0))
    patch, flipped = _patches(triangles, label, np.unique(label[face[torn[edge]]]))
    count = int(patch.max()) + 1
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.sqrt(np.einsum("ij,ij->i", normal, normal)) / 2
    areas = np.bincount(patch, area, count)
    rim = np.flatnonzero(valence[edge] != 2)
    apex = _middles(vertices[triangles.reshape(-1)[rim]], patch[face[rim]], count)
    volumes = np.einsum("ij,ij->i", a - apex[patch], normal) * flipped
    volume = np.bincount(patch, volumes, count) / 6.0
    as_drawn = np.bincount(patch, area * flipped, count)
    bulges = np.abs(volume) > BULGE * areas**1.5
    sign = np.where(np.where(bulges, volume, as_drawn) < 0, -1, 1).astype(np.int8)
    if (valence > 2).any():
        sign[_inner_walls(patch, sign, edge, face, forth * flipped[face], valence, bulges)] = 0
    return flipped * sign[patch]


def _patches(triangles: np.ndarray, label: np.ndarray, torn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(F,) patch of each face and (F,) int8 how to turn it so that its patch agrees; only `torn` pieces need work."""
    patch = np.unique(label, return_inverse=True)[1].reshape(-1)
    flipped = np.ones(len(triangles), np.int8)
    broken = np.flatnonzero(np.isin(label, torn))
    if len(broken):
        turned, part = igl.bfs_orient(triangles[broken])
        flipped[broken] = np.where((np.asarray(turned) == triangles[broken]).all(1), 1, -1)
        patch[broken] = patch.max() + 1 + np.asarray(part).reshape(-1)
    return patch, flipped


def _edges(triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each face side its edge, its face, its direction along the edge; and for each edge how many faces meet."""
    start = triangles.reshape(-1)
    end = triangles[:, [1, 2, 0]].reshape(-1)
    key = np.minimum(start, end) * (int(triangles.max()) + 1) + np.maximum(start, end)
    _, edge, valence = np.unique(key, return_inverse=True, return_counts=True)
    face = np.repeat(np.arange(len(triangles)), 3)
    return edge.reshape(-1), face, np.where(start < end, np.int8(1), np.int8(-1)), valence


def _middles(points: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Mean of the points (N, 3) of each group, (count, 3); 0 for empty groups."""
    size = np.maximum(np.bincount(group, minlength=count), 1)
    return np.stack([np.bincount(group, points[:, k], count) / size for k in range(3)], 1)


def _inner_walls(
    patch: np.ndarray,
    sign: np.ndarray,
    edge: np.ndarray,
    edge_face: np.ndarray,
    edge_sign: np.ndarray,
    valence: np.ndarray,
    bulges: np.ndarray,
) -> np.ndarray:
    """(K,) bool: flat patches hung into a shell that is closed without them."""
    owner = patch[edge_face]
    direction = edge_sign * sign[owner]
    balance = np.bincount(edge, direction, len(valence))
    rim = valence[edge] != 2
    hung = rim & (np.abs(balance[edge] - direction) < 0.5) & (valence[edge] >= 3)
    sides = np.bincount(owner[rim], minlength=len(sign))
    return ~bulges & (sides > 0) & (np.bincount(owner[hung], minlength=len(sign)) == sides)
