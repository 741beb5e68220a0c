"""Between the world that cameras stand in and what a network sees in a crop of their pictures.

Seen frame of a crop: a camera of its own at (0, -DISTANCE, 0) looks along +Y, and the crop is all it sees. A sphere
there stands for the one in the world that the true camera sees at the same place and as large, at s times the depth
from the middle, s being the crop's side over the picture's. So silhouettes agree exactly; only depths far from the
middle are seen in a perspective a few percent off.

Arrays are NumPy's or torch's.
"""

# pyright: reportReturnType=false

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic

import numpy as np

from inference.anatomy import Crop
from inference.images.camera import DISTANCE, FIELD_OF_VIEW

from .cameras import Array, Camera

TANGENT = math.tan(math.radians(FIELD_OF_VIEW / 2))


@dataclass(frozen=True)
class Frames(Generic[Array]):
    """B crops of pictures of cameras that look at the origin from DISTANCE."""

    rotation: Array  # (B, 3, 3) world to camera: right, down, forward
    scale: Array  # (B,) side of the crop over the picture's
    shift: Array  # (B, 2) tangents of the angles to the crop's middle, right and down


def frame_of(camera: Camera, crop: Crop) -> tuple[np.ndarray, float, np.ndarray]:
    """Rotation, scale and shift of one crop."""
    middle = np.array([crop.x, crop.y]) - camera.size / 2
    return camera.rotation, crop.size / camera.size, middle / camera.focal


def out_of_crops(centres: Array, radii: Array, frames: Frames[Array]) -> tuple[Array, Array]:
    """Spheres (B, N, 3) and (B, N) of seen frames, in the world."""
    depth = centres[:, :, 1] + DISTANCE
    true_depth = frames.scale[:, None] * centres[:, :, 1] + DISTANCE
    larger = frames.scale[:, None] * true_depth / depth
    right = larger * centres[:, :, 0] + frames.shift[:, :1] * true_depth
    down = frames.shift[:, 1:] * true_depth - larger * centres[:, :, 2]
    axes = frames.rotation[:, None]
    world = right[..., None] * axes[:, :, 0] + down[..., None] * axes[:, :, 1]
    return world + (true_depth - DISTANCE)[..., None] * axes[:, :, 2], larger * radii


def into_crops(centres: Array, radii: Array, frames: Frames[Array]) -> tuple[Array, Array]:
    """Spheres (B, N, 3) and (B, N) of the world, in seen frames."""
    seen = (frames.rotation[:, None] * centres[:, :, None]).sum(3)
    true_depth = seen[:, :, 2] + DISTANCE
    deep = seen[:, :, 2] / frames.scale[:, None]
    smaller = (deep + DISTANCE) / true_depth / frames.scale[:, None]
    x = smaller * (seen[:, :, 0] - frames.shift[:, :1] * true_depth)
    z = smaller * (frames.shift[:, 1:] * true_depth - seen[:, :, 1])
    parts = [x[..., None], deep[..., None], z[..., None]]
    if isinstance(x, np.ndarray):
        return np.concatenate(parts, -1), smaller * radii
    import torch

    return torch.cat(parts, -1), smaller * radii


def on_the_crop(centres: Array) -> Array:
    """Where points (B, N, 3) of seen frames are seen: (B, N, 2) from -1 to 1 across the crop, right and down."""
    places = centres[:, :, ::2] / (TANGENT * (centres[:, :, 1:2] + DISTANCE))
    places[:, :, 1] = -places[:, :, 1]
    return places


def mirrored(frames: Frames[Array], flip: Array) -> Frames[Array]:
    """The frames of pictures mirrored left to right, of the mirrored shape, where `flip` (B,) is -1 (elsewhere 1)."""
    axes = frames.rotation
    turned = axes * 1
    # Both ends change hands: the world's x and the camera's right.
    turned[:, 0] = turned[:, 0] * flip[:, None]
    turned[:, :, 0] = turned[:, :, 0] * flip[:, None]
    shift = frames.shift * 1
    shift[:, 0] = shift[:, 0] * flip
    return Frames(turned, frames.scale, shift)
