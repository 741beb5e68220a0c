"""What the skin network is shown: bones, points and pairs of the two as numbers of fixed meaning.

Everything is a length in proportion, an angle, a height or a weight: the same for a shape and its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...rigging.skin.evidence import Evidence
from ...rigging.skin.islands import SMALL, foreignness
from ...rigging.skin.reach import distances
from ..joints.inputs import hops_of

BONE = 24  # numbers that describe a bone
POINT = 10  # numbers that describe a point
PAIR = 34  # numbers that describe a point and a bone
FLOOR = 1e-3  # least weight a bone is taken to have before it is corrected
CANDIDATES = 8
CARRIES = 0.01  # bones with at least this geometric weight are looked at first
TIE = 1e-4  # a bone is left out when one that did not fit is as near as it
THIN = 2e-3  # surfaces are taken to be at least this far from their bones
LOG_FLOOR = -float(np.log(FLOOR))


@dataclass(frozen=True)
class Inputs:
    """N rigs of at most B bones, P points of each with K candidate bones."""

    bones: np.ndarray  # (N, B, BONE)
    hops: np.ndarray  # (N, B, B) int64, steps along the skeleton
    known: np.ndarray  # (N,) 1; 0 hides in training what the bones are
    bone_there: np.ndarray  # (N, B) 1 for a bone, 0 for padding
    points: np.ndarray  # (N, P, POINT)
    pairs: np.ndarray  # (N, P, K, PAIR)
    near: np.ndarray  # (N, P, K) int64, the candidates
    near_hops: np.ndarray  # (N, P, K, K) int64, steps between them
    prior: np.ndarray  # (N, P, K) geometric weights
    there: np.ndarray  # (N, P, K) 1 for a candidate, 0 for padding


class Answer(NamedTuple):
    """What the network says of each point."""

    weights: np.ndarray  # (N, P, K) of the candidates, sum 1
    better: np.ndarray  # (N, P) logit: are they nearer to an artist's than the geometric ones?


@dataclass(frozen=True)
class _Bones:
    """The bones of an evidence, measured."""

    along: np.ndarray  # (B, 3) unit
    length: np.ndarray  # (B,)
    above: np.ndarray  # (B,) the parent, a root itself
    onward: np.ndarray  # (B, 3) direction of the child that goes on straightest, 0 at a leaf
    hops: np.ndarray  # (B, B)
    depth: np.ndarray  # (B,)
    thick: np.ndarray  # (B,) mean distance of the points it carries


def skin_inputs(evidence: Evidence) -> Inputs:
    """One bound surface (N = 1)."""
    bones = _measured(evidence)
    near, there = candidates(evidence)
    pieces = _piece_means(evidence)
    prior = np.take_along_axis(evidence.weights, near, 1) * there
    return Inputs(
        bones=_bone_facts(evidence, bones)[None],
        hops=bones.hops[None],
        known=np.ones(1, np.float32),
        bone_there=np.ones((1, len(bones.length)), np.float32),
        points=_point_facts(evidence, prior)[None],
        pairs=_pair_facts(evidence, bones, near, prior, pieces)[None],
        near=near[None],
        near_hops=bones.hops[near[:, :, None], near[:, None]][None],
        prior=prior[None].astype(np.float32),
        there=there[None].astype(np.float32),
    )


def candidates(evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
    """The bones that may move each point, likeliest first, (P, K), and which of them count: ties stay out together."""
    apart = distances(evidence.bones, evidence.mesh.vertices) + evidence.detour
    foreign = evidence.islands.home[None] != evidence.piece[:, None]
    apart *= np.where(foreign, foreignness(evidence.islands)[None], 1.0)
    apart /= np.maximum(apart.min(1, keepdims=True), 1e-9)
    held = np.maximum(evidence.weights, evidence.spread)
    score = np.where(held > CARRIES, -held, apart)
    count = score.shape[1]
    taken = min(CANDIDATES + 1, count)
    chosen = np.argpartition(score, taken - 1, axis=1)[:, :taken]
    values = np.take_along_axis(score, chosen, 1)
    order = np.argsort(values, axis=1, kind="stable")
    chosen, values = np.take_along_axis(chosen, order, 1), np.take_along_axis(values, order, 1)
    if taken <= CANDIDATES:
        return chosen, np.ones(chosen.shape, bool)
    there = values[:, :-1] < values[:, -1:] - TIE
    there[:, 0] = True
    return chosen[:, :-1], there


def _measured(evidence: Evidence) -> _Bones:
    along = evidence.bones.tails - evidence.bones.heads
    length = np.linalg.norm(along, axis=1)
    along = along / np.maximum(length, 1e-9)[:, None]
    parents, count = evidence.parents, len(length)
    onward, straightest = np.zeros((count, 3)), np.full(count, -np.inf)
    depth = np.zeros(count, np.int64)
    straight = np.einsum("bk,bk->b", along, along[parents])
    np.maximum.at(straightest, parents[parents >= 0], straight[parents >= 0])
    for bone, parent in enumerate(parents):
        if parent >= 0:
            depth[bone] = depth[parent] + 1
            if straight[bone] > straightest[parent] - TIE:  # of two that mirror each other, both
                onward[parent] += along[bone]
    onward /= np.maximum(np.linalg.norm(onward, axis=1, keepdims=True), 1.0)
    carried = evidence.sources.T @ np.stack([evidence.areas, evidence.areas * evidence.nearest], 1)
    whole = float((evidence.areas * evidence.nearest).sum() / max(evidence.areas.sum(), 1e-12))
    thick = np.where(carried[:, 0] > 0, carried[:, 1] / np.maximum(carried[:, 0], 1e-12), whole)
    above = np.where(parents >= 0, parents, np.arange(count))
    return _Bones(along, length, above, onward, hops_of(parents), depth, np.maximum(thick, THIN))


def _piece_means(evidence: Evidence) -> np.ndarray:
    """Mean weight of each bone over each piece of the surface, (pieces, B)."""
    count = len(evidence.islands.size)
    order = np.argsort(evidence.piece, kind="stable")
    starts = np.searchsorted(evidence.piece[order], np.arange(count))
    area = np.maximum(evidence.areas, 1e-12)
    total = np.add.reduceat((evidence.spread * area[:, None])[order], starts)
    return total / np.add.reduceat(area[order], starts)[:, None]


def _bone_facts(evidence: Evidence, bones: _Bones) -> np.ndarray:
    """(B, BONE)."""
    parents, count = evidence.parents, len(bones.length)
    vertices = evidence.mesh.vertices
    low, high = vertices.min(0), vertices.max(0)
    heads, tails = evidence.bones.heads - (low + high) / 2, evidence.bones.tails - (low + high) / 2
    wide, tall = float(np.linalg.norm((high - low)[:2])), float(high[2] - low[2])
    children = np.bincount(parents[parents >= 0], minlength=count)
    below = np.ones(count)
    for bone in range(count - 1, 0, -1):
        if parents[bone] >= 0:
            below[parents[bone]] += below[bone]
    total = max(float(evidence.areas.sum()), 1e-12)
    carried = (evidence.sources.T @ evidence.areas) / total
    stiff = np.abs(evidence.weights - evidence.spread).sum(1) > 0.01
    loose = evidence.islands.size[evidence.piece] < SMALL
    whole = [
        np.log(count) / 3,
        np.log(len(evidence.islands.size)) / 3,
        float(evidence.areas[stiff].sum()) / total,
        float(evidence.areas[loose].sum()) / total,
        wide,
        tall,
    ]
    gap = np.linalg.norm(evidence.bones.heads - evidence.bones.tails[bones.above], axis=1)
    columns = [
        np.log(np.maximum(bones.length, 1e-3) * 10),
        bones.along[:, 2],
        heads[:, 2] * 2,
        tails[:, 2] * 2,
        np.hypot(heads[:, 0], heads[:, 1]) * 2,
        np.hypot(tails[:, 0], tails[:, 1]) * 2,
        np.where(parents >= 0, np.einsum("bk,bk->b", bones.along, bones.along[bones.above]), 0.0),
        np.log(np.maximum(bones.length, 1e-3) / np.maximum(bones.length[bones.above], 1e-3)),
        np.minimum(children, 5) / 2,
        children == 0,
        parents < 0,
        bones.depth / 6,
        np.log(below) / 3,
        np.sqrt(carried) * 3,
        np.log(bones.thick * 20),
        evidence.islands.home >= 0,
        np.where(parents >= 0, np.minimum(gap / np.maximum(bones.length, 1e-3), 3), 0),
        np.log(np.maximum(bones.length, 1e-3) / bones.thick) / 2,
        *(np.full(count, value) for value in whole),
    ]
    return np.stack(columns, 1).astype(np.float32)


def _point_facts(evidence: Evidence, prior: np.ndarray) -> np.ndarray:
    """(P, POINT)."""
    vertices, piece = evidence.mesh.vertices, evidence.piece
    low, high = vertices.min(0), vertices.max(0)
    away = vertices - (low + high) / 2
    share = np.bincount(piece, evidence.areas) / max(float(evidence.areas.sum()), 1e-12)
    size = evidence.islands.size[piece]
    columns = [
        np.log(np.maximum(evidence.nearest, THIN) * 20),
        np.log(np.maximum(size, 1e-3)),
        np.sqrt(share[piece]),
        size < SMALL,
        np.abs(evidence.weights - evidence.spread).sum(1) > 0.01,
        away[:, 2] * 2,
        np.hypot(away[:, 0], away[:, 1]) * 2,
        evidence.normals[:, 2],
        prior.max(1),
        np.square(prior).sum(1),
    ]
    return np.stack(columns, 1).astype(np.float32)


def _pair_facts(
    evidence: Evidence, bones: _Bones, near: np.ndarray, prior: np.ndarray, pieces: np.ndarray
) -> np.ndarray:
    """(P, K, PAIR)."""
    points, normals = evidence.mesh.vertices.astype(np.float32), evidence.normals.astype(np.float32)
    along, length = bones.along.astype(np.float32)[near], np.maximum(bones.length, 1e-3).astype(np.float32)[near]
    heads, above = evidence.bones.heads.astype(np.float32)[near], bones.above[near]
    reach = np.maximum(evidence.nearest, THIN).astype(np.float32)[:, None]
    offset = points[:, None] - heads
    way = np.einsum("pkx,pkx->pk", offset, along)
    away = offset - np.clip(way, 0, length)[..., None] * along
    straight = np.sqrt(np.einsum("pkx,pkx->pk", away, away))
    unit = away / np.maximum(straight, 1e-6)[..., None]
    detour = np.take_along_axis(evidence.detour, near, 1)
    heat = np.take_along_axis(evidence.spread, near, 1)
    source = evidence.sources[np.arange(len(near))[:, None], near]
    source = np.asarray(source.todense() if hasattr(source, "todense") else source)
    from_head = np.sqrt(np.einsum("pkx,pkx->pk", offset, offset))
    to_tail = np.sqrt(np.maximum(np.square(from_head) - 2 * way * length + np.square(length), 0))
    first = near[:, :1]
    hops, deeper = bones.hops[first, near], bones.depth[near] - bones.depth[first]
    home, mean = evidence.islands.home[near], pieces[evidence.piece[:, None], near]
    turned = bones.along.astype(np.float32)[above] * (above != near)[..., None]

    def looks(direction: np.ndarray) -> np.ndarray:
        return np.einsum("pkx,px->pk", direction, normals)

    columns = [
        np.log(prior + FLOOR) / LOG_FLOOR + 0.5,
        prior,
        heat,
        np.log(heat + FLOOR) / LOG_FLOOR + 0.5,
        source,
        mean,
        mean >= mean.max(1, keepdims=True) - TIE,
        np.clip(np.log((straight + detour + 1e-4) / reach), -1, 4),
        np.minimum(straight * 10, 4),
        np.minimum(detour * 10, 4),
        np.log1p(np.minimum(straight / length, 10)),
        np.clip(way / length, -1, 2),
        np.clip(way / reach, -3, 3) / 2,
        np.clip((length - way) / reach, -3, 3) / 2,
        np.log(np.maximum(length, 1e-3) / reach) / 2,
        looks(unit),
        unit[..., 2],
        looks(along),
        along[..., 2],
        np.einsum("pkx,pkx->pk", unit, turned),
        np.einsum("pkx,pkx->pk", unit, bones.onward.astype(np.float32)[near]),
        looks(turned),
        (home >= 0) & (home != evidence.piece[:, None]),
        home == evidence.piece[:, None],
        *(hops == step for step in range(4)),
        (deeper == -hops) & (hops > 0),
        (deeper == hops) & (hops > 0),
        np.clip(np.log((from_head + 1e-4) / reach), -2, 3),
        np.clip(np.log((to_tail + 1e-4) / reach), -2, 3),
        np.log(np.maximum(straight, THIN) / bones.thick[near]),
        np.full(prior.shape, 1.0) * (prior >= prior.max(1, keepdims=True) - TIE),
    ]
    return np.stack(columns, -1).astype(np.float32)
