"""Weights as an artist paints them: by the limb a vertex belongs to, changing over a band at each joint."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from inference.anatomy import Mesh, SkinWeights

from .field import distance_at
from .plan import Flesh, Panel, Plan

INFLUENCES = 4
SEAM = 0.35  # of the blend's width and the radius: how fast the membership of a limb fades at its seam
LEAST = 0.01  # smaller weights are dropped


def flesh_weights(plan: Plan, points: np.ndarray, pieces: list[Flesh]) -> np.ndarray:
    """Weights (N, B) of points on the common surface of several pieces."""
    if len(pieces) == 1:
        return _along_chain(plan, points, pieces[0])
    gaps = np.stack([distance_at(points, flesh) for flesh in pieces], 1)
    mine = gaps.argmin(1)
    fade = np.array([SEAM * min(flesh.blend + 0.25 * _girth(flesh), _girth(flesh)) for flesh in pieces])
    fade = np.maximum(fade * plan.look.band, 1e-5)
    over = gaps - gaps.min(1, keepdims=True)
    share = np.exp(-np.minimum(over / np.minimum(fade[mine][:, None], fade[None]), 30.0))
    share *= _neighbours(plan, pieces)[mine]
    share[share < LEAST] = 0
    share /= share.sum(1, keepdims=True)
    full = np.zeros((len(points), len(plan.bones)), np.float32)
    for place, flesh in enumerate(pieces):
        here = np.flatnonzero(share[:, place] > 0)
        if len(here):
            full[here] += share[here, place, None] * _along_chain(plan, points[here], flesh)
    return full


def _girth(flesh: Flesh) -> float:
    return float(flesh.radii.min(1).mean())


def _neighbours(plan: Plan, pieces: list[Flesh]) -> np.ndarray:
    """Which pieces' bones meet, (P, P): fingers lie close to each other and still share no weights."""
    own = np.zeros((len(pieces), len(plan.bones)), bool)
    wide = own.copy()
    for place, flesh in enumerate(pieces):
        own[place, list(flesh.bones)] = True
        wide[place, list(flesh.bones)] = True
        if plan.bones[flesh.bones[0]].parent >= 0:
            wide[place, plan.bones[flesh.bones[0]].parent] = True
    meet = own @ wide.T
    return meet | meet.T


def _along_chain(plan: Plan, points: np.ndarray, flesh: Flesh) -> np.ndarray:
    """Weights (N, B) by the place along the chain that a piece follows."""
    full = np.zeros((len(points), len(plan.bones)), np.float32)
    bones = list(flesh.bones)
    joints = plan.ends(bones)
    lengths = np.maximum(np.linalg.norm(np.diff(joints, axis=0), axis=1), 1e-9)
    run = np.concatenate([[0.0], np.cumsum(lengths)])
    place = _place_along(points, joints, lengths, run)
    near = np.linalg.norm(joints[:, None] - flesh.line[None], axis=2).argmin(1)
    bands = plan.look.band * flesh.band * flesh.radii[near].mean(1)
    bands[1:-1] = np.minimum(bands[1:-1], 0.45 * np.minimum(lengths[1:], lengths[:-1]))
    bands[0] = min(bands[0], 0.45 * lengths[0])
    parent = plan.bones[bones[0]].parent
    begun = np.ones(len(points), np.float32)
    if flesh.grip and parent >= 0:
        begun = _rise(place, 0.0, bands[0])
        full[:, parent] += 1 - begun
    for number, bone in enumerate(bones):
        last = number == len(bones) - 1
        after = np.zeros_like(begun) if last else np.minimum(_rise(place, run[number + 1], bands[number + 1]), begun)
        full[:, bone] += begun - after
        begun = after
    return full


def _place_along(points: np.ndarray, joints: np.ndarray, lengths: np.ndarray, run: np.ndarray) -> np.ndarray:
    """How far along a chain points lie, (N,); before its beginning it is negative."""
    best = np.full(len(points), np.inf)
    place = np.zeros(len(points))
    for bone in range(len(lengths)):
        way = (joints[bone + 1] - joints[bone]) / lengths[bone]
        offset = points - joints[bone]
        on = offset @ way
        if bone > 0:
            on = np.maximum(on, 0)
        on = np.minimum(on, lengths[bone])
        gap = ((offset - np.clip(on, 0, None)[:, None] * way) ** 2).sum(1)
        nearer = gap < best
        best[nearer], place[nearer] = gap[nearer], run[bone] + on[nearer]
    return place


def _rise(place: np.ndarray, joint: float, band: float) -> np.ndarray:
    """0 before a joint, 1 after it, smooth within the band."""
    t = np.clip((place - joint) / max(2 * band, 1e-6) + 0.5, 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def panel_weights(plan: Plan, points: np.ndarray, panel: Panel) -> np.ndarray:
    """Weights (N, B): the nearest of the bones it hangs on count most."""
    full = np.zeros((len(points), len(plan.bones)), np.float32)
    if len(panel.bones) == 1:
        full[:, panel.bones[0]] = 1
        return full
    bones = list(panel.bones)
    heads = np.stack([plan.bones[bone].head for bone in bones])
    ways = np.stack([plan.bones[bone].tail for bone in bones]) - heads
    offset = points[:, None] - heads
    on = np.clip((offset * ways).sum(2) / np.maximum((ways**2).sum(1), 1e-12), 0, 1)
    gaps = np.linalg.norm(offset - on[..., None] * ways, axis=2)
    size = float(np.ptp(points, axis=0).max())
    share = 1 / (gaps + 0.03 * size) ** (4 if plan.look.band > 0 else 40)
    share /= share.sum(1, keepdims=True)
    share[share < 0.05] = 0
    full[:, bones] = share / share.sum(1, keepdims=True)
    return full


def smoothed(mesh: Mesh, weights: np.ndarray, rounds: int) -> np.ndarray:
    """Weights (V, B) averaged with their neighbours' along the surface."""
    if rounds == 0:
        return weights
    ends = mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    count = len(mesh.vertices)
    links = coo_matrix((np.ones(len(ends), np.float32), (ends[:, 0], ends[:, 1])), (count, count)).tocsr()
    step = csr_matrix(links.multiply(1 / np.maximum(links.sum(1), 1)))
    for _ in range(rounds):
        weights = 0.5 * weights + 0.5 * (step @ weights)
    return weights


def heaviest(weights: np.ndarray) -> SkinWeights:
    """The four heaviest bones of each row of (V, B)."""
    count = min(INFLUENCES, weights.shape[1])
    bones = np.argpartition(-weights, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(weights, bones, 1), axis=1, kind="stable")
    bones = np.take_along_axis(bones, order, 1)
    kept = np.take_along_axis(weights, bones, 1).astype(np.float64)
    kept[kept < LEAST] = 0
    kept /= kept.sum(1, keepdims=True)
    return SkinWeights(np.where(kept > 0, bones, 0).astype(np.int32), kept.astype(np.float32))
