"""Mesh -> signed distances: normalised shapes, volumes, and samples in and around the band near the surface.

Positive inside. The distance is that to the triangles, the sign the generalised winding number's, so that shells
within each other, shells turned inside out and surfaces with holes get a sensible inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import igl
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from inference.anatomy import Mesh
from inference.geometry.mesh.clean import clean_mesh
from training.datasets.store.errors import SkippedError
from training.datasets.store.records import Frame, SdfSamples, SdfVolume

LOW, SIZE = -1.1, 2.2  # the cube that is sampled; the shape reaches from -1 to 1
RESOLUTION = 100
BAND = 0.25  # distances that count as near the surface
STEP = 0.5  # of smoothing: how far a vertex goes towards the mean of its neighbours
MOST_MOVED = 0.011  # of smoothing: half a cell of the volume, so that coarse meshes keep their corners
DISN_REACH = 0.1  # of the four bins on both sides of the surface
BINS = 4
TRIES = 12  # of drawing more; a range that a large draw never hits is taken to be empty
Pieces = Literal["largest", "each", "all"]
COARSE = 48  # cells along the cube's side when places near the surface are looked for


def normalised(mesh: Mesh, smoothing: int = 3, pieces: Pieces = "largest") -> tuple[Mesh, Frame]:
    """The largest component, or all of them, as `normalised_pieces` makes it."""
    if pieces == "each":
        raise ValueError("Several pieces are not one shape: ask `normalised_pieces`.")
    return normalised_pieces(mesh, smoothing, pieces)[0]


def normalised_pieces(mesh: Mesh, smoothing: int = 3, pieces: Pieces = "each") -> list[tuple[Mesh, Frame]]:
    """Shapes smoothed `smoothing` times, centred by their boxes, divided by their largest coordinates.

    The largest component alone, each component a shape of its own, the largest first, or all of them as one shape.
    """
    cleaned, _ = clean_mesh(mesh)
    kept = components(cleaned) if pieces != "all" else [_of_triangles(cleaned, cleaned.triangles)]
    return [_normalised(piece, smoothing) for piece in (kept[:1] if pieces == "largest" else kept)]


def _normalised(mesh: Mesh, smoothing: int) -> tuple[Mesh, Frame]:
    vertices = _smoothed(mesh, smoothing)
    low, high = vertices.min(0), vertices.max(0)
    centre, scale = (low + high) / 2, float((high - low).max() / 2)
    return Mesh((vertices - centre) / scale, mesh.triangles), Frame(centre, scale)


def largest_component(mesh: Mesh) -> Mesh:
    """The connected piece with the largest area, without vertices that nothing uses."""
    return components(mesh)[0]


def components(mesh: Mesh) -> list[Mesh]:
    """The connected pieces, those with much area first, each without vertices that it does not use."""
    t = mesh.triangles
    pairs = np.concatenate([t[:, [0, 1]], t[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(mesh.vertices),) * 2)
    label = connected_components(graph, directed=False)[1][t[:, 0]]
    a, b, c = (mesh.vertices[t[:, k]] for k in range(3))
    area = np.bincount(label, np.linalg.norm(np.cross(b - a, c - a), axis=1))
    present = np.unique(label)
    return [_of_triangles(mesh, t[label == piece]) for piece in present[np.argsort(-area[present], kind="stable")]]


def _of_triangles(mesh: Mesh, triangles: np.ndarray) -> Mesh:
    """These triangles and the vertices that they use."""
    used, renumbered = np.unique(triangles, return_inverse=True)
    return Mesh(mesh.vertices[used], renumbered.reshape(-1, 3).astype(np.int32))


def _smoothed(mesh: Mesh, rounds: int) -> np.ndarray:
    """Vertices drawn towards the mean of their neighbours, none further than a small share of the shape's size."""
    t, count = mesh.triangles, len(mesh.vertices)
    ends = np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
    ends = np.unique(np.concatenate([ends, ends[:, ::-1]]), axis=0)
    mean = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    degree = np.maximum(np.bincount(ends[:, 0], minlength=count), 1)[:, None]
    moved = mesh.vertices
    for _ in range(rounds):
        moved = moved + STEP * (mean @ moved / degree - moved)
    way = moved - mesh.vertices
    most = MOST_MOVED * float(np.ptp(mesh.vertices, axis=0).max()) / 2
    length = np.linalg.norm(way, axis=1, keepdims=True)
    return mesh.vertices + way * np.minimum(1.0, most / np.maximum(length, 1e-300))


