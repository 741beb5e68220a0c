"""Soft union of many small flat shapes, tile by tile: coverage = 1 - product over the shapes of (1 - sigmoid(s)).

Every shape is tested only against the square tiles its softened outline reaches, and only the pixels of those pairs are
ever touched: the union over *all* shapes within reach of a pixel costs less than finding its nearest few among all.
What is left out changes no pixel by more than about exp(-REACH) a shape. Which pairs count is chosen without gradient.

Memory is bounded: pairs are worked through in chunks, forward and backward, and nothing of the size of a chunk is kept
between them; the backward pass works the distances out again. Any device; on the CPU the same
input gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn.functional import softplus

from training.rendering.hulls import Foot, Hulls

REACH = 8.0  # a shape is left out where sigmoid(s) < exp(-8) = 0.0003
CHUNK = {"cpu": 1 << 18, "cuda": 1 << 24}  # pixels of pairs at once: the caches of a core, a share of a GPU


@dataclass(frozen=True)
class Shape:
    """How a kind of shape is measured."""

    distance: Callable[[Hulls, Tensor, Tensor], Tensor]
    foot: Callable[[Hulls, Tensor, Tensor], Foot]


@dataclass(frozen=True)
class Softness:
    """From signed distance to the sigmoid's argument: d / width, or d |d| / width^2."""

    width: float  # pixels
    squared: bool = False

    @property
    def reach(self) -> float:
        """Pixels beyond which a shape does not count."""
        return self.width * (REACH**0.5 if self.squared else REACH)

    def argument(self, distance: Tensor) -> Tensor:
        """(Q, K) -> (Q, K)."""
        return distance * distance.abs() / self.width**2 if self.squared else distance / self.width

    def slope(self, distance: Tensor) -> Tensor | float:
        """Derivative of the argument."""
        return 2 * distance.abs() / self.width**2 if self.squared else 1 / self.width


