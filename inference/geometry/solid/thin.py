"""Cells for what is too thin to hold a cell's centre: sheets, needles, hair cards, fingers at this spacing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from ..mesh.samples import SurfaceSamples
from .inside import Inside
from .morphology import grown, opened

REACH = (0.35, 0.8, 1.25)  # how far behind the surface a solid cell is looked for
THIN_PIECE = 0.3  # a piece of mesh of which less than this share is backed by solid cells is thin as a whole
ROUNDS = 4  # of closing the holes that are left where samples missed a pair of neighbours


Way = tuple[int, int, int]  # one step on the grid


@dataclass(frozen=True)
class Thin:
    """Cells to be added to a solid's inside, and their links; flat places on its grid."""

    places: np.ndarray  # (T,) int64, sorted, none of them inside
    links: np.ndarray  # (L, 2) int64, lower first, unique


def thin_cells(inside: Inside, samples: SurfaceSamples, points: np.ndarray, triangles: np.ndarray) -> Thin:
    """Cells wherever a sample has no stout inside behind it, linked along the surface and to the inside behind."""
    mask = inside.mask
    home = _cell(samples.points, mask.shape)
    normals = _normals(points, triangles, inside.shells.signs)
    stout = opened(mask)
    bare = _bare(samples, normals, mask, stout, inside.shells.label)
    if not bare.any():
        return Thin(np.zeros(0, np.int64), np.zeros((0, 2), np.int64))
    one, other = samples.pairs.T
    border = bare[one] | bare[other]
    one, other = one[border], other[border]
    ring = np.zeros(len(home), bool)
    ring[one] = ring[other] = True
    flat = mask.reshape(-1)
    used = np.unique(home[bare | ring])
    places = used[~flat[used]]
    pairs = np.stack([home[one], home[other]], 1)
    pairs = pairs[~(flat[pairs[:, 0]] & flat[pairs[:, 1]])]
    roots = _roots(samples, np.flatnonzero(bare | ring), home, normals, inside)
    links = unique_pairs(np.concatenate([pairs, roots]), mask.shape)
    return Thin(places, _without_holes(links, flat, mask.shape))


def unique_pairs(pairs: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Each pair of neighbouring cells once, lower first, (L, 2)."""
    pairs = np.sort(pairs, axis=1)
    first, second = (np.stack(np.unravel_index(pairs[:, k], shape), 1) for k in (0, 1))
    apart = np.abs(first - second).max(1) if len(pairs) else np.zeros(0, int)
    pairs = pairs[apart == 1]
    size = int(np.prod(shape))
    key = np.unique(pairs[:, 0] * size + pairs[:, 1])
    return np.stack([key // size, key % size], 1)


def _without_holes(links: np.ndarray, inside: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Neighbours that are linked to a common cell get a link of their own, so that sheets close up."""
    cells = np.unique(links)
    index = np.full(inside.size, len(cells), np.int32)
    index[cells] = np.arange(len(cells), dtype=np.int32)
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    ways: dict[Way, int] = {(x, y, z): int(strides @ (x, y, z)) for x, y, z in product((-1, 0, 1), repeat=3)}
    there = {way: np.append(index[cells + move], np.int32(len(cells))) for way, move in ways.items()}
    linked = {way: np.zeros(len(cells) + 1, bool) for way in ways}
    start, step = index[links[:, 0]], links[:, 1] - links[:, 0]
    for way, move in ways.items():
        linked[way][start[step == move]] = True
        linked[_opposite(way)][index[links[step == move, 1]]] = True
    thin = np.append(~inside[cells], False)
    forward = [way for way in ways if way > (0, 0, 0)]
    for _ in range(ROUNDS):
        found = {}
        for way in forward:
            met = np.zeros(len(cells) + 1, bool)
            for first in ways:
                second = (way[0] - first[0], way[1] - first[1], way[2] - first[2])
                if second in ways and any(first) and any(second):
                    met |= linked[first] & linked[second][there[first]]
            found[way] = met & ~linked[way] & (there[way] < len(cells)) & (thin | thin[there[way]])
        for way, fresh in found.items():
            linked[way] |= fresh
            linked[_opposite(way)][there[way][fresh]] = True
        if not any(fresh.any() for fresh in found.values()):
            break
    rows = [np.flatnonzero(linked[way][:-1]) for way in forward]
    return np.concatenate(
        [np.stack([cells[row], cells[row] + ways[way]], 1) for way, row in zip(forward, rows, strict=True)]
    )


def _opposite(way: Way) -> Way:
    return (-way[0], -way[1], -way[2])


def _cell(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Flat place of the cell each point lies in, (N,)."""
    position = np.rint(points).astype(np.int64)
    return (position[:, 0] * shape[1] + position[:, 1]) * shape[2] + position[:, 2]


def _normals(points: np.ndarray, triangles: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Outward unit normals, (F, 3); none where rounding to the grid took a triangle's area away."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.maximum(np.linalg.norm(normal, axis=1), 1e-300)
    return normal * (np.where(signs < 0, -1.0, 1.0) / length)[:, None]


def _bare(
    samples: SurfaceSamples, normals: np.ndarray, mask: np.ndarray, stout: np.ndarray, label: np.ndarray
) -> np.ndarray:
    """(N,) bool: no stout cell close by, or only some other piece's, which a thin piece merely passes."""
    near = grown(stout).reshape(-1)
    drawn = np.flatnonzero(samples.face >= 0)
    bare = np.zeros(len(samples.points), bool)
    bare[drawn] = ~near[_cell(samples.points[drawn], mask.shape)]
    backed = np.zeros(len(drawn), bool)
    for reach in REACH:
        behind = samples.points[drawn] - reach * normals[samples.face[drawn]]
        backed |= stout.reshape(-1)[_cell(behind, mask.shape)]
    piece = label[samples.face[drawn]]
    share = np.bincount(piece, backed, label.max() + 1) / np.maximum(np.bincount(piece, minlength=label.max() + 1), 1)
    bare[drawn[~backed & (share[piece] < THIN_PIECE)]] = True
    return bare


def _roots(
    samples: SurfaceSamples, chosen: np.ndarray, home: np.ndarray, normals: np.ndarray, inside: Inside
) -> np.ndarray:
    """Links from thin cells into the inside behind their surface, where nothing but that surface lies between."""
    flat = inside.mask.reshape(-1)
    chosen = chosen[~flat[home[chosen]]]
    points, normal = samples.points[chosen], normals[samples.face[chosen]]
    found = [np.zeros((0, 4))]
    for reach in REACH:
        behind = _cell(points - reach * normal, inside.mask.shape)
        hit = flat[behind]
        found.append(np.column_stack([home[chosen[hit]], behind[hit], chosen[hit], np.full(hit.sum(), reach)]))
    table = np.concatenate(found)
    if len(table) == 0:
        return np.zeros((0, 2), np.int64)
    first = np.unique(table[:, 0], return_index=True)[1]  # the shortest way of each cell
    table = table[first]
    pairs = table[:, :2].astype(np.int64)
    sample, reach = table[:, 2].astype(np.int64), table[:, 3]
    way = np.array([0.2, 0.7])[None, :, None] * (-reach[:, None] * normals[samples.face[sample]])[:, None]
    probes = samples.points[sample][:, None] + way  # (L, 2, 3)
    clear = (inside.winding.on_the_way(probes.reshape(-1, 3)).reshape(len(pairs), -1) > 0.55).all(1)
    return pairs[clear]
