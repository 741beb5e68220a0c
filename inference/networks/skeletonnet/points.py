"""Skeletal points: from a picture's code f_I to the points K of a skeleton, by lines and squares that are bent.

CurSkeDecoder bends segments [0, 1] into curves and SurSkeDecoder squares [0, 1]^2 into sheets, each primitive by a
small network of its own. Points next to each other on a primitive stay so: what they lie on is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

HALF = 0.5  # no coordinate of a shape is larger


@dataclass(frozen=True)
class PointsSize:
    """How many points on what. The paper's: 20 lines of 30 and 20 squares of 10 x 10, latent 512."""

    latent: int = 256
    lines: int = 12
    squares: int = 12
    along: int = 15  # points of a line
    across: int = 6  # points of a square's side
    loose: int = 0  # points that belong to nothing (to compare with)
    shared: bool = False  # lines and squares are bent by the same networks (to compare with)

    @property
    def on_lines(self) -> int:
        """Points of all lines."""
        return self.lines * self.along

    @property
    def on_squares(self) -> int:
        """Points of all squares."""
        return self.squares * self.across**2


class Bent(nn.Module):
    """Primitives bent by networks of their own: f_I and coordinates -> a half -> a quarter -> a place."""

    def __init__(self, latent: int, count: int, dimensions: int) -> None:
        super().__init__()
        half, quarter = latent // 2, latent // 4
        self.code, self.coordinate = Each(count, latent, half), Each(count, dimensions, half)
        self.second, self.third = Each(count, half, quarter), Each(count, quarter, 3)

    def forward(self, f: Tensor, u: Tensor) -> Tensor:
        """(B, S, n, 3) of codes (B, m) and coordinates (n, d)."""
        count = self.code.weight.shape[0]
        whole = self.code(f.expand(count, -1, -1)).transpose(0, 1)[:, :, None]  # (B, S, 1, h)
        known = self._known(u)
        placed = self.coordinate(2 * u.expand(count, -1, -1) - 1) if known is None else known
        x = whole + placed[None]  # (B, S, n, h)
        x = self.second(_settled(x))
        return HALF * self.third(_settled(x)).tanh()

    def settle(self, u: Tensor) -> None:
        """Work out what coordinates (n, d) come to, once and for all, for what is shipped."""
        placed = self.coordinate(2 * u.expand(self.code.weight.shape[0], -1, -1) - 1).detach()
        self.register_buffer(f"placed{len(u)}", placed)

    def _known(self, u: Tensor) -> Tensor | None:
        found = getattr(self, f"placed{len(u)}", None)
        return found if isinstance(found, Tensor) else None


class Each(nn.Module):
    """A linear layer for each of several primitives."""

    def __init__(self, count: int, inward: int, outward: int) -> None:
        super().__init__()
        bound = (3.0 / inward) ** 0.5
        self.weight = nn.Parameter(torch.empty(count, inward, outward).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(count, 1, outward))

    def forward(self, x: Tensor) -> Tensor:
        """(..., S, n, outward) of (..., S, n, inward)."""
        return x @ self.weight + self.bias


class PointDecoder(nn.Module):
    """Codes (B, m) -> K (B, P, 3): points of lines first, then those of squares, then loose ones."""

    def __init__(self, size: PointsSize) -> None:
        super().__init__()
        self.size = size
        m = size.latent
        shared = size.shared and bool(size.lines) and bool(size.squares)
        self.curves = Bent(m, size.lines, 1) if size.lines and not shared else None
        self.sheets = Bent(m, max(size.lines, size.squares) if shared else size.squares, 2) if size.squares else None
        self.free = nn.Sequential(nn.Linear(m, m), nn.ReLU(), nn.Linear(m, 3 * size.loose)) if size.loose else None
        side = torch.linspace(0, 1, size.across)
        self.register_buffer("segment", torch.linspace(0, 1, size.along)[:, None], persistent=False)
        square = torch.stack(torch.meshgrid(side, side, indexing="ij"), -1).flatten(0, 1)
        self.register_buffer("square", square, persistent=False)

    def forward(self, code: Tensor) -> tuple[Tensor]:
        """K."""
        lines, squares, loose = self.primitives(code)
        return (torch.cat([lines.flatten(1, 2), squares.flatten(1, 2), loose], 1),)

    def settle(self) -> None:
        """Work out what is the same for every code, for what is shipped: an exporter would, after the rounding."""
        segment, square = self.get_buffer("segment"), self.get_buffer("square")
        if self.curves is not None:
            self.curves.settle(segment)
        elif self.size.lines and self.sheets is not None and len(segment) != len(square):
            self.sheets.settle(_in_square(segment))
        if self.sheets is not None and (self.curves is not None or len(segment) != len(square)):
            self.sheets.settle(square)

    def primitives(self, code: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Lines (B, L, along, 3), squares (B, S, across^2, 3) and loose points (B, N, 3)."""
        size, segment, square = self.size, self.get_buffer("segment"), self.get_buffer("square")
        if self.curves is not None:
            lines = self.curves(code, segment)
        elif size.lines and self.sheets is not None:
            lines = self.sheets(code, _in_square(segment))[:, : size.lines]
        else:
            lines = code.new_zeros(len(code), 0, size.along, 3)
        if self.sheets is not None:
            squares = self.sheets(code, square)[:, : size.squares]
        else:
            squares = code.new_zeros(len(code), 0, size.across**2, 3)
        if self.free is None:
            return lines, squares, code.new_zeros(len(code), 0, 3)
        return lines, squares, HALF * self.free(code).unflatten(1, (-1, 3)).tanh()


class SkeletonReader(nn.Module):
    """A true skeleton's points (B, N, 3) -> a code (B, m), by PointNet: from it decoders learn what skeletons are."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.each = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, latent))
        self.whole = nn.Linear(latent, latent)

    def forward(self, points: Tensor) -> Tensor:
        """The code, none of whose numbers is negative, as a picture's."""
        return self.whole(self.each(2 * points).relu().amax(1)).relu()


def _in_square(segment: Tensor) -> Tensor:
    """The line (n, 2) through the middle of a square."""
    return torch.cat([segment, 0.5 * torch.ones_like(segment)], 1)


def _settled(x: Tensor) -> Tensor:
    """Numbers about 1, without the negative ones."""
    return layer_norm(x, x.shape[-1:]).relu()
