"""Layers of transformers, as they stand in several networks here."""

from __future__ import annotations

from torch import Tensor, nn


class Mlp(nn.Module):
    """Two layers with a ReLU between."""

    def __init__(self, inward: int, hidden: int, outward: int) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(inward, hidden), nn.Linear(hidden, outward)

    def forward(self, x: Tensor) -> Tensor:
        return self.outer(self.inner(x).relu())


class Attention(nn.Module):
    """Each row of `asking` (N, Q, C) gathers from the rows of `asked` (N, K, C)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, asking: Tensor, asked: Tensor, bias: Tensor | None = None) -> Tensor:
        """`bias`, which broadcasts to (N, heads, Q, K), is added to the scores: -1e9 hides a row."""
        q, k, v = self._split(self.query(asking)), self._split(self.key(asked)), self._split(self.value(asked))
        scores = (q @ k.transpose(-1, -2)) * q.shape[-1] ** -0.5
        mixed = (scores if bias is None else scores + bias).softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """A transformer's layer among the rows of x (N, R, C)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.before, self.mix = nn.LayerNorm(width), Attention(width, heads)
        self.after, self.mlp = nn.LayerNorm(width), Mlp(width, 2 * width, width)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        inner = self.before(x)
        x = x + self.mix(inner, inner, bias)
        return x + self.mlp(self.after(x))


class CrossBlock(Block):
    """The same, and in between each row looks at `memory` (N, K, C)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.between, self.look = nn.LayerNorm(width), Attention(width, heads)

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, x: Tensor, memory: Tensor, bias: Tensor | None, far: Tensor
    ) -> Tensor:
        """`bias` is added among the rows, `far` towards memory."""
        inner = self.before(x)
        x = x + self.mix(inner, inner, bias)
        x = x + self.look(self.between(x), memory, far)
        return x + self.mlp(self.after(x))
