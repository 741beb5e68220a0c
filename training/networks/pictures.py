"""The network that sees spheres in pictures, as it is trained: where it starts, and drawn before cameras."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from inference.images.camera import DISTANCE, FIELD_OF_VIEW
from inference.networks.layers.resnet import Convolution
from inference.networks.s3ds.network import REACH, THICKEST, THINNEST, Encoder, Size, SphereNet
from training.losses.spheres import two_edges
from training.rendering.cameras import Camera, Pinholes, stack, to_torch
from training.rendering.crop_frames import Frames, into_crops, out_of_crops
from training.rendering.silhouettes import primitive_silhouettes, sphere_silhouettes
from training.rendering.soft_raster import sphere_polygons

from .start import begin, quieten

SIDES = 8  # of the polygons that stand for discs where a mesh rasteriser draws
LONGEST_EDGE = 0.1  # of the cones drawn in the radius stage
FIRST_RADIUS, FIRST_REACH = 0.04, 0.45  # where training starts from: spheres spread over a ball


def fresh_spheres(size: Size) -> SphereNet:
    """What training starts from: every picture gives the same spheres, spread over a ball, and hardly thinned."""
    net = SphereNet(size)
    begin(net)
    with torch.no_grad():
        for part, count in size.parts.items():
            _begin_encoder(net.encoder(part), count)
        if net.thinning is not None:
            last = net.thinning.whole[-1]
            assert isinstance(last, nn.Linear)
            last.weight.mul_(0.1)
            last.bias.add_(2.0)
    return net


def _begin_encoder(encoder: Encoder, count: int) -> None:
    quieten(encoder)
    away = torch.randn(count, 3)
    away *= FIRST_REACH * torch.rand(count, 1) ** (1 / 3) / away.norm(dim=1, keepdim=True)
    place_centres(encoder, away)
    share = (FIRST_RADIUS - THINNEST) / (THICKEST - THINNEST)
    radii, centres = encoder.radii[-1], encoder.centres[-1]
    assert isinstance(radii, nn.Linear)
    assert isinstance(centres, nn.Linear)
    radii.bias.fill_(math.log(share / (1 - share)))
    for last in (radii, centres):
        last.weight.mul_(0.1)


@torch.no_grad()
def place_centres(encoder: Encoder, centres: Tensor) -> None:
    """Have an untrained encoder answer with these centres (S, 3), whatever it sees."""
    share, last = centres / REACH, encoder.centres[-1]
    assert isinstance(last, nn.Linear)
    last.bias.copy_((share / (1 - share**2).sqrt()).flatten())


def folded(net: SphereNet) -> SphereNet:
    """A copy whose normalisations are part of their convolutions, to the same numbers."""
    made = copy.deepcopy(net).eval()
    for layer in made.modules():
        if isinstance(layer, Convolution):
            layer.fold()
    return made


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


def widened(shape: Size) -> Size:
    """One encoder for all spheres: nothing is fine."""
    return replace(shape, fine=0, coarse=shape.fine + shape.coarse)
