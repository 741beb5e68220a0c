"""MedialSpheres -> MedialMesh: which spheres are joined by cones and slabs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from ...anatomy import MedialMesh, MedialSpheres, Solid
from ...progress import SILENT, Progress
from ..solid.graph import link_graph
from .complex import Complex
from .homology import Span, spanning_forest
from .partition import Contacts, Corners, contacts, euler_number, euler_numbers, glued_corners, partition

MOST_ROUNDS = 3  # of dividing the solid anew with more spheres where a single region closes on itself


@dataclass(frozen=True)
class _Layout:
    """The spheres with the regions they hold, once every loop of the solid can be told by the contacts alone."""

    spheres: MedialSpheres
    contacts: Contacts
    classes: list[int]  # which independent loops of the solid each contact closes, as bits


def medial_mesh(solid: Solid, spheres: MedialSpheres, *, progress: Progress = SILENT) -> MedialMesh:
    """Join the spheres whose regions touch through the solid.

    Parts that merely touch or pass close are not joined, because regions grow along the solid's links. The mesh
    has exactly the solid's components and independent loops; where a loop passes through fewer than three spheres,
    spheres are added, and those that hold no cell of their own are left out.
    """
    cavities = _cavities(solid)
    layout = _laid_out(solid, spheres, cavities, progress.part(0.0, 0.6))

    def inside(points: np.ndarray) -> np.ndarray:
        return solid.cells_at(points) >= 0

    edges, between = _joints(layout)
    joined = _with_cells(solid, layout.spheres, between)
    made = Complex(joined.centres, joined.radii, edges, inside)
    progress.step(0.7, "Joining spheres")
    made.add_faces(_touching_triples(layout.contacts), cavities)
    progress.step(0.8)
    made.collapse_bad_edges()
    made.close_gaps()
    return made.mesh(joined)


def _laid_out(solid: Solid, spheres: MedialSpheres, cavities: np.ndarray, progress: Progress) -> _Layout:
    graph, corners = link_graph(solid), glued_corners(solid)
    loops = int(solid.component.max()) + 1 + len(cavities) - euler_number(corners)
    seeds, rounds = solid.nearest_cells(spheres.centres), 0
    while True:
        label, reach = partition(graph, seeds, spheres.radii)
        kept = np.unique(label[label >= 0])
        spheres = MedialSpheres(spheres.centres[kept], spheres.radii[kept], spheres.sheet[kept])
        seeds, label = seeds[kept], np.where(label < 0, -1, np.searchsorted(kept, label))
        rounds += 1
        progress.step(rounds / (MOST_ROUNDS + 1), "Dividing the solid")
        extra = _unreached(solid, label)
        if len(extra) == 0:
            found = contacts(solid, corners, label)
            classes = _loop_classes(len(seeds), found)
            if _closed_loops(classes) < loops:
                extra = _inner_loops(corners, label, reach)
            if len(extra) == 0 or rounds > MOST_ROUNDS:
                return _Layout(spheres, found, classes)
        seeds, spheres = np.concatenate([seeds, extra]), _with_cells(solid, spheres, extra)


def _with_cells(solid: Solid, spheres: MedialSpheres, cells: np.ndarray) -> MedialSpheres:
    near = KDTree(spheres.centres).query(solid.centres[cells])[1]
    return MedialSpheres(
        np.concatenate([spheres.centres, solid.centres[cells]]),
        np.concatenate([spheres.radii, solid.depth[cells]]),
        np.concatenate([spheres.sheet, spheres.sheet[near]]),
    )


def _unreached(solid: Solid, label: np.ndarray) -> np.ndarray:
    """The deepest cell of each component that holds no sphere."""
    lost = np.flatnonzero(label < 0)
    order = lost[np.lexsort((-solid.depth[lost], solid.component[lost]))]
    return order[np.unique(solid.component[order], return_index=True)[1]]


def _loop_classes(count: int, found: Contacts) -> list[int]:
    """For each contact the loops it closes beyond a spanning forest: equal sums, homologous ways through the solid."""
    forest, rank = spanning_forest(count, found.pairs.tolist()), {}
    for patch in np.flatnonzero(~forest):
        rank[int(patch)] = len(rank)
    span = Span()
    for triple in found.triples:
        row = 0
        for patch in triple:
            if int(patch) in rank:
                row ^= 1 << rank[int(patch)]
        span.add(row)
    values = span.cocycles(len(rank))
    return [values[rank[patch]] if patch in rank else 0 for patch in range(len(found.pairs))]


def _closed_loops(classes: list[int]) -> int:
    return max((value.bit_length() for value in classes), default=0)


def _inner_loops(corners: Corners, label: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The farthest cell of each region that closes on itself."""
    loopy = np.flatnonzero(euler_numbers(corners, label, int(label.max()) + 1) < 1)
    order = np.lexsort((-reach, label))
    return order[np.searchsorted(label[order], loopy)]


def _joints(layout: _Layout) -> tuple[dict[tuple[int, int], int], np.ndarray]:
    """One edge for each two regions that touch, and the loops it closes.

    Where they touch on both sides of a hole, an edge goes through the largest contact and each other way round gets a
    sphere of its own: the cells to put these at come second, numbered after the spheres.
    """
    found, count = layout.contacts, len(layout.spheres.radii)
    edges: dict[tuple[int, int], int] = {}
    ways: set[tuple[int, int, int]] = set()
    between: list[int] = []
    for patch in np.argsort(-found.sizes, kind="stable"):
        a, b, way = int(found.pairs[patch, 0]), int(found.pairs[patch, 1]), layout.classes[patch]
        if (a, b, way) in ways:
            continue
        ways.add((a, b, way))
        if (a, b) in edges:
            edges[a, count + len(between)], edges[b, count + len(between)] = way, 0
            between.append(int(found.places[patch]))
        else:
            edges[a, b] = way
    return edges, np.array(between, np.intp)


def _touching_triples(found: Contacts) -> set[tuple[int, int, int]]:
    """Three regions that share a point."""
    first = found.pairs[found.triples[:, 0]]
    third = found.pairs[found.triples[:, 1]][:, 1:]
    return {(int(a), int(b), int(c)) for a, b, c in np.column_stack([first, third])}


def _cavities(solid: Solid) -> np.ndarray:
    """A point in each space the solid encloses, (H, 3)."""
    label = np.zeros(solid.grid.shape, np.int32)
    if ndimage.label(solid.grid < 0, output=label) == 1:
        return np.zeros((0, 3))
    spaces, first = np.unique(label.ravel(), return_index=True)
    places = np.stack(np.unravel_index(first[spaces > 1], label.shape), 1)  # 1 is the outside: it has the grid's corner
    return solid.origin + solid.spacing * (places - 1)
