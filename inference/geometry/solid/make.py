"""Triangle soup -> Solid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ...anatomy import Mesh, Solid
from ...progress import SILENT, Progress
from ..mesh.orientation import Shells, orient_shells
from ..mesh.samples import spread_samples
from . import inside as interior
from .depth import depths
from .links import inner_links, narrow_links
from .mirrored import both_sides, both_sides_of_pairs, mirrored_depth, mirrored_inside
from .thin import thin_cells, unique_pairs

CELL_BUDGET = 4_000_000  # cells of the whole grid, inside or not
WANTED = 38_000  # inside cells of an ordinary shape
MOST_WANTED = 56_000  # inside cells of a bulky one
MOST_SURFACE = 70_000  # cells' worth of surface; only crumpled shapes and soups have more
MOST_THIN = 130_000  # cells altogether from which a thin shape is made coarser
FINEST, ORDINARY = 1 / 200, 1 / 100  # spacings as shares of the longest side
SURVEY = 1 / 64  # spacing at which the volume is measured first
MARGIN = 3  # empty cells around the shape
THIN_DEPTH, LEAST_DEPTH = 0.5, 0.1  # in cells
OFF_GRID = (0.37, 0.43, 0.29)  # keeps the grid off the planes that modellers like


@dataclass(frozen=True)
class _CellGrid:
    origin: np.ndarray  # (3,) centre of the cell (0, 0, 0)
    spacing: float
    shape: np.ndarray  # (3,) int

    def places(self, points: np.ndarray) -> np.ndarray:
        """Points in grid units."""
        return (points - self.origin) / self.spacing


def make_solid(
    mesh: Mesh,
    *,
    symmetric: bool = False,
    cell_budget: int = CELL_BUDGET,
    wanted: int = WANTED,
    progress: Progress = SILENT,
) -> Solid:
    """The volume a cleaned mesh stands for; with `symmetric`, its exact mirror image in x = 0 as well.

    Fewer cells than the ordinary ones may be `wanted`, where the shape is not known so well.
    """
    shells = orient_shells(mesh)
    spacing = _spacing(mesh, shells, symmetric=symmetric, cell_budget=cell_budget) * (WANTED / wanted) ** (1 / 3)
    progress.step(0.2, "Finding the inside")
    drawn = _drawn_at(mesh, shells, symmetric=symmetric, spacing=spacing)
    if (bulk := int(drawn.inside.mask.sum())) > MOST_THIN:  # shells inside each other hid some of the volume
        drawn = _drawn_at(mesh, shells, symmetric=symmetric, spacing=spacing * (bulk / MOST_WANTED) ** (1 / 3))
    solid = _solid_of(drawn, mesh, symmetric=symmetric, progress=progress)
    if len(solid.cells) > MOST_THIN:
        progress.step(0.5, "Finding the inside again, coarser")
        coarser = drawn.grid.spacing * np.sqrt(len(solid.cells) / MOST_THIN * 1.4)
        solid = _solid_of(
            _drawn_at(mesh, shells, symmetric=symmetric, spacing=coarser), mesh, symmetric=symmetric, progress=progress
        )
    progress.step(1.0)
    return solid


@dataclass(frozen=True)
class _Drawn:
    """A mesh drawn into a grid."""

    grid: _CellGrid
    points: np.ndarray  # (V, 3) vertices in grid units
    inside: interior.Inside


def _drawn_at(mesh: Mesh, shells: Shells, *, symmetric: bool, spacing: float) -> _Drawn:
    spacing = float(np.float32(spacing))  # so short that its multiples are exact and mirror images agree in every bit
    grid = _grid(mesh, spacing, symmetric=symmetric)
    points = grid.places(mesh.vertices)
    return _Drawn(grid, points, interior.fill(points, mesh.triangles.astype(np.int64), shells, grid.shape))


def _solid_of(made: _Drawn, mesh: Mesh, *, symmetric: bool, progress: Progress) -> Solid:
    grid, points, triangles, drawn = made.grid, made.points, mesh.triangles.astype(np.int64), made.inside
    spacing = grid.spacing
    inside = mirrored_inside(drawn) if symmetric else drawn
    shape = inside.mask.shape
    progress.step(0.6, "Looking for thin parts")
    thin = thin_cells(inside, spread_samples(points, triangles), points, triangles)
    places, links = thin.places, np.concatenate([narrow_links(inside.mask, inside.winding.on_the_way), thin.links])
    if symmetric:
        places = both_sides(places, shape)
        links = unique_pairs(both_sides_of_pairs(links, shape), shape)
    cells = np.concatenate([np.flatnonzero(inside.mask), places])
    cells.sort()
    progress.step(0.8, "Measuring depths")
    centres = np.stack(np.unravel_index(cells, shape), 1)
    solid_cells = inside.mask.reshape(-1)[cells]
    depth = np.full(len(cells), THIN_DEPTH)
    found = depths(drawn, centres[solid_cells].astype(np.float64), points, triangles)
    if symmetric:
        found = mirrored_depth(found, cells[solid_cells], drawn.mask.reshape(-1)[cells[solid_cells]], shape)
    depth[solid_cells] = found.clip(LEAST_DEPTH)
    index = np.zeros(inside.mask.size, np.int32)
    index[cells] = np.arange(len(cells), dtype=np.int32)
    pairs = np.sort(index[np.concatenate([inner_links(inside.mask, inside.blocked), links])], axis=1)
    component = _components(len(cells), pairs)
    return Solid(grid.origin, spacing, centres.astype(np.int32), depth * spacing, ~solid_cells, pairs, component)


def _spacing(mesh: Mesh, shells: Shells, *, symmetric: bool, cell_budget: int) -> float:
    """Fine for slender shapes, coarse for bulky ones, within what the grid may hold."""
    extent = np.ptp(mesh.vertices, axis=0)
    longest = float(extent.max())
    survey = _grid(mesh, longest * SURVEY, symmetric=symmetric)
    cells = interior.volume(survey.places(mesh.vertices), mesh.triangles.astype(np.int64), shells, survey.shape)
    volume = cells * survey.spacing**3
    spacing = max((volume / WANTED) ** (1 / 3), FINEST * longest)
    if spacing > ORDINARY * longest:
        spacing = max(ORDINARY * longest, (volume / MOST_WANTED) ** (1 / 3))
    spacing = max(spacing, float(np.sqrt(_area(mesh) / MOST_SURFACE)))
    box = np.maximum(extent, 4 * spacing)
    return max(spacing, float(np.prod(box) / cell_budget) ** (1 / 3))


def _area(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2


def _grid(mesh: Mesh, spacing: float, *, symmetric: bool) -> _CellGrid:
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    origin = low - spacing * (MARGIN + np.array(OFF_GRID))
    shape = np.ceil((high - origin) / spacing).astype(np.int64) + MARGIN + 1
    if symmetric:
        half = int(np.ceil(max(-low[0], high[0]) / spacing)) + MARGIN
        origin[0], shape[0] = -half * spacing, 2 * half + 1
    return _CellGrid(origin, spacing, shape)


def _components(count: int, links: np.ndarray) -> np.ndarray:
    """(C,) int32 labels of linked cells, the largest first."""
    graph = coo_matrix((np.ones(len(links), np.int8), (links[:, 0], links[:, 1])), (count, count))
    label = connected_components(graph.tocsr(), directed=False)[1]
    order = np.argsort(-np.bincount(label), kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[label]
