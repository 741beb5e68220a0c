"""Paths of cells -> chains of evenly spaced curve points between junctions and tips."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from .branches import Paths
from .folding import Folded

SPACING = 0.5  # distance between curve points in units of the local depth,
LEAST_SPACING = 0.008  # within these bounds in units of the solid's size
MOST_SPACING = 0.04
THIN = 1.5  # where the depth is less than this many cells every cell is kept, lest an edge cut a corner
MERGE = 0.6  # junctions closer than this times the depth there become one


@dataclass(frozen=True)
class Chains:
    """Curve points as a graph, still on cells."""

    cells: np.ndarray  # (P,) int, folded cell of each point
    edges: np.ndarray  # (E, 2) int, pairs of points
    plane: np.ndarray  # (P,) bool, lies on the mirror plane
    tip: np.ndarray  # (P,) bool, an end of the curves
    owner: np.ndarray  # (M,) int, for each cell of the paths the curve point that stands for it


def sample_chains(folded: Folded, paths: Paths) -> Chains:
    """Replace `paths` by points spaced with the depth; junctions that lie within each other become one."""
    links = np.searchsorted(paths.cells, paths.links)
    plane = folded.plane[paths.cells]
    degree = np.bincount(links.ravel(), minlength=len(paths.cells))
    leaves_plane = plane[links[:, 0]] != plane[links[:, 1]]
    doors = np.zeros(len(plane), bool)
    doors[links[leaves_plane].ravel()] = True
    keys = (degree != 2) | (doors & plane)
    chains = trace(links, keys)
    depth, position = folded.depth[paths.cells], folded.points[paths.cells]
    tip = (degree == 1) & ~(plane & doors)
    lengths = [float(np.linalg.norm(np.diff(position[chain], axis=0), axis=1).sum()) for chain in chains]
    group, drawn = merge_junctions(chains, lengths, depth, plane, tip)
    return lay_points(chains, lengths, group, drawn, paths, depth, position, plane, tip)


def trace(links: np.ndarray, keys: np.ndarray) -> list[list[int]]:
    """Runs of cells from key to key; a ring without a key starts anywhere."""
    near: list[list[int]] = [[] for _ in keys]
    for first, second in links.tolist():
        near[first].append(second)
        near[second].append(first)
    is_key = keys.tolist()
    seen = [False] * len(near)
    chains = []

    def run(start: int, following: int) -> list[int]:
        chain = [start, following]
        while not is_key[chain[-1]] and chain[-1] != start:
            seen[chain[-1]] = True
            one, other = near[chain[-1]]
            chain.append(other if one == chain[-2] else one)
        return chain

    for key in np.flatnonzero(keys).tolist():
        for following in near[key]:
            if (is_key[following] and key < following) or (not is_key[following] and not seen[following]):
                chains.append(run(key, following))
    for cell in range(len(near)):
        if not is_key[cell] and not seen[cell]:
            chains.append(run(cell, near[cell][0]))
            seen[cell] = True
    return chains


def merge_junctions(
    chains: list[list[int]], lengths: list[float], depth: np.ndarray, plane: np.ndarray, tip: np.ndarray
) -> tuple[np.ndarray, set[int]]:
    """Draw short chains between junctions together: the cell that stands for each path cell, and those chains."""
    stands = list(range(len(depth)))
    drawn: set[int] = set()

    def find(cell: int) -> int:
        while stands[cell] != cell:
            cell = stands[cell]
        return cell

    for number in np.argsort(lengths, kind="stable").tolist():
        one, other = find(chains[number][0]), find(chains[number][-1])
        if one == other or tip[chains[number][0]] or tip[chains[number][-1]]:
            continue
        if lengths[number] < MERGE * max(depth[one], depth[other]):
            rank = [(bool(plane[k]), float(depth[k]), -k) for k in (one, other)]
            stays, goes = (one, other) if rank[0] >= rank[1] else (other, one)
            stands[goes] = stays
            drawn.add(number)
    return np.array([find(cell) for cell in range(len(depth))]), drawn


def lay_points(
    chains: list[list[int]],
    lengths: list[float],
    group: np.ndarray,
    drawn: set[int],
    paths: Paths,
    depth: np.ndarray,
    position: np.ndarray,
    plane: np.ndarray,
    tip: np.ndarray,
) -> Chains:
    """Points at the junctions and tips, and evenly between them."""
    ends = sorted({int(group[cell]) for chain in chains for cell in (chain[0], chain[-1])})
    ends += sorted(
        set(np.flatnonzero(np.bincount(np.concatenate([*chains, []]).astype(int), minlength=len(depth)) == 0))
    )
    number_of = {cell: number for number, cell in enumerate(ends)}
    picked = list(ends)
    edges: list[tuple[int, int]] = []
    owner = np.full(len(depth), -1)
    for cell in ends:
        owner[cell] = number_of[cell]
    for number, (chain, length) in enumerate(zip(chains, lengths, strict=True)):
        first, last = number_of[int(group[chain[0]])], number_of[int(group[chain[-1]])]
        owner[chain[0]], owner[chain[-1]] = first, last
        inner = np.array(chain[1:-1], int)
        if number in drawn:
            owner[inner] = first
            continue
        run = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(position[chain], axis=0), axis=1))])
        kept = spread_points(run, depth[chain], ring=first == last)
        row = [first, *range(len(picked), len(picked) + len(kept)), last]
        picked += inner[kept - 1].tolist()
        edges += list(itertools.pairwise(row))
        at = np.concatenate([[0.0], run[kept], [length]])
        owner[inner] = np.array(row)[np.searchsorted(0.5 * (at[1:] + at[:-1]), run[1:-1])]
    cells = np.array(picked, int)
    pairs = np.array(edges, int).reshape(-1, 2)
    return Chains(paths.cells[cells], pairs, plane[cells], tip[cells], owner)


def spread_points(run: np.ndarray, depth: np.ndarray, *, ring: bool) -> np.ndarray:
    """Which inner cells of a chain become points, by their place in it: evenly spread, and all where it is thin.

    `run` is the length walked up to each cell.
    """
    inner = len(run) - 2
    spacing = np.clip(SPACING * np.median(depth), LEAST_SPACING, MOST_SPACING)
    least = 3 if ring else 2 if inner else 1
    pieces = int(min(max(round(run[-1] / spacing), least), inner + 1))
    if pieces == inner + 1:
        return np.arange(1, inner + 1)
    at = run[-1] * np.arange(1, pieces) / pieces
    even = np.abs(run[1:-1, None] - at).argmin(0) + 1
    thin = np.flatnonzero(depth[1:-1] < THIN * run[-1] / (inner + 1)) + 1
    return np.union1d(even, thin)
