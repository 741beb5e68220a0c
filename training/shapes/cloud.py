"""Points sampled on a rigged surface: all that networks on points need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .shape import KnownShape


class Cloud(NamedTuple):
    """Points of a surface with the weights of the bones that move them."""

    points: np.ndarray  # (N, 3) float32
    normals: np.ndarray  # (N, 3) float32, unit, outwards
    weights: np.ndarray  # (N, B) float32, rows sum to 1


def surface_cloud(shape: KnownShape, count: int, rng: np.random.Generator) -> Cloud:
    """Points evenly over the surface, with weights interpolated in the triangles."""
    if shape.rig is None:
        raise ValueError(f"The {shape.family} of seed {shape.seed} has no rig to take weights from.")
    vertices, triangles = shape.mesh.vertices, shape.mesh.triangles
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    double = np.linalg.norm(normals, axis=1)
    run = np.cumsum(double)
    chosen = np.minimum(np.searchsorted(run, rng.random(count) * run[-1], side="right"), len(triangles) - 1)
    first, second = rng.random((2, count))
    root = np.sqrt(first)
    mix = np.stack([1 - root, root * (1 - second), root * second], 1)
    points = np.einsum("nk,nkc->nc", mix, corners[chosen])
    skin = shape.rig.skin
    weights = np.zeros((count, len(shape.rig.armature.names)), np.float32)
    at = triangles[chosen]  # (N, 3)
    shares = mix[:, :, None] * skin.weights[at]
    rows = np.repeat(np.arange(count), shares[0].size)
    np.add.at(weights, (rows, skin.bones[at].ravel()), shares.ravel().astype(np.float32))
    outwards = normals[chosen] / np.maximum(double[chosen], 1e-30)[:, None]
    return Cloud(points.astype(np.float32), outwards.astype(np.float32), weights)
