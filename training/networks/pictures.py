"""The network that sees spheres in pictures, as it is trained: with batch normalisation, and drawn before cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d

from inference.images.crop import DISTANCE, FIELD_OF_VIEW
from inference.networks.layers import images, ops
from inference.networks.s3ds import network as s3ds
from training.loop.table import Table
from training.losses.spheres import two_edges
from training.rendering.cameras import Camera, Pinholes, stack, to_torch
from training.rendering.crop_frames import Frames, into_crops, out_of_crops
from training.rendering.silhouettes import primitive_silhouettes, sphere_silhouettes
from training.rendering.soft_raster import sphere_polygons

SIDES = 8  # of the polygons that stand for discs where a mesh rasteriser draws
LONGEST_EDGE = 0.1  # of the cones drawn in the radius stage
MOMENTUM = 0.1


class SphereNet(Table):
    """The parameters of inference/networks/s3ds/network.py, its convolutions with batch normalisations."""

    def __init__(self, shape: s3ds.Size, seed: int) -> None:
        values = images.unfolded(s3ds.fresh(shape, seed))
        # A block begins as little more than what goes past it.
        begun = {name: value * (0.3 if name.endswith(".two.gain") else 1) for name, value in values.items()}
        super().__init__(begun, tuple(name for name in values if name.endswith((".mean", ".variance"))))
        self.shape = shape
        self.momentum = MOMENTUM

    def part(self, part: str, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Centres and radii of one encoder's spheres, not thinned; in training mode pictures are normed together."""
        crops = crops.contiguous(memory_format=torch.channels_last)  # a sixth faster on a CPU
        return s3ds.spheres(self.values(), self.shape, part, crops, self._convolve)

    def all_parts(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Those of all encoders, fine first, not thinned."""
        found = [self.part(part, crops) for part in self.shape.parts]
        return torch.cat([centres for centres, _ in found], 1), torch.cat([radii for _, radii in found], 1)

    def thinned(self, centres: Tensor, radii: Tensor) -> Tensor:
        """Radii as the last stage wants them."""
        return radii * s3ds.factors(self.values(), centres, radii) if self.shape.thinning else radii

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """What the shipped network predicts."""
        centres, radii = self.all_parts(crops)
        return centres, self.thinned(centres, radii)

    def shipped(self) -> Mapping[str, Tensor]:
        """Parameters as inference wants them."""
        values = {name: value.detach().cpu().numpy() for name, value in self.values().items()}
        return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in images.folded(values).items()}

    def _convolve(self, p: ops.Parameters[Tensor], name: str, x: Tensor, stride: int) -> Tensor:
        kernel = p[f"{name}.kernel"]
        gain, shift, mean, variance = (p[f"{name}.{part}"] for part in images.NORM)
        made = conv2d(x, kernel, None, stride, kernel.shape[2] // 2)
        return batch_norm(made, mean, variance, gain, shift, self.training, self.momentum, ops.TINY)


def straight_on(count: int, size: int, device: torch.device) -> Pinholes[Tensor]:
    """The cameras of `count` seen frames."""
    one = to_torch(stack([Camera(0.0, 0.0, size, DISTANCE, FIELD_OF_VIEW)]), device)
    return Pinholes(one.rotation.expand(count, 3, 3), one.eye.expand(count, 3), one.focal.expand(count), size)


def draw_spheres(centres: Tensor, radii: Tensor, size: int, softness: float, renderer: str = "discs") -> Tensor:
    """Silhouettes (B, size, size) of spheres in seen frames."""
    cameras = straight_on(len(centres), size, centres.device)
    if renderer == "mesh":
        return sphere_polygons(centres, radii, SIDES, cameras, softness)
    return sphere_silhouettes(centres, radii, cameras, softness)


def draw_cones(centres: Tensor, radii: Tensor, size: int, softness: float) -> Tensor:
    """The same of the cones between each sphere and its two nearest."""
    edges = two_edges(centres, LONGEST_EDGE)
    return primitive_silhouettes(centres, radii, edges, straight_on(len(centres), size, centres.device), softness)


def swapped(frames: Frames[Tensor]) -> Frames[Tensor]:
    """Two views of each shape, one after the other: each in the other's place."""
    order = torch.arange(len(frames.scale), device=frames.scale.device) ^ 1
    return Frames(frames.rotation[order], frames.scale[order], frames.shift[order])


def in_both_views(
    centres: Tensor, radii: Tensor, frames: Frames[Tensor], *, in_world: bool
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Spheres predicted from each view as that view sees them, and as the other view of the same shape does."""
    world = (centres, radii) if in_world else out_of_crops(centres, radii, frames)
    own = into_crops(*world, frames) if in_world else (centres, radii)
    return own, into_crops(*world, swapped(frames))


def widened(shape: s3ds.Size) -> s3ds.Size:
    """One encoder for all spheres: nothing is fine."""
    return replace(shape, fine=0, coarse=shape.fine + shape.coarse)
