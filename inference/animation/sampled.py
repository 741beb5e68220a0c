"""Bones as programs keep their motion, each told against its parent -> turns and places of all of them."""

from __future__ import annotations

import numpy as np

from ..anatomy import Clip
from .turns import about


def sampled(
    parents: np.ndarray, rests: np.ndarray, basis: np.ndarray, world: np.ndarray, world_at_rest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Turns away from the rest (T, B, 3, 3) and heads (T, B, 3) in the world.

    `rests` (B, 4, 4) are the bones' rest transforms in their armature, `basis` (B, T, 4, 4) what is keyed of each,
    `world` (T, 4, 4) where the armature is, `world_at_rest` (4, 4) where it is while it rests.
    """
    frames = basis.shape[1]
    poses = np.empty((len(parents), frames, 4, 4))
    for bone, parent in enumerate(parents):  # parents come first
        local = rests[bone] if parent < 0 else np.linalg.inv(rests[parent]) @ rests[bone]
        poses[bone] = (local if parent < 0 else poses[parent] @ local) @ basis[bone]
    poses = (world @ poses).transpose(1, 0, 2, 3)
    axes = _without_scale(poses[..., :3, :3])
    rest = _without_scale((world_at_rest @ rests)[:, :3, :3])
    return axes @ rest.transpose(0, 2, 1), poses[..., :3, 3]


def _without_scale(axes: np.ndarray) -> np.ndarray:
    """The turns in transforms (..., 3, 3) whose columns may be longer than 1, or a little askew."""
    y = axes[..., 1] / np.maximum(np.linalg.norm(axes[..., 1], axis=-1, keepdims=True), 1e-12)
    x = axes[..., 0] - (axes[..., 0] * y).sum(-1, keepdims=True) * y
    x /= np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def moves(clip: Clip) -> bool:
    """Anything happens in the clip."""
    size = float(np.ptp(clip.armature.heads, axis=0).max())
    turned = np.abs(clip.turns - clip.turns[0]).max() > 1e-4
    return bool(turned or np.abs(clip.heads - clip.heads[0]).max() > 1e-5 * size)


def quaternions(values: np.ndarray) -> np.ndarray:
    """Turns (T, 3, 3) of quaternions w, x, y, z (T, 4) of any length."""
    norm = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    w, axis = values[:, 0] / norm[:, 0], values[:, 1:] / norm
    sine = np.linalg.norm(axis, axis=1)
    way = np.where(sine[:, None] > 1e-12, axis / np.maximum(sine, 1e-12)[:, None], np.array([1.0, 0.0, 0.0]))
    return about(way, 2.0 * np.arctan2(sine, w))


def eulers(values: np.ndarray, order: str) -> np.ndarray:
    """Turns (T, 3, 3) of Euler angles (T, 3) about x, y and z in radians; the first letter of `order` turns first."""
    result = np.tile(np.eye(3), (len(values), 1, 1))
    for letter in order:
        axis = "XYZ".index(letter)
        result = about(np.eye(3)[axis], values[:, axis]) @ result
    return result
