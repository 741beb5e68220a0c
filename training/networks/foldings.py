"""Auto-encoders of clouds to compare with: encoders by neighbourhoods in space or among features, and a folded sheet.

In the manner of PointNet++ and DGCNN, each with a decoder in the manner of FoldingNet: a code, and a sheet of points
that it folds twice into the surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from inference.networks.layers.surface import rows
from inference.networks.skeldiff.skeletonise import farthest, squares

CloudEncoder = Literal["space", "features"]


@dataclass(frozen=True)
class FoldingSize:
    """How large the networks are."""

    encoder: CloudEncoder = "space"
    width: int = 64
    code: int = 256
    neighbours: int = 16


class EachPoint(nn.Module):
    """Two layers for each row."""

    def __init__(self, inward: int, hidden: int, outward: int) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(inward, hidden), nn.Linear(hidden, outward)
        self.norm = nn.LayerNorm(outward)

    def forward(self, x: Tensor) -> Tensor:
        return leaky_relu(self.norm(self.two(leaky_relu(self.one(x), 0.2))), 0.2)


class SpaceEncoder(nn.Module):
    """Fewer and fewer points, each of which hears of those around it in space: (N, P, 3) -> (N, code)."""

    def __init__(self, size: FoldingSize) -> None:
        super().__init__()
        self.neighbours = size.neighbours
        w = size.width
        self.near, self.wide = EachPoint(3, w, 2 * w), EachPoint(3 + 2 * w, 2 * w, 4 * w)
        self.whole = EachPoint(3 + 4 * w, 4 * w, size.code)

    def forward(self, cloud: Tensor) -> Tensor:
        quarter = cloud[:, : cloud.shape[1] // 4]  # clouds are in farthest-point order
        heard = self._grouped(self.near, quarter, cloud, None)
        few = rows(quarter, farthest(quarter, quarter.shape[1] // 4))
        heard = self._grouped(self.wide, few, quarter, heard)
        return self.whole(torch.cat([few, heard], 2)).amax(1)

    def _grouped(self, layer: nn.Module, centres: Tensor, points: Tensor, told: Tensor | None) -> Tensor:
        near = squares(centres, points).topk(self.neighbours, largest=False).indices
        step = rows(points, near) - centres[:, :, None]
        return layer(step if told is None else torch.cat([step, rows(told, near)], 3)).amax(2)


class FeatureEncoder(nn.Module):
    """Edge convolutions over neighbours among features, found anew for each layer: (N, P, 3) -> (N, code)."""

    def __init__(self, size: FoldingSize) -> None:
        super().__init__()
        self.neighbours = size.neighbours
        w = size.width
        widths = ((3, w), (w, w), (w, 2 * w))
        self.own = nn.ModuleList(nn.Linear(inward, outward) for inward, outward in widths)
        self.other = nn.ModuleList(nn.Linear(inward, outward, bias=False) for inward, outward in widths)
        self.whole = EachPoint(4 * w, 4 * w, size.code)

    def forward(self, cloud: Tensor) -> Tensor:
        return self.features(cloud).amax(1)

    def features(self, cloud: Tensor) -> Tensor:
        """Of each point, (N, P, code)."""
        x, found = cloud, []
        for own, other in zip(self.own, self.other, strict=True):
            near = squares(x.detach(), x.detach()).topk(self.neighbours, largest=False).indices
            # A linear layer over [x_i, x_j - x_i] and the highest of its answers, taken apart so that it is cheap.
            x = leaky_relu(own(x) + rows(other(x), near).amax(2), 0.2)
            found.append(x)
        return self.whole(torch.cat(found, 2))


class FoldingNet(nn.Module):
    """A cloud (N, P, 3) -> its code -> a folded sheet (N, side^2, 3)."""

    def __init__(self, size: FoldingSize) -> None:
        super().__init__()
        self.encoder = SpaceEncoder(size) if size.encoder == "space" else FeatureEncoder(size)
        hidden = size.code
        self.first, self.second = _fold(size.code + 2, hidden), _fold(size.code + 3, hidden)

    def forward(self, cloud: Tensor, side: int = 32) -> Tensor:
        return self.folded(self.encoder(cloud), side)

    def folded(self, code: Tensor, side: int) -> Tensor:
        """The sheet of side x side points that a code (N, C) makes."""
        line = torch.linspace(-1, 1, side, device=code.device)
        sheet = torch.stack(torch.meshgrid(line, line, indexing="ij"), 2).reshape(1, -1, 2).expand(len(code), -1, -1)
        told = code[:, None].expand(-1, sheet.shape[1], -1)
        once = self.first(torch.cat([told, sheet], 2))
        return self.second(torch.cat([told, once], 2))


def _fold(inward: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inward, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 3)
    )


def chamfer_loss(points: Tensor, others: Tensor) -> Tensor:
    """Mean distance to the nearest of the other cloud, both ways, halved."""
    apart = squares(points, others)
    there, back = apart.amin(2), apart.amin(1)
    return ((there + 1e-8).sqrt().mean() + (back + 1e-8).sqrt().mean()) / 2
