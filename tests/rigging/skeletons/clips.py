"""Clips played on skeletons, as engines play them: each joint's rotation is replaced, its offset stays."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature
from inference.axes import bone_axes


def random_clip(count: int, seed: int, degrees: float = 70.0) -> np.ndarray:
    """A pose: how each bone turns against its own rest axes, (B, 3, 3)."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 3))
    angles = random.uniform(0, np.radians(degrees), count)
    vectors *= (angles / np.linalg.norm(vectors, axis=1))[:, None]
    return Rotation.from_rotvec(vectors).as_matrix()


def played(parents: np.ndarray, heads: np.ndarray, axes: np.ndarray, clip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joints (B, 3) and axes (B, 3, 3) of a skeleton in a pose."""
    rest = axes.transpose(0, 2, 1)  # columns
    places, frames = np.empty_like(heads), np.empty_like(axes)
    for bone, parent in enumerate(parents):
        above, above_rest = (np.eye(3), np.eye(3)) if parent < 0 else (frames[parent], rest[parent])
        offset = heads[bone] if parent < 0 else above_rest.T @ (heads[bone] - heads[parent])
        places[bone] = (0 if parent < 0 else places[parent]) + above @ offset
        frames[bone] = above @ above_rest.T @ rest[bone] @ clip[bone]
    return places, frames.transpose(0, 2, 1)


def axes_of(armature: Armature) -> np.ndarray:
    return bone_axes(armature.heads, armature.tails, armature.rolls)


def angles(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Degrees between vectors (N, 3)."""
    sizes = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return np.degrees(np.arccos(np.clip((before * after).sum(1) / sizes, -1, 1)))
