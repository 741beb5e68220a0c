"""Random poses of packed surfaces: points move with their bones."""

from __future__ import annotations

import numpy as np


def rotations(vectors: np.ndarray) -> np.ndarray:
    """Rotations (N, 3, 3) about vectors (N, 3) by their length in radians."""
    angles = np.linalg.norm(vectors, axis=1)
    x, y, z = (vectors / np.maximum(angles, 1e-12)[:, None]).T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).reshape(-1, 3, 3)
    sine, less = np.sin(angles)[:, None, None], (1 - np.cos(angles))[:, None, None]
    return np.eye(3) + sine * cross + less * (cross @ cross)


def pose_joints(heads: np.ndarray, parents: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How each bone's flesh moves, x -> R x + t, when each joint (J, 3) turns by `turns` (J, 3, 3) against its parent.

    Parents come before their children; gives R (J, 3, 3) and t (J, 3). The joints move like their own flesh.
    """
    whole, shift = np.array(turns, np.float64), np.empty((len(heads), 3))
    for joint, parent in enumerate(parents):
        at = heads[joint]
        if parent >= 0:
            whole[joint] = whole[parent] @ turns[joint]
            at = whole[parent] @ at + shift[parent]
        shift[joint] = at - whole[joint] @ heads[joint]
    return whole, shift


def move_flesh(
    points: np.ndarray,  # (P, 3)
    normals: np.ndarray,  # (P, 3)
    bones: np.ndarray,  # (P, K)
    shares: np.ndarray,  # (P, K) of any sum
    turns: np.ndarray,  # (J, 3, 3)
    shifts: np.ndarray,  # (J, 3)
) -> tuple[np.ndarray, np.ndarray]:
    """Points and unit normals after their bones moved (linear blending)."""
    weights = (shares / np.maximum(shares.sum(1, keepdims=True), 1e-12)).astype(np.float64)
    turn = np.einsum("pk,pkij->pij", weights, turns[bones])
    shift = np.einsum("pk,pkj->pj", weights, shifts[bones])
    moved = np.einsum("pij,pj->pi", turn, points) + shift
    turned = np.einsum("pij,pj->pi", turn, normals)
    return moved, turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
