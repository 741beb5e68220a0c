"""Skeletal latents: a shape's auto-encoder whose latent is a skeleton, in the paper's symbols.

    surface x --skeletonise--> x_s, r --levels over both, grouped in feature space--> z (n_s, 4 + d)
    z, query q --self-attention among z, cross-attention from q--> signed distance y'

Ours beside the paper's: a query hears of near skeleton points more than of far ones, starts from the balls of the
skeleton, and the decoder learns with a little noise on z, as what diffusion makes is never exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from ..layers.attention import Block
from ..layers.surface import rows
from .inputs import BAND, PLACE
from .skeletonise import skeletonise, squares

WAVES = 5  # octaves of the code of a place
REACHES = (0.5, 0.25, 0.12, 0.06)  # how far each head of the cross-attention looks at first
NEAR = 5.0  # steps to where a head looks are small numbers; this makes them about 1
LEAST_SHARE = 0.02  # of a step in the running mean and deviation of features


@dataclass(frozen=True)
class Size:
    """How large the networks are. The paper's: points 2560, skeleton 256, features 12, width 512, four levels."""

    points: int = 1024  # n, of the surface
    skeleton: int = 64  # n_s
    features: int = 16  # d
    width: int = 128
    levels: int = 2  # L = M
    blocks: int = 2  # of a level's PointNet, and of the latent's self-attention
    neighbours: int = 16  # k_l


@dataclass(frozen=True)
class ShapeParts:
    """What may be left out."""

    skeletal: bool = True  # False: a set of features without places, as plain set-latent auto-encoders have it
    attention: bool = True  # self-attention among the latent