def signed_distance(mesh: Mesh, points: np.ndarray) -> np.ndarray:
    """Of points (N, 3), (N,), positive inside."""
    if len(points) == 0:
        return np.zeros(0)
    vertices, triangles = np.ascontiguousarray(mesh.vertices, np.float64), mesh.triangles.astype(np.int64)
    points = np.ascontiguousarray(points, np.float64)
    squared = np.asarray(igl.point_mesh_squared_distance(points, vertices, triangles)[0])
    # A surface that is turned inside out winds the other way round.
    inside = np.abs(igl.fast_winding_number(vertices, triangles, points)) > 0.5
    return np.sqrt(squared) * np.where(inside, 1.0, -1.0)


def sdf_volume(mesh: Mesh, resolution: int = RESOLUTION) -> SdfVolume:
    """Signed distances of a normalised mesh at the middles of the cube's cells."""
    values = signed_distance(mesh, grid_points(resolution)).reshape((resolution,) * 3)
    return SdfVolume(values, LOW, SIZE)


def grid_points(resolution: int) -> np.ndarray:
    """The middles of the cube's cells, (R^3, 3)."""
    axis = LOW + SIZE / resolution * (np.arange(resolution) + 0.5)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


def sdf_samples(mesh: Mesh, count: int, seed: int = 0, band: float = BAND) -> SdfSamples:
    """Places all over the cube: half of them within `band` of the surface, the other half beyond it."""
    draw = _Draw(mesh, np.random.default_rng([0x5DF, seed]))
    near = draw.between(-band, band, count // 2)
    far = draw.beyond(band, count - len(near[1]))
    return SdfSamples(*(np.concatenate(pair) for pair in zip(near, far, strict=True)))


def disn_samples(mesh: Mesh, count: int, seed: int = 0, reach: float = DISN_REACH, coarse: int = COARSE) -> SdfSamples:
    """Equally many places in each of four bins of the signed distance within `reach` of the surface.

    Where a shape is too thin to hold the inner bin, the one next to it gets its share.
    """
    draw = _Draw(mesh, np.random.default_rng([0xD15, seed]), coarse)
    edges = np.linspace(-reach, reach, BINS + 1)
    each = count // BINS
    parts = [draw.between(edges[k], edges[k + 1], each + (k < count % BINS)) for k in range(BINS - 1)]
    innermost = draw.between(edges[-2], edges[-1], each)
    missing = count - sum(len(part[1]) for part in [*parts, innermost])
    parts += [innermost, draw.between(edges[-3], edges[-2], missing)]
    points, distances = (np.concatenate(every) for every in zip(*parts, strict=True))
    if len(distances) < count:
        raise SkippedError("it has no inside near its surface")
    return SdfSamples(points, distances)


class _Draw:
    """Draws evenly from the parts of the cube where the signed distance lies in a range."""

    def __init__(self, mesh: Mesh, rng: np.random.Generator, coarse: int = COARSE) -> None:
        self._mesh, self._rng, self._coarse = mesh, rng, coarse
        self._cells = grid_points(coarse)
        self._at = signed_distance(mesh, self._cells)

    def between(self, low: float, high: float, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Up to `count` places and their distances; fewer, often none, where hardly any place has such a distance."""
        nearest, furthest = sorted((abs(low), abs(high)))
        nearest = 0.0 if low < 0 < high else nearest
        away, half = (
            np.abs(self._at),
            SIZE / self._coarse * np.sqrt(3) / 2,
        )  # no place in a cell is further from its middle
        cells = np.flatnonzero((away > nearest - half) & (away < furthest + half))
        return self._accepted(cells, lambda found: (found >= low) & (found < high), count)

    def beyond(self, band: float, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Places further from the surface than `band`."""
        return self._accepted(np.arange(len(self._cells)), lambda found: np.abs(found) >= band, count)

    def _accepted(
        self, cells: np.ndarray, accept: Callable[[np.ndarray], np.ndarray], count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        points, distances = [np.zeros((0, 3))], [np.zeros(0)]
        missing, tries, share = count, 0, 0.5
        while missing > 0 and tries < TRIES and len(cells):
            asked = int(min(max(1.2 * missing / max(share, 0.02), 256), 100_000))
            here = self._cells[self._rng.choice(cells, asked)]
            here = here + SIZE / self._coarse * (self._rng.random((asked, 3)) - 0.5)
            found = signed_distance(self._mesh, here)
            good = np.flatnonzero(accept(found))
            share = len(good) / asked
            points.append(here[good[:missing]])
            distances.append(found[good[:missing]])
            missing -= len(points[-1])
            tries = TRIES if share == 0 else tries + 1
        return np.concatenate(points), np.concatenate(distances)
