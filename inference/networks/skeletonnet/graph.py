"""SkeGCNN: the contour of a skeletal volume, blown up to the surface that a picture shows.

A vertex sees itself, its neighbours on the mesh, and the picture where it is seen. Blocks of graph convolutions move
the vertices one after the other; each looks at the picture again from where the last one has left them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from ..layers.resnet import STAGES
from .field import FieldSize, SeenBy, lifted

MOST_MOVED = 0.25  # of a coordinate, by one block


@dataclass(frozen=True)
class GraphSize:
    """How large the network is. The paper's: size 224, hidden 192, 6 layers, 2 blocks."""

    size: int = 112
    width: int = 24
    cells: int = 2
    latent: int = 256
    hidden: int = 96
    layers: int = 6  # of a block
    blocks: int = 2


class GraphLayer(nn.Module):
    """Eq. 8: f' = w f + the mean of w' f over the neighbours."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.own, self.others = nn.Linear(inward, outward), nn.Linear(inward, outward, bias=False)

    def forward(self, f: Tensor, near: Tensor, share: Tensor) -> Tensor:
        """(N, T, c') of (N, T, c), neighbours (N, T, K) and what each of them counts."""
        told = self.others(f)
        start = torch.arange(f.shape[0], device=f.device) * f.shape[1]
        around = told.flatten(0, 1)[near + start[:, None, None]]  # (N, T, K, c')
        return self.own(f) + (around * share[..., None]).sum(2)


class GraphBlock(nn.Module):
    """Six layers: where vertices go from where they are."""

    def __init__(self, inward: int, hidden: int, layers: int) -> None:
        super().__init__()
        sizes = [inward, *[hidden] * (layers - 1), 3]
        self.layers = nn.ModuleList(GraphLayer(a, b) for a, b in pairwise(sizes))

    def forward(self, f: Tensor, near: Tensor, share: Tensor) -> Tensor:
        last = len(self.layers) - 1
        for place, layer in enumerate(self.layers):
            told = layer(f, near, share)
            past = f if f.shape == told.shape else 0.0  # as in ResNet: six layers alone forget where they began
            f = told if place == last else (told + past).relu()
        return MOST_MOVED * f.tanh()


class GraphDecoder(nn.Module):
    """All blocks."""

    def __init__(self, size: GraphSize) -> None:
        super().__init__()
        channels = size.width * sum(factor for factor, _ in STAGES)
        self.seen = nn.Linear(channels + size.latent, size.hidden)
        self.blocks = nn.ModuleList(GraphBlock(size.hidden + 3, size.hidden, size.layers) for _ in range(size.blocks))

    def forward(
        self, code: Tensor, maps: Tensor, cameras: Tensor, vertices: Tensor, near: Tensor, share: Tensor
    ) -> tuple[Tensor]:
        """Vertices (N, T, 3) where they belong, by codes (N, m), maps (N, V, C, h, h) and cameras (N, V, 3, 4)."""
        for block in self.blocks:
            seen = lifted(maps, in_pictures(cameras, vertices))
            told = self.seen(torch.cat([seen, code[:, None].expand(-1, vertices.shape[1], -1)], 2)).relu()
            vertices = vertices + block(torch.cat([told, 2 * vertices], 2), near, share)
        return (vertices,)


class GraphNet(nn.Module):
    """The whole network."""

    def __init__(self, size: GraphSize) -> None:
        super().__init__()
        self.size = size
        self.encoder = SeenBy(FieldSize(size.size, size.width, size.cells, size.latent))
        self.decoder = GraphDecoder(size)

    def forward(self, crops: Tensor, cameras: Tensor, vertices: Tensor, near: Tensor, share: Tensor) -> Tensor:
        """(N, T, 3)."""
        return self.decoder(*self.encoder(crops), cameras, vertices, near, share)[0]


def in_pictures(cameras: Tensor, points: Tensor) -> Tensor:
    """Where points (N, Q, 3) are seen by cameras (N, V, 3, 4), (N, V, Q, 2) from -1 to 1, right and down."""
    seen = points[:, None] @ cameras[..., :3].transpose(2, 3) + cameras[:, :, None, :, 3]
    return seen[..., :2] / seen[..., 2:].clamp_min(1e-3)
