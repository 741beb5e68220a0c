"""Greedy set cover: few spheres that reach many points."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree

OCTAVES = 3  # groups of like reach per doubling, for the search of what each sphere reaches


@dataclass(frozen=True)
class Candidates:
    """Places a sphere may be put."""

    centres: np.ndarray  # (K, 3)
    radii: np.ndarray  # (K,)
    component: np.ndarray  # (K,) int32

    def take(self, chosen: np.ndarray) -> Candidates:
        return Candidates(self.centres[chosen], self.radii[chosen], self.component[chosen])

    def and_also(self, more: Candidates) -> Candidates:
        return Candidates(
            np.concatenate([self.centres, more.centres]),
            np.concatenate([self.radii, more.radii]),
            np.concatenate([self.component, more.component]),
        )


class Cover:
    """Candidates and those chosen of them so far, in the order of choice."""

    def __init__(self, candidates: Candidates, *, mirrored: bool) -> None:
        self.candidates = candidates
        self.chosen: list[int] = []
        self._mirrored = mirrored

    def add(self, more: Candidates) -> None:
        self.candidates = self.candidates.and_also(more)

    def bare(self, targets: np.ndarray, scale: float) -> np.ndarray:
        """Which of targets (N, 3) no choice reaches with `scale` times its radius, (N,) bool."""
        bare = np.ones(len(targets), bool)
        spheres = self.candidates.take(np.array(self.chosen, np.intp))
        bare[reaches(KDTree(targets), spheres.centres, scale * spheres.radii).indices] = False
        return bare

    def choose(self, targets: np.ndarray, reach: np.ndarray, goal: float, most: int) -> None:
        """Choose until `goal` of the targets (N, 3) is within `reach` (K,) of a choice, or `most` are chosen.

        The gain of a candidate only ever shrinks, so the best is found by looking again at those that lead the list.
        """
        reached = reaches(KDTree(targets), self.candidates.centres, reach)
        start, hits = reached.indptr, reached.indices
        waiting = np.ones(len(targets), bool)
        for one in self.chosen:
            waiting[hits[start[one] : start[one + 1]]] = False
        left, enough = int(waiting.sum()), (1 - goal) * len(targets)
        running = np.append(0, np.cumsum(waiting[hits]))
        preference = self._preference()
        gains = (running[start[1:]] - running[start[:-1]]) * preference
        heap = [(-gain, k) for k, gain in enumerate(gains.tolist()) if gain > 0]
        heapq.heapify(heap)
        while heap and left > enough and len(self.chosen) < most:
            expected, best = heap[0]
            new = hits[start[best] : start[best + 1]]
            new = new[waiting[new]]
            gain = len(new) * preference[best]
            if gain == -expected:
                waiting[new] = False
                left -= len(new)
                self.chosen.append(best)
                heapq.heappop(heap)
            elif gain > 0:
                heapq.heapreplace(heap, (-gain, best))
            else:
                heapq.heappop(heap)

    def _preference(self) -> np.ndarray:
        """What a target gained counts, (K,): large spheres first, and none that overlaps with its own mirror image."""
        x, radii = self.candidates.centres[:, 0], self.candidates.radii
        room = np.where((x > 0) & self._mirrored, np.clip(2 * x / radii, 0.3, 1), 1.0)
        return (1.0 + 0.5 * radii / radii.max()) * room


def reaches(targets: KDTree, centres: np.ndarray, reach: np.ndarray) -> csr_matrix:
    """Which targets lie within `reach` (K,) of each centre, (K, N); searched by groups of like reach."""
    level = np.ceil(OCTAVES * np.log2(reach / reach.max())).astype(int)
    rows, columns = [], []
    for value in np.unique(level):
        members = np.flatnonzero(level == value)
        found = KDTree(centres[members]).sparse_distance_matrix(
            targets, float(reach[members].max()), output_type="ndarray"
        )
        row = members[found["i"]]
        near = found["v"] <= reach[row]
        rows.append(row[near])
        columns.append(found["j"][near])
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(centres), targets.n)
    return csr_matrix((np.ones(len(row), bool), (row, column)), shape)
