"""How far each bone is from each place of a solid, going through the inside and never across a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from ...anatomy import Solid

DETOUR_FREE = 1.1  # ways through the grid are up to a tenth longer than straight lines even in open space
SLACK = 2.0  # blocks by which a way may be longer than it seems
DETOUR_COST = 3.0  # a way round is worth this many times its extra length
FARTHEST = 0.6  # ways are followed up to here, in sizes of the whole shape
BRIDGE_COST = 4.0  # the same for the gap between parts of the solid that are not linked


@dataclass(frozen=True)
class Blocks:
    """The solid in blocks of 2 x 2 x 2 cells, parted where the cells of a block are not linked inside it."""

    centres: np.ndarray  # (N, 3) mean of the cells
    of_cell: np.ndarray  # (C,) int32, block of each cell
    graph: csr_matrix  # (N, N) distances between linked blocks, all of them joined at last by bridges
    size: float  # edge of a block


@dataclass(frozen=True)
class Segments:
    """Bones as bare line segments."""

    heads: np.ndarray  # (B, 3)
    tails: np.ndarray  # (B, 3)

    def points(self, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Points at most `step` apart along every bone, (N, 3), and the bone of each, (N,)."""
        lengths = np.linalg.norm(self.tails - self.heads, axis=1)
        counts = np.ceil(lengths / step).astype(np.int64) + 2
        bone = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(bone)) - np.repeat(np.cumsum(counts) - counts, counts)
        share = (place / (counts[bone] - 1))[:, None]
        return self.heads[bone] * (1 - share) + self.tails[bone] * share, bone

    def offsets(self, points: np.ndarray, bones: np.ndarray) -> np.ndarray:
        """From the nearest point of bone `bones[i, k]` to `points[i]`, (N, K, 3)."""
        heads, along = self.heads[bones], (self.tails - self.heads)[bones]
        offset = points[:, None] - heads
        squared = np.maximum(np.einsum("nkx,nkx->nk", along, along), 1e-30)
        share = np.clip(np.einsum("nkx,nkx->nk", offset, along) / squared, 0.0, 1.0)
        return offset - share[:, :, None] * along


def make_blocks(solid: Solid) -> Blocks:
    """Blocks lie symmetric about the middle of the grid, so a mirrored solid has mirrored blocks."""
    twice_middle = solid.cells.min(0) + solid.cells.max(0)
    offset = solid.cells - twice_middle / 2
    place = (np.sign(offset) * np.ceil(np.abs(offset) / 2)).astype(np.int64)
    place -= place.min(0)
    span = place.max(0) + 1
    box = (place[:, 0] * span[1] + place[:, 1]) * span[2] + place[:, 2]
    first, second = solid.links[:, 0], solid.links[:, 1]
    count = len(solid.cells)
    inner = box[first] == box[second]
    label = connected_components(_graph(first[inner], second[inner], np.ones(inner.sum()), count), directed=False)[1]
    blocks = int(label.max()) + 1
    population = np.bincount(label, minlength=blocks)
    centres = np.stack([np.bincount(label, solid.centres[:, k], blocks) for k in range(3)], 1) / population[:, None]
    component = np.zeros(blocks, np.int32)
    component[label] = solid.component
    a, b = label[first[~inner]], label[second[~inner]]
    pairs = np.unique(np.minimum(a, b).astype(np.int64) * blocks + np.maximum(a, b))
    a, b = pairs // blocks, pairs % blocks
    size = 2 * solid.spacing
    bridge_a, bridge_b = _bridges(centres, component, 1.5 * size)
    lengths = np.maximum(np.linalg.norm(centres[a] - centres[b], axis=1), 1e-9)
    gaps = BRIDGE_COST * (np.linalg.norm(centres[bridge_a] - centres[bridge_b], axis=1) + size)
    graph = _graph(np.r_[a, bridge_a], np.r_[b, bridge_b], np.r_[lengths, gaps], blocks)
    return Blocks(centres, label.astype(np.int32), graph, size)


def _graph(first: np.ndarray, second: np.ndarray, weights: np.ndarray, count: int) -> csr_matrix:
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    return csr_matrix((np.concatenate([weights, weights]), (rows, columns)), (count, count))


