"""Silhouettes, depth, normals and shaded colours of what `raster.cast` hit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .cameras import Pinholes, unproject
from .looks import Look
from .raster import Hits, Meshes, cast


@dataclass(frozen=True)
class Pictures:
    """B views of S x S pixels."""

    rgba: Tensor  # (B, S, S, 4) sRGB in 0..1, straight alpha
    silhouette: Tensor  # (B, S, S) covered share of each pixel
    depth: Tensor  # (B, S, S) in the shape's units at the pixel's centre, 0 where nothing
    normals: Tensor  # (B, S, S, 3) unit, in the shape's frame, turned to the eye; 0 where nothing


@torch.no_grad()
def render(
    meshes: Meshes, pinholes: Pinholes[Tensor], which: Sequence[int], looks: Sequence[Look], samples: int = 1
) -> Pictures:
    """Camera b sees mesh `which[b]` in `looks[b]`, with samples * samples a pixel; odd numbers hit its centre."""
    fine = Pinholes(pinholes.rotation, pinholes.eye, pinholes.focal * samples, pinholes.size * samples)
    hits = cast(meshes, pinholes, which, samples)
    seen = (hits.triangle >= 0).float()
    points = _points(hits.depth, fine)
    normals = _normals(meshes, hits, points, fine)
    light = _light(points, normals, fine, looks) * seen[..., None]
    coverage = _pooled(seen[..., None], samples)
    colour = _pooled(light, samples) / coverage.clamp(min=1e-6)
    middle = slice(samples // 2, None, samples)
    return Pictures(
        torch.cat([_srgb(colour), coverage], 3),
        coverage[..., 0],
        hits.depth[:, middle, middle],
        normals[:, middle, middle],
    )


@torch.no_grad()
def silhouettes(meshes: Meshes, pinholes: Pinholes[Tensor], which: Sequence[int], samples: int = 1) -> Tensor:
    """Only the covered share of each pixel, (B, S, S) float32."""
    seen = cast(meshes, pinholes, which, samples).triangle >= 0
    return _pooled(seen[..., None].float(), samples)[..., 0]


def _points(depth: Tensor, pinholes: Pinholes[Tensor]) -> Tensor:
    """World points of pixels (B, H, W, 3)."""
    centres = torch.arange(pinholes.size, device=depth.device) + 0.5
    pixels = torch.stack(torch.meshgrid(centres, centres, indexing="xy"), 2).view(1, -1, 2)
    return unproject(pixels, depth.flatten(1), pinholes).view(*depth.shape, 3)


def _normals(meshes: Meshes, hits: Hits, points: Tensor, pinholes: Pinholes[Tensor]) -> Tensor:
    """Of the faces, (B, H, W, 3)."""
    normals = meshes.normals[hits.triangle.clamp(min=0)]
    outwards = ((pinholes.eye[:, None, None] - points) * normals).sum(3, keepdim=True) >= 0
    return torch.where(outwards, normals, -normals) * (hits.triangle >= 0)[..., None]


def _light(points: Tensor, normals: Tensor, pinholes: Pinholes[Tensor], looks: Sequence[Look]) -> Tensor:
    """Linear colours (B, H, W, 3): matt and a highlight under suns without shadows."""
    device = points.device
    albedo = _albedo(points, looks)
    to_eye = torch.nn.functional.normalize(pinholes.eye[:, None, None] - points, dim=3)
    total = albedo * torch.tensor([look.ambient for look in looks], device=device)[:, None, None]
    for view, look in enumerate(looks):
        shine = 2 / max(look.roughness, 0.1) ** 2
        for light in look.lights:
            towards = torch.tensor(light.towards, device=device)
            colour = torch.tensor(light.colour, device=device)
            matt = (normals[view] @ towards).clamp(min=0)[..., None]
            half = torch.nn.functional.normalize(to_eye[view] + towards, dim=2)
            glint = ((normals[view] * half).sum(2, keepdim=True).clamp(min=0)) ** shine * (shine + 8) / 25
            mirror = 0.04 + look.metallic * (
                albedo[view] - 0.04
            )  # what reflects: 4 % of the light, or a metal's own colour
            total[view] += colour * matt * (albedo[view] * (1 - look.metallic) + mirror * glint)
    return total


def _albedo(points: Tensor, looks: Sequence[Look]) -> Tensor:
    """The pattern's colour at points (B, H, W, 3)."""
    parts = []
    for point, look in zip(points, looks, strict=True):
        first, second = (torch.tensor(colour, device=point.device) for colour in (look.colour, look.other))
        parts.append(torch.lerp(first, second, _pattern(point * look.pattern_scale, look)[..., None]))
    return torch.stack(parts)


def _pattern(place: Tensor, look: Look) -> Tensor:
    """How much of the second colour, 0..1, (H, W)."""
    if look.pattern == "plain":
        return torch.zeros_like(place[..., 0])
    if look.pattern == "checker":
        return (place + 1e-4).floor().sum(-1).remainder(2)
    if look.pattern == "stripes":
        return 0.5 + 0.5 * torch.sin(2 * torch.pi * place[..., 2])
    turned = place @ torch.tensor([[0.8, 0.6, 0.3], [-0.5, 0.9, 0.7], [0.4, -0.7, 1.1]], device=place.device)
    wave = torch.sin(turned + 1.7 * torch.sin(1.3 * turned.roll(1, -1)))  # cloudy, without a table of random numbers
    return (0.5 + 0.3 * wave.sum(-1)).clamp(0, 1)


def _pooled(values: Tensor, samples: int) -> Tensor:
    """Mean over samples x samples blocks of (B, H, W, K)."""
    batch, height, width, kinds = values.shape
    blocks = values.view(batch, height // samples, samples, width // samples, samples, kinds)
    return blocks.mean((2, 4))


def _srgb(linear: Tensor) -> Tensor:
    clipped = linear.clamp(0, 1)
    return torch.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped.clamp(min=1e-9) ** (1 / 2.4) - 0.055)
