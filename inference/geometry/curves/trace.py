"""Solid -> CurveSkeleton."""

from __future__ import annotations

import numpy as np

from ...anatomy import CurveSkeleton, Solid
from ...progress import SILENT, Progress
from .branches import grow_paths, grow_tree
from .chains import Chains, sample_chains
from .folding import Folded, fold
from .rings import grow_rings
from .shaping import shape_curves, surface_distance


def curve_skeleton(solid: Solid, *, progress: Progress = SILENT) -> CurveSkeleton:
    """Centre lines of `solid` with radii: smooth, inside, one connected piece for each of its components."""
    progress.step(0.0, "Finding centre lines")
    folded = fold(solid)
    tree = grow_tree(folded)
    progress.step(0.3)
    rings, tree = grow_rings(solid, folded, tree)
    progress.step(0.5)
    paths = grow_paths(folded, tree, rings, progress.part(0.5, 0.8))
    chains = sample_chains(folded, paths)
    points = shape_curves(solid, folded, tree, paths, chains)
    progress.step(0.9)
    return unfold(solid, folded, chains, points)


def unfold(solid: Solid, folded: Folded, chains: Chains, points: np.ndarray) -> CurveSkeleton:
    """Both halves of the curves, joined on the mirror plane."""
    count = len(points)
    radii = surface_distance(solid, points)
    component = solid.component[folded.whole[chains.cells]]
    edges = chains.edges
    if folded.symmetric:
        double = np.flatnonzero(~chains.plane)
        twin = np.arange(count)
        twin[double] = count + np.arange(len(double))
        radii = np.concatenate([radii, radii[double]])
        points = np.concatenate([points, points[double] * [-1.0, 1.0, 1.0]])
        component = np.concatenate([component, solid.component[folded.mirror[chains.cells[double]]]])
        edges = np.concatenate([edges, twin[edges]])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    return CurveSkeleton(points, radii, edges.astype(np.int32), component.astype(np.int32))