def _bridges(centres: np.ndarray, component: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of blocks that join the parts of the solid: those that lie close, and from every part to the largest."""
    if component.max() == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = KDTree(centres).query_pairs(near, output_type="ndarray")
    pairs = pairs[component[pairs[:, 0]] != component[pairs[:, 1]]]
    main, rest = np.flatnonzero(component == 0), np.flatnonzero(component > 0)
    gap, nearest = KDTree(centres[main]).query(centres[rest])
    order = np.lexsort((gap, component[rest]))
    chosen = order[np.unique(component[rest][order], return_index=True)[1]]
    return np.concatenate([pairs[:, 0], rest[chosen]]), np.concatenate([pairs[:, 1], main[np.asarray(nearest)[chosen]]])


def bone_distances(solid: Solid, blocks: Blocks, bones: Segments) -> tuple[np.ndarray, np.ndarray]:
    """From each block to each bone: the straight distance, and what the way through the inside costs beyond, (N, B)."""
    block, bone, apart = _starts(solid, blocks, bones)
    sources = np.arange(len(bones.heads)) + len(blocks.centres)
    through = dijkstra(_with_sources(blocks.graph, block, bone, apart), indices=sources, limit=apart.max() + FARTHEST)
    straight = distances(bones, blocks.centres)
    extra = np.asarray(through)[:, : len(blocks.centres)].T - SLACK * blocks.size - DETOUR_FREE * straight
    return straight, DETOUR_COST * np.clip(extra, 0, FARTHEST)


def _starts(solid: Solid, blocks: Blocks, bones: Segments) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blocks that the bones pass, the bone of each and how far it is from there, (N,) each.

    A bone that lies wholly outside starts where it comes nearest.
    """
    points, bone = bones.points(solid.spacing)
    cell = solid.cells_at(points).astype(np.int64)
    lost = np.flatnonzero(cell < 0)
    if len(lost):
        gap, nearest = solid.tree.query(points[lost])
        least = np.full(len(bones.heads), np.inf)
        np.minimum.at(least, bone[lost], gap)
        least[bone[cell >= 0]] = 0.0
        close = gap <= np.maximum(least[bone[lost]], 0.9 * solid.spacing)
        cell[lost[close]] = np.asarray(nearest)[close]
    start = np.flatnonzero(cell >= 0)
    block = blocks.of_cell[cell[start]]
    return block, bone[start], np.linalg.norm(points[start] - blocks.centres[block], axis=1)


def _with_sources(graph: csr_matrix, block: np.ndarray, bone: np.ndarray, gap: np.ndarray) -> csr_matrix:
    """The graph with one more node for each bone, from which ways lead to the blocks it passes."""
    count, bones = graph.indptr.size - 1, int(bone.max()) + 1
    keys, first = np.unique(bone.astype(np.int64) * count + block, return_index=True)
    entries = graph.tocoo()
    rows = np.concatenate([entries.row, keys // count + count])
    columns = np.concatenate([entries.col, keys % count])
    weights = np.concatenate([entries.data, np.maximum(gap[first], 1e-9)])
    return csr_matrix((weights, (rows, columns)), (count + bones, count + bones))


def distances(bones: Segments, points: np.ndarray) -> np.ndarray:
    """Straight distance from each point to each bone, (N, B)."""
    result = np.empty((len(points), len(bones.heads)))
    for bone in range(len(bones.heads)):
        offset = points - bones.heads[bone]
        along = bones.tails[bone] - bones.heads[bone]
        share = np.clip(offset @ along / max(float(along @ along), 1e-30), 0.0, 1.0)
        result[:, bone] = np.linalg.norm(offset - share[:, None] * along, axis=1)
    return result


def blocks_below(
    solid: Solid, blocks: Blocks, points: np.ndarray, normals: np.ndarray, piece: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The block of the inside right under each surface point, (N,), and the normals turned outward, (N, 3).

    A point between two limbs that touch must get the cell of its own limb: we look a little inwards along the normal.
    Which way is inwards each piece of the surface decides by vote, for faces may be turned either way.
    """
    step = 0.8 * solid.spacing
    below, above = (solid.cells_at(points + sign * step * normals) for sign in (-1, 1))
    vote = np.bincount(piece, (above >= 0).astype(float) - (below >= 0))
    turned = (vote > 0)[piece]
    turned = np.where((below >= 0) == (above >= 0), turned, below < 0)
    cell = np.where(turned, above, below)
    lost = np.flatnonzero(cell < 0)
    cell[lost] = solid.nearest_cells(points[lost])
    return blocks.of_cell[cell], np.where(turned[:, None], -normals, normals)
