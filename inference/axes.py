"""The axes of bones: what Blender makes of their heads, tails and rolls.

Blender gives a bone its y axis (head to tail) and one angle. With roll 0 the axes are the world's, turned by the
shortest way that brings +Y onto the bone; roll then turns them about the bone. Bones that point along -Y have no
shortest way: there Blender turns by 180 degrees about +Z.
"""

from __future__ import annotations

import numpy as np

from .anatomy import Array

ALONG_MINUS_Y = 2.5e-4  # sine of the angle to -Y below which Blender gives up on the shortest way


def bone_axes(heads: Array, tails: Array, rolls: Array) -> Array:
    """The x, y and z axes of bones, (B, 3, 3), rows are axes, as Blender makes them from heads, tails and rolls."""
    y = directions(heads, tails)
    x0, z0 = _unrolled(y)
    cosine, sine = np.cos(rolls)[:, None], np.sin(rolls)[:, None]
    return np.stack([cosine * x0 - sine * z0, y, cosine * z0 + sine * x0], axis=1)


def rolls_towards(heads: Array, tails: Array, z: Array) -> Array:
    """The rolls (B,) that turn each bone's z axis as far as it goes towards the directions `z` (B, 3)."""
    y = directions(heads, tails)
    x0, z0 = _unrolled(y)
    return np.arctan2((z * x0).sum(1), (z * z0).sum(1))


def directions(heads: Array, tails: Array) -> Array:
    """Unit vectors from head to tail, (B, 3)."""
    span = np.asarray(tails, float) - np.asarray(heads, float)
    return span / np.maximum(np.linalg.norm(span, axis=1, keepdims=True), 1e-12)


def _unrolled(y: Array) -> tuple[Array, Array]:
    """The x and z axes at roll 0 of bones along the unit directions `y` (B, 3)."""
    sideways = y[:, 0] ** 2 + y[:, 2] ** 2
    # 1 + y written so that no digits are lost next to -Y
    theta = np.where(y[:, 1] < 0, sideways / (1.0 - np.minimum(y[:, 1], 0.0)), 1.0 + y[:, 1])
    lost = sideways <= ALONG_MINUS_Y**2
    lost &= y[:, 1] < 0
    theta = np.where(lost, 1.0, theta)
    shear = -y[:, 0] * y[:, 2] / theta
    x0 = np.stack([1.0 - y[:, 0] ** 2 / theta, -y[:, 0], shear], axis=1)
    z0 = np.stack([shear, -y[:, 2], 1.0 - y[:, 2] ** 2 / theta], axis=1)
    x0[lost] = (-1.0, 0.0, 0.0)
    z0[lost] = (0.0, 0.0, 1.0)
    return x0, z0
