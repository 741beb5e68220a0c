"""Weights of what hangs: chains alone move it, and at its root it passes smoothly into what carries it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...anatomy import SkinWeights
from ..skin.prune import heaviest
from .lanes import TURN, Hanging

JOINT = 0.35  # of a bone: so far to either side of a joint its two bones share what they move
ROOT = 0.7  # of the first bone: up to there what carries the chain has a share


def swung_weights(
    skin: SkinWeights, vertices: np.ndarray, hanging: Hanging, first: int, count: int, influences: int
) -> SkinWeights:
    """The weights with those of one hanging part in them: its chains' bones are numbered from `first`; `count` in all.

    Vertices are (V, 3).
    """
    rows = np.flatnonzero(hanging.vertices)
    points = vertices[rows]
    shares = _lane_shares(hanging, rows)  # (N, lanes)
    new = np.zeros((len(rows), count), np.float64)
    held = np.zeros(len(rows))
    start = first
    for number, lane in enumerate(hanging.lanes):
        bones = len(lane.joints) - 1
        place = along(points, lane.joints)
        own = _along_bones(place, bones) * shares[:, number : number + 1]
        new[:, start : start + bones] += own
        root = np.clip(place / ROOT, 0.0, 1.0)
        held += shares[:, number] * root * root * (3 - 2 * root)
        start += bones
    before = SkinWeights(skin.bones[rows], skin.weights[rows]).dense(count).astype(np.float64)
    mixed = before * (1 - held)[:, None] + new * held[:, None]
    width = max(skin.bones.shape[1], min(influences, count))
    bones, weights = np.zeros((len(skin.bones), width), np.int32), np.zeros((len(skin.bones), width), np.float32)
    bones[:, : skin.bones.shape[1]], weights[:, : skin.weights.shape[1]] = skin.bones, skin.weights
    kept_bones, kept = heaviest(mixed, min(influences, count))
    bones[rows], weights[rows] = 0, 0
    bones[rows[:, None], np.arange(kept.shape[1])], weights[rows[:, None], np.arange(kept.shape[1])] = kept_bones, kept
    return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights)


def along(points: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """How many bones down a chain (n + 1, 3) each of the points (N, 3) is, 0..n: at its nearest place."""
    best, place = np.full(len(points), np.inf), np.zeros(len(points))
    for bone, (head, tail) in enumerate(pairwise(joints)):
        span = tail - head
        share = np.clip((points - head) @ span / max(float(span @ span), 1e-30), 0.0, 1.0)
        apart = np.linalg.norm(points - head - share[:, None] * span, axis=1)
        nearer = apart < best - 1e-12
        best, place = np.where(nearer, apart, best), np.where(nearer, bone + share, place)
    return place


def _along_bones(place: np.ndarray, count: int) -> np.ndarray:
    """Shares (N, count) of the bones of a chain; the sum of each row is 1."""
    shares = np.ones((len(place), count))
    for joint in range(1, count):
        outer = np.clip((place - joint) / (2 * JOINT) + 0.5, 0.0, 1.0)
        shares[:, :joint] *= 1 - outer[:, None]
        shares[:, joint:] *= outer[:, None]
        # what is two joints away has nothing of it: bones are longer than blends are wide
    total = shares.sum(1, keepdims=True)
    return shares / np.where(total > 0, total, 1)


def _lane_shares(hanging: Hanging, rows: np.ndarray) -> np.ndarray:
    """Which lanes move each vertex (N, lanes): the two that it lies between."""
    lanes = hanging.lanes
    if hanging.angle is None or len(lanes) == 1:
        return np.full((len(rows), len(lanes)), 1.0 / len(lanes))
    turned = hanging.angle[rows]
    places = np.array([lane.angle for lane in lanes])
    order = np.argsort(places)
    shares = np.zeros((len(rows), len(lanes)))
    for number, lane in enumerate(order):
        following = order[(number + 1) % len(order)]
        gap = (places[following] - places[lane]) % (2 * np.pi) or 2 * np.pi
        past = (turned - places[lane]) % (2 * np.pi)
        between = past < gap
        share = np.clip(past / gap, 0, 1)
        if gap > 1.5 * TURN:  # nothing hangs there: what strays in belongs to the nearer lane
            share = np.round(share)
        shares[between, lane] += 1 - share[between]
        shares[between, following] += share[between]
    return shares
