"""Curve points drawn to the middle of their cross-sections, smoothed, and kept inside."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import KDTree

from ...anatomy import Solid
from .branches import Paths, PathTree
from .chains import Chains
from .folding import Folded

ROUNDS = 8
RETREATS = 16  # how often points are drawn back at most
EDGE_CHECKS = 9  # places looked at along every edge
BLURS = 4  # how far cross-sections are averaged along the curve
SECTION_POWER = 6.0  # how much the deep cells of a cross-section count more than those at its rim
CENTRING = 0.3  # share of the way to the cross-section's middle in each round
SMOOTHING = 0.4  # share of the way to the mean of the neighbours in each round
REACH = 1.6  # cells within this times the depth belong to a point's cross-section


def shape_curves(solid: Solid, folded: Folded, tree: PathTree, paths: Paths, chains: Chains) -> np.ndarray:
    """Positions of the points of `chains`, (P, 3): centred, smooth, inside the solid."""
    start = folded.points[chains.cells]
    weights = neighbour_weights(chains)
    middle = start + section_offsets(folded, tree, paths, chains, weights)
    free = ~chains.tip[:, None]
    points = start
    for _ in range(ROUNDS):
        away = middle - points
        along = tangents(chains, points)
        away = away - (away * along).sum(1)[:, None] * along
        points = points + CENTRING * away + np.where(free, SMOOTHING * (weights @ points - points), 0.0)
        points[chains.plane, 0] = 0.0
    return keep_inside(solid, chains, start, points)


def section_offsets(
    folded: Folded, tree: PathTree, paths: Paths, chains: Chains, weights: sparse.csr_matrix
) -> np.ndarray:
    """From each point to the mean of the cells around it, weighted by depth squared and evened out along the curve."""
    here = np.full(len(tree.towards), -1)
    here[paths.cells] = chains.owner
    ahead = np.where(here >= 0, np.arange(len(here)), tree.towards)
    while not (here[ahead] >= 0).all():
        ahead = ahead[ahead]
    point = here[ahead]
    away = folded.points - folded.points[chains.cells][point]
    near = np.linalg.norm(away, axis=1) < REACH * folded.depth[chains.cells][point]
    weight = np.where(near, folded.depth**SECTION_POWER, 0.0)
    sums = np.stack([np.bincount(point, weight * row, len(chains.cells)) for row in (np.ones(len(weight)), *away.T)], 1)
    blur = 0.5 * (sparse.identity(len(sums)) + weights)
    for _ in range(BLURS):
        sums = blur @ sums
    return sums[:, 1:] / np.maximum(sums[:, :1], 1e-300)


def neighbour_weights(chains: Chains) -> sparse.csr_matrix:
    """Rows that take the mean over a point's neighbours, (P, P); a point without any stays."""
    count = len(chains.cells)
    first, second = chains.edges.T
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    doubled = 1.0 + (chains.plane[rows] & ~chains.plane[columns])  # its mirror image is a neighbour too
    lonely = np.setdiff1d(np.arange(count), rows)
    rows, columns = np.concatenate([rows, lonely]), np.concatenate([columns, lonely])
    matrix = sparse.csr_matrix((np.concatenate([doubled, np.ones(len(lonely))]), (rows, columns)), (count, count))
    return sparse.csr_matrix(matrix.multiply(1.0 / np.asarray(matrix.sum(1))))


def tangents(chains: Chains, points: np.ndarray) -> np.ndarray:
    """Direction of the curve at every point, (P, 3); zero at junctions, where there is no one direction."""
    count = len(points)
    first, second = chains.edges.T
    degree = np.bincount(chains.edges.ravel(), minlength=count)
    along = np.zeros((count, 3))
    low, high = np.full(count, -1), np.full(count, -1)
    np.maximum.at(high, first, second)
    np.maximum.at(high, second, first)
    low[first] = second
    low[second] = first
    for own, other in ((first, second), (second, first)):
        lesser = other != high[own]
        low[own[lesser]] = other[lesser]
    known = (degree == 1) | (degree == 2)
    along[known] = points[high[known]] - points[np.where(degree == 1, np.arange(count), low)[known]]
    return along / np.maximum(np.linalg.norm(along, axis=1), 1e-300)[:, None]


def surface_distance(solid: Solid, places: np.ndarray) -> np.ndarray:
    """Distance to the surface of each place (N, 3) in the solid, (N,).

    Through a cell next to the surface the way is at most that cell's distance and its depth; the cell on the
    straight way to the nearest surface makes this exact, whereas interpolated depths round the ridges off.
    """
    rim = np.flatnonzero(solid.depth < 1.5 * solid.spacing)
    if not len(rim):
        rim = np.arange(len(solid.depth))
    count = max(2, min(24, len(rim)))  # a place that does not exist is infinitely far
    away, nearest = KDTree(solid.centres[rim]).query(places, count)
    return np.maximum((away + solid.depth[rim][np.minimum(nearest, len(rim) - 1)]).min(1), 0.25 * solid.spacing)


def keep_inside(solid: Solid, chains: Chains, start: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points drawn back towards their cells until they and the edges between them lie in the solid."""
    share = np.ones(len(points))
    places = points
    first, second = chains.edges.T
    for _ in range(RETREATS):
        bad = solid.cells_at(places) < 0
        for t in np.linspace(0, 1, EDGE_CHECKS + 2)[1:-1]:
            out = solid.cells_at(places[first] * (1 - t) + places[second] * t) < 0
            bad[first[out]] = True
            bad[second[out]] = True
        if not (bad & (share > 0)).any():
            break
        share[bad] = np.maximum(share[bad] - 0.25, 0.0)
        places = start + share[:, None] * (points - start)
    return places
