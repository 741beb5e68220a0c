"""Predicted joints and bones as a graph against the true one: what Cortex-Synth's tables call MPJPE, GED and TF.

Frame of joints (P, 3) and (G, 3): the unit box, longest side 1. Edges (E, 2) are undirected; doubles and loops on one
joint are dropped. The paper defines none of the three; these definitions are ours and the same for every method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from training.shapes.topology import betti_of_graph

PENALTY = 0.25  # what a joint without partner counts as, in the unit box: more than any placement worth having
EIGENVALUES = 16


@dataclass(frozen=True)
class GraphScore:
    """One graph against the truth."""

    mpjpe: float  # x1000, lower is better
    ged: int  # edits, lower is better
    tf: float  # 0..1, higher is better
    spectrum: float  # lower is better


def score_graph(
    joints: np.ndarray, edges: np.ndarray, true_joints: np.ndarray, true_edges: np.ndarray, penalty: float = PENALTY
) -> GraphScore:
    """All four at once."""
    return GraphScore(
        mpjpe(joints, true_joints, penalty),
        graph_edit_distance(joints, edges, true_joints, true_edges),
        topology_score(len(joints), edges, len(true_joints), true_edges),
        spectrum_distance(len(joints), edges, len(true_joints), true_edges),
    )


def match_joints(joints: np.ndarray, true_joints: np.ndarray) -> np.ndarray:
    """For each joint its true partner or -1, (P,): one to one, as many as there can be, the least sum of distances."""
    rows, columns = linear_sum_assignment(cdist(joints.reshape(-1, 3), true_joints.reshape(-1, 3)))
    partner = np.full(len(joints), -1)
    partner[rows] = columns
    return partner


def mpjpe(joints: np.ndarray, true_joints: np.ndarray, penalty: float = PENALTY) -> float:
    """Mean distance of matched joints x1000; each joint too many or missing counts as `penalty`, x1000 too.

    The mean is over max(P, G) joints.
    """
    count = max(len(joints), len(true_joints))
    if count == 0:
        return 0.0
    partner = match_joints(joints, true_joints)
    kept = partner >= 0
    apart = np.linalg.norm(joints[kept] - true_joints[partner[kept]], axis=1).sum()
    return float(1000 * (apart + penalty * (count - kept.sum())) / count)


def graph_edit_distance(joints: np.ndarray, edges: np.ndarray, true_joints: np.ndarray, true_edges: np.ndarray) -> int:
    """Edits of cost 1 that turn one graph into the other when joints are matched by place: |P - G| + |A xor A*|.

    Edges of a joint without partner all count. An upper bound of the edit distance that may match joints at will.
    """
    partner = match_joints(joints, true_joints)
    alone = len(true_joints) + np.arange(len(joints))  # numbers that no true joint has
    name = np.where(partner >= 0, partner, alone)
    mine = _edge_set(name[np.asarray(edges, int).reshape(-1, 2)])
    return abs(len(joints) - len(true_joints)) + len(mine ^ _edge_set(true_edges))


def topology_score(count: int, edges: np.ndarray, true_count: int, true_edges: np.ndarray) -> float:
    """TF = 1 - (|b0 - b0*| + |b1 - b1*|) / (max(b0, b0*) + max(b1, b1*)), 0..1; b0 components, b1 cycles."""
    mine, truth = (betti_of_graph(n, _unique(e)) for n, e in ((count, edges), (true_count, true_edges)))
    off = abs(mine[0] - truth[0]) + abs(mine[1] - truth[1])
    largest = max(mine[0], truth[0]) + max(mine[1], truth[1])
    return 1 - off / largest if largest else 1.0


def spectrum_distance(
    count: int, edges: np.ndarray, true_count: int, true_edges: np.ndarray, eigenvalues: int = EIGENVALUES
) -> float:
    """Mean squared difference of the 16 (or as many as both have) least eigenvalues of the normalised Laplacians."""
    kept = min(eigenvalues, count, true_count)
    if kept == 0:
        return 0.0
    return float(((spectrum(count, edges)[:kept] - spectrum(true_count, true_edges)[:kept]) ** 2).mean())


def spectrum(count: int, edges: np.ndarray) -> np.ndarray:
    """Eigenvalues, rising, of D^-1/2 (D - A) D^-1/2, (count,), 0..2; a joint without bones gives a 0."""
    adjacency = np.zeros((count, count))
    unique = _unique(edges)
    adjacency[unique[:, 0], unique[:, 1]] = adjacency[unique[:, 1], unique[:, 0]] = 1
    degree = adjacency.sum(1)
    scale = np.where(degree > 0, 1 / np.sqrt(np.maximum(degree, 1)), 0)
    return np.linalg.eigvalsh(np.diag((degree > 0).astype(float)) - scale[:, None] * adjacency * scale)


def edges_of_parents(parents: np.ndarray) -> np.ndarray:
    """Bones of a tree as edges (E, 2), from parents (J,) with -1 for roots."""
    child = np.flatnonzero(parents >= 0)
    return np.stack([parents[child], child], 1)


def _unique(edges: np.ndarray) -> np.ndarray:
    ordered = np.sort(np.asarray(edges, int).reshape(-1, 2), axis=1)
    return np.unique(ordered[ordered[:, 0] != ordered[:, 1]], axis=0)


def _edge_set(edges: np.ndarray) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in _unique(edges)}