@dataclass(frozen=True)
class Canvas:
    """Where the shapes are drawn. Pixel (row, column) is a square with its centre at (column + 0.5, row + 0.5)."""

    images: int
    height: int
    width: int
    tile: int

    @property
    def rows(self) -> int:
        """Tiles from top to bottom; the last may reach beyond the image."""
        return -(-self.height // self.tile)

    @property
    def columns(self) -> int:
        """Tiles from left to right."""
        return -(-self.width // self.tile)

    @property
    def half_diagonal(self) -> float:
        """From the middle of a tile to its corner pixel's centre."""
        return (self.tile - 1) / 2 * 2**0.5

    def pixels(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Pixel centres of a tile from its own corner, (tile^2,) each."""
        along = torch.arange(self.tile, dtype=like.dtype, device=like.device) + 0.5
        return along.repeat(self.tile), along.repeat_interleave(self.tile)

    def corners(self, tiles: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """The upper left corner of tiles (Q,), pixels, (Q,) each."""
        column, row = tiles % self.columns, tiles.div(self.columns, rounding_mode="floor") % self.rows
        return (column * self.tile).to(like.dtype), (row * self.tile).to(like.dtype)

    def assemble(self, tiles: Tensor) -> Tensor:
        """Tiles (images * rows * columns, tile^2) -> pictures (images, height, width)."""
        grid = tiles.view(self.images, self.rows, self.columns, self.tile, self.tile).transpose(2, 3)
        whole = grid.reshape(self.images, self.rows * self.tile, self.columns * self.tile)
        return whole[:, : self.height, : self.width]


class Pairs(NamedTuple):
    """Which shape reaches which tile, ordered by tile."""

    tile: Tensor  # (Q,) int64, image by image, row by row
    shape: Tensor  # (Q,) int64, index into all shapes of all images


def soft_union(hulls: Hulls, image: Tensor, drawn: Tensor, canvas: Canvas, shape: Shape, softness: Softness) -> Tensor:
    """Coverage (images, height, width) by hulls (M, N) in pixels; `image` (M,) is whose, `drawn` (M,) if at all."""
    with torch.no_grad():
        frozen = Hulls(*(part.detach() for part in hulls))
        pairs = find_pairs(frozen, image, drawn, canvas, shape, softness)
    tiles = _Union.apply(hulls.x, hulls.y, hulls.radii, pairs, canvas, shape, softness)
    assert isinstance(tiles, Tensor)
    return canvas.assemble(tiles)


def find_pairs(hulls: Hulls, image: Tensor, drawn: Tensor, canvas: Canvas, shape: Shape, softness: Softness) -> Pairs:
    """All pairs in which the shape can change a pixel of the tile.

    A tile that lies deep inside one shape is full whatever the others do; it keeps that shape alone.
    """
    found = _within_boxes(hulls, image, drawn, canvas, softness.reach)
    corner_x, corner_y = canvas.corners(found.tile, hulls.x)
    middle = torch.full((1,), canvas.tile / 2, dtype=hulls.x.dtype, device=hulls.x.device)
    to_middle = torch.cat(
        [
            shape.distance(_seen_from(hulls, part, x, y), middle, middle)[:, 0]
            for part, x, y in zip(
                *(each.split(CHUNK["cpu"]) for each in (found.shape, corner_x, corner_y)), strict=True
            )
        ]
        or [middle[:0]]
    )
    # A signed distance changes by no more than the way gone.
    near = to_middle > -(canvas.half_diagonal + softness.reach)
    full = to_middle > canvas.half_diagonal + softness.reach
    nobody = len(hulls.x)
    tiles = canvas.images * canvas.rows * canvas.columns
    owner = torch.full((tiles,), nobody, dtype=torch.int64, device=image.device)
    owner.scatter_reduce_(0, found.tile[full], found.shape[full], "amin")
    mine = owner[found.tile]
    kept = near & ((mine == nobody) | (mine == found.shape))
    tile, order = torch.sort(found.tile[kept], stable=True)
    return Pairs(tile, found.shape[kept][order])


def _within_boxes(hulls: Hulls, image: Tensor, drawn: Tensor, canvas: Canvas, reach: float) -> Pairs:
    """Pairs of shapes and the tiles that their bounding boxes, widened by `reach`, overlap."""
    low, high = [], []
    for centre, tiles in ((hulls.x, canvas.columns), (hulls.y, canvas.rows)):
        least, most = (centre - hulls.radii).amin(1) - reach, (centre + hulls.radii).amax(1) + reach
        drawn = drawn & torch.isfinite(least) & torch.isfinite(most)
        low.append((least / canvas.tile).floor().nan_to_num(0).clamp(0, tiles).long())
        high.append((most / canvas.tile).floor().nan_to_num(0).clamp(-1, tiles - 1).long())
    wide, tall = ((b - a + 1).clamp(min=0) for a, b in zip(low, high, strict=True))
    count = torch.where(drawn, wide * tall, 0)
    shape = torch.repeat_interleave(count)
    number = torch.arange(len(shape), device=shape.device) - (count.cumsum(0) - count)[shape]
    row = low[1][shape] + number.div(wide[shape], rounding_mode="floor")
    column = low[0][shape] + number % wide[shape]
    return Pairs((image[shape] * canvas.rows + row) * canvas.columns + column, shape)


def _seen_from(hulls: Hulls, shape: Tensor, x: Tensor, y: Tensor) -> Hulls:
    """The chosen shapes (Q,) in coordinates that start at (x, y), (Q,) each."""
    return Hulls(
        hulls.x.index_select(0, shape) - x[:, None],
        hulls.y.index_select(0, shape) - y[:, None],
        hulls.radii.index_select(0, shape),
    )


class _Union(torch.autograd.Function):
    """The product and its gradient, in chunks of pairs."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        x: Tensor,
        y: Tensor,
        radii: Tensor,
        pairs: Pairs,
        canvas: Canvas,
        shape: Shape,
        softness: Softness,
    ) -> Tensor:
        hulls = Hulls(x.detach(), y.detach(), radii.detach())
        px, py = canvas.pixels(x)
        tiles = canvas.images * canvas.rows * canvas.columns
        uncovered = torch.zeros(tiles, canvas.tile**2, dtype=x.dtype, device=x.device)  # its negative logarithm
        for tile, chosen in _chunks(pairs, canvas):
            local = _seen_from(hulls, chosen, *canvas.corners(tile, x))
            uncovered.index_add_(0, tile, softplus(softness.argument(shape.distance(local, px, py))))
        uncovered = uncovered.neg_().exp_()
        ctx.save_for_backward(x, y, radii, pairs.tile, pairs.shape, uncovered)
        ctx.how = (canvas, shape, softness)  # pyright: ignore[reportAttributeAccessIssue]
        return 1 - uncovered

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]  (torch's own stub names nothing)
        ctx: FunctionCtx, *grads: Tensor
    ) -> tuple[Tensor | None, ...]:
        x, y, radii, tile_of, shape_of, uncovered = ctx.saved_tensors  # pyright: ignore[reportAttributeAccessIssue]
        canvas, shape, softness = ctx.how  # pyright: ignore[reportAttributeAccessIssue]
        hulls = Hulls(x, y, radii)
        px, py = canvas.pixels(x)
        pull = grads[0] * uncovered  # d coverage / d argument_i = uncovered * sigmoid(argument_i)
        to_x, to_y, to_radii = (torch.zeros_like(part) for part in hulls)
        for tile, chosen in _chunks(Pairs(tile_of, shape_of), canvas):
            foot = shape.foot(_seen_from(hulls, chosen, *canvas.corners(tile, x)), px, py)
            force = pull.index_select(0, tile) * torch.sigmoid(softness.argument(foot.distance))
            force = force.mul_(softness.slope(foot.distance))
            for corner, weight in enumerate(foot.weights or (None,)):
                share = force if weight is None else force * weight
                for total, part in ((to_x, share * foot.ux), (to_y, share * foot.uy), (to_radii, share)):
                    total[:, corner].index_add_(0, chosen, part.sum(1))
        return to_x, to_y, to_radii, None, None, None, None


def _chunks(pairs: Pairs, canvas: Canvas) -> list[tuple[Tensor, Tensor]]:
    size = max(CHUNK.get(pairs.tile.device.type, CHUNK["cuda"]) // canvas.tile**2, 1)
    return list(zip(pairs.tile.split(size), pairs.shape.split(size), strict=True)) if len(pairs.tile) else []
