"""Random test poses and linear blend skinning."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from ...anatomy import Armature, SkinWeights

LARGEST_TURN = np.deg2rad(40.0)


def random_pose(armature: Armature, seed: int) -> np.ndarray:
    """How each bone moves the points bound to it, (B, 3, 4), when every joint but the roots turns at random.

    A joint turns by 0 to 40 degrees about a random axis, together with all that hangs on it. Joints draw in the order
    of their names, so that armatures that list the same bones differently take the same pose.
    """
    rng = np.random.default_rng(seed)
    order = sorted(range(len(armature.names)), key=lambda bone: armature.names[bone])
    axes = rng.normal(size=(len(order), 3))
    angles = rng.uniform(0, LARGEST_TURN, len(order))
    vectors = np.empty((len(order), 3))
    vectors[order] = axes / np.maximum(np.linalg.norm(axes, axis=1), 1e-12)[:, None] * angles[:, None]
    vectors[armature.parents < 0] = 0
    return pose_by(armature, vectors)


def pose_by(armature: Armature, vectors: np.ndarray) -> np.ndarray:
    """The same when each turns by (B, 3), axes times radians, about its head."""
    return pose(armature, Rotation.from_rotvec(vectors).as_matrix())


def pose(armature: Armature, turns: np.ndarray) -> np.ndarray:
    """How each bone moves the points bound to it, (B, 3, 4), when each turns by (B, 3, 3) about its head."""
    moves = np.empty((len(turns), 3, 4))
    for bone in _parents_first(armature.parents):
        parent, head = armature.parents[bone], armature.heads[bone]
        moves[bone, :, :3], moves[bone, :, 3] = turns[bone], head - turns[bone] @ head
        if parent >= 0:
            above = moves[parent]
            moves[bone, :, 3] = above[:, :3] @ moves[bone, :, 3] + above[:, 3]
            moves[bone, :, :3] = above[:, :3] @ turns[bone]
    return moves


def bend(points: np.ndarray, skin: SkinWeights, moves: np.ndarray) -> np.ndarray:
    """Where the points (V, 3) of a skin go under `moves` (B, 3, 4)."""
    blended = np.einsum("vk,vkij->vij", skin.weights.astype(np.float64), moves[skin.bones])
    return np.einsum("vij,vj->vi", blended[:, :, :3], points) + blended[:, :, 3]


def stretch(points: np.ndarray, edges: np.ndarray, skin: SkinWeights, armature: Armature, seeds: range) -> np.ndarray:
    """Length of each edge (E, 2) in random poses over its length at rest, (len(seeds), E)."""
    used, ends = np.unique(edges, return_inverse=True)
    ends = ends.reshape(edges.shape)
    here, part = points[used], SkinWeights(skin.bones[used], skin.weights[used])
    rest = np.maximum(_lengths(here, ends), 1e-9)
    return np.stack([_lengths(bend(here, part, random_pose(armature, seed)), ends) / rest for seed in seeds])


def _lengths(points: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)


def _parents_first(parents: np.ndarray) -> list[int]:
    """Bones in an order in which each comes after its parent; those in a circle are left out."""
    children: dict[int, list[int]] = {}
    for bone, parent in enumerate(parents.tolist()):
        children.setdefault(parent if parent >= 0 else -1, []).append(bone)
    order = list(children.get(-1, []))
    for bone in order:  # grows while we walk it
        order.extend(children.get(bone, []))
    return order