class PointLayer(nn.Module):
    """A layer of a PointNet: each row for itself, beside what it was."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before, self.inner, self.outer = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.outer(gelu(self.inner(self.before(x)), approximate="tanh"))


class Grouping(nn.Module):
    """Each skeleton point hears of the surface points with the likest features: the highest of their answers."""

    def __init__(self, width: int, neighbours: int) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.offset, self.feature = nn.Linear(4, width), nn.Linear(width, width)
        self.answer = nn.Linear(width, width)

    def forward(self, f_s: Tensor, x_s: Tensor, f: Tensor, x: Tensor) -> Tensor:
        near = squares(f_s.detach(), f.detach()).topk(self.neighbours, largest=False).indices
        step = rows(x, near) - x_s[:, :, None]
        length = (step.square().sum(3, keepdim=True) + 1e-8).sqrt()
        heard = rows(self.feature(f), near) + self.offset(4 * torch.cat([step, length], 3))
        return self.answer(gelu(torch.cat([heard, self.feature(f_s)[:, :, None]], 2), approximate="tanh")).amax(2)


class Standard(nn.Module):
    """Each feature with mean 0 and deviation 1 over the points of all shapes, as far as training has seen them.

    Mean and deviation are taken as given: what one shape is told does not depend on the others in its batch.
    """

    mean: Tensor
    variance: Tensor
    seen: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(count))
        self.register_buffer("variance", torch.ones(count))
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            with torch.no_grad():
                self.seen += 1
                share = torch.clamp(1 / self.seen, min=LEAST_SHARE)
                self.mean += share * (x.mean((0, 1)) - self.mean)
                self.variance += share * ((x - self.mean).square().mean((0, 1)) - self.variance)
        return (x - self.mean) * (self.variance + 1e-6) ** -0.5


class ShapeEncoder(nn.Module):
    """x -> z: rows (N, n_s, 4 + d) of places, radii and features."""

    def __init__(self, size: Size, parts: ShapeParts) -> None:
        super().__init__()
        self.size, self.parts = size, parts
        width, coded_width = size.width, 3 + 6 * WAVES
        self.surface, self.skeleton = nn.Linear(coded_width, width), nn.Linear(coded_width + 1, width)
        self.levels = nn.ModuleList(
            nn.Sequential(*(PointLayer(width) for _ in range(size.blocks))) for _ in range(size.levels)
        )
        self.groups = nn.ModuleList(Grouping(width, size.neighbours) for _ in range(size.levels))
        self.all_levels = nn.Linear((size.levels + 2) * width, width)
        told = size.features + (0 if parts.skeletal else PLACE)
        self.last, self.standard = nn.Linear(width, told), Standard(told)

    def forward(self, cloud: Tensor) -> tuple[Tensor]:
        return (self.of_skeleton(cloud, *self.skeleton_of(cloud)),)

    def skeleton_of(self, cloud: Tensor) -> tuple[Tensor, Tensor]:
        """x_s (N, n_s, 3) and r (N, n_s)."""
        if self.parts.skeletal:
            return skeletonise(cloud, self.size.skeleton)
        return cloud[:, : self.size.skeleton], torch.zeros_like(cloud[:, : self.size.skeleton, 0])

    def of_skeleton(self, x: Tensor, x_s: Tensor, r: Tensor) -> Tensor:
        """z where the skeleton is known."""
        f = self.surface(coded(x))
        f_s = self.skeleton(torch.cat([coded(x_s), 10 * r[..., None]], 2))
        found = []
        for level, group in zip(self.levels, self.groups, strict=True):
            f, f_s = level(f), level(f_s)
            f_s = f_s + group(f_s, x_s, f, x)
            found.append(f_s)
        whole = torch.cat([f_s.amax(1), f_s.mean(1)], 1)[:, None].expand(-1, f_s.shape[1], -1)
        told = self.last(gelu(self.all_levels(torch.cat([*found, whole], 2)), approximate="tanh"))
        standard = self.standard(told)
        return torch.cat([x_s, r[..., None], standard], 2) if self.parts.skeletal else standard


class Look(nn.Module):
    """Queries look at the latent, each head as far as it has learned to."""

    def __init__(self, width: int, *, near: bool) -> None:
        super().__init__()
        self.before, self.query = nn.LayerNorm(width), nn.Linear(width, width)
        self.key_value, self.out = nn.Linear(width, 2 * width), nn.Linear(width, width)
        self.after, self.wide, self.narrow = (
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.Linear(2 * width, width),
        )
        self.steepness = nn.Parameter(torch.tensor([0.5 / reach**2 for reach in REACHES]).log()) if near else None
        self.offset = nn.Linear(3 * len(REACHES), width) if near else None

    def forward(self, q: Tensor, z: Tensor, points: Tensor, x_s: Tensor) -> Tensor:
        """f_q (N, Q, w) of queries at points (N, Q, 3), of the latent (N, S, w) at x_s (N, S, 3)."""
        heads = len(REACHES)
        asked = self.query(self.before(q)).unflatten(2, (heads, -1)).transpose(1, 2)
        key, value = (part.unflatten(2, (heads, -1)).transpose(1, 2) for part in self.key_value(z).chunk(2, 2))
        scores = (asked * asked.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        if self.steepness is None or self.offset is None:
            q = q + self.out((scores.softmax(-1) @ value).transpose(1, 2).flatten(2))
        else:
            share = (scores - self.steepness.exp()[:, None, None] * squares(points, x_s)[:, None]).softmax(-1)
            step = points[:, None] - share @ x_s[:, None]  # (N, heads, Q, 3) from where each head looks
            q = q + self.out((share @ value).transpose(1, 2).flatten(2))
            q = q + self.offset(NEAR * step.transpose(1, 2).flatten(2))
        return q + self.narrow(gelu(self.wide(self.after(q)), approximate="tanh"))


class ShapeDecoder(nn.Module):
    """z, q -> y': signed distances in units of the band, positive inside."""

    def __init__(self, size: Size, parts: ShapeParts) -> None:
        super().__init__()
        self.parts = parts
        width, coded_width = size.width, 3 + 6 * WAVES
        given = size.features + (coded_width + 1 if parts.skeletal else PLACE)
        self.scale, self.shift = nn.Parameter(torch.ones(size.features)), nn.Parameter(torch.zeros(size.features))
        self.latent = nn.Linear(given, width)
        self.query = nn.Linear(coded_width + (1 if parts.skeletal else 0), width)
        blocks = size.blocks if parts.attention else 0
        self.attention = nn.ModuleList(
            nn.ModuleList(Block(width, len(REACHES)) for _ in range(blocks)) for _ in range(size.levels)
        )
        self.looks = nn.ModuleList(Look(width, near=parts.skeletal) for _ in range(size.levels))
        self.final, self.distance = nn.LayerNorm(width), nn.Linear(width, 1)

    def forward(self, latent: Tensor, points: Tensor) -> tuple[Tensor]:
        """Of latents (N, S, 4 + d) at points (N, Q, 3), (N, Q)."""
        place = coded(points)
        if self.parts.skeletal:
            x_s, r, told = latent[..., :3], latent[..., 3], latent[..., PLACE:]
            balls = (r[:, None] - (squares(points, x_s) + 1e-8).sqrt()).amax(2) / BAND
            told = self.scale * told + self.shift
            f_z = self.latent(torch.cat([coded(x_s), 10 * r[..., None], told], 2))
            f_q, first = self.query(torch.cat([place, balls[..., None]], 2)), balls.clamp(-1, 1)
        else:
            f_z, f_q, first = self.latent(latent), self.query(place), torch.zeros_like(points[..., 0])
            x_s = latent[..., :3]  # means nothing, and nobody looks at it
        for attention, look in zip(self.attention, self.looks, strict=True):
            assert isinstance(attention, nn.ModuleList)
            for block in attention:
                f_z = block(f_z)
            f_q = look(f_q, f_z, points, x_s)
        return (first + self.distance(self.final(f_q))[..., 0],)


class ShapeNet(nn.Module):
    """Both."""

    def __init__(self, size: Size, parts: ShapeParts | None = None) -> None:
        super().__init__()
        parts = parts or ShapeParts()
        self.encoder, self.decoder = ShapeEncoder(size, parts), ShapeDecoder(size, parts)

    def forward(self, cloud: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """z and y'."""
        (z,) = self.encoder(cloud)
        return z, self.decoder(z, points)[0]


def coded(places: Tensor) -> Tensor:
    """Places (..., 3) and waves of them, (..., 3 + 6 WAVES)."""
    phases = [places * (0.5 * 3.141592653589793 * 2.0**octave) for octave in range(WAVES)]
    return torch.cat([places, *(wave(phase) for phase in phases for wave in (torch.sin, torch.cos))], -1)
