"""The denoiser of skeletal latents: a transformer over skeleton points, preconditioned as EDM has it.

    D(z, sigma) = c_skip z + c_out F(c_in z, c_noise, category)

z is in units in which every number is spread by SIGMA_DATA. The points have no order, so nothing tells it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention, silu

from .sampler import SIGMA_DATA

WAVES = 32  # of the code of the noise
OCTAVES = 6  # of the code of places


@dataclass(frozen=True)
class DenoiserSize:
    """How large the network is. The paper's: width 512, heads 8."""

    row: int = 20  # 4 + d
    categories: int = 18
    width: int = 192
    layers: int = 6
    heads: int = 6


class Layer(nn.Module):
    """Points look at one another, then each thinks; noise and category scale and shift what goes in and out."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width, elementwise_affine=False)
        self.after = nn.LayerNorm(width, elementwise_affine=False)
        self.ask, self.told = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        self.condition = nn.Linear(width, 6 * width)

    def forward(self, x: Tensor, about: Tensor) -> Tensor:
        scale, shift, gate, scale_2, shift_2, gate_2 = self.condition(about)[:, None].chunk(6, 2)
        inner = self.before(x) * (1 + scale) + shift
        query, key, value = self.ask(inner).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        heard = scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        x = x + gate * self.told(heard)
        inner = self.after(x) * (1 + scale_2) + shift_2
        return x + gate_2 * self.narrow(gelu(self.wide(inner), approximate="tanh"))


class Denoiser(nn.Module):
    """The whole network. It knows mean and deviation of the rows that it learned from, and tells them."""

    mean: Tensor  # (4 + d,) of places, the radii's logarithms, and features
    deviation: Tensor  # (4 + d,)

    def __init__(self, size: DenoiserSize) -> None:
        super().__init__()
        width = size.width
        self.register_buffer("mean", torch.zeros(size.row))
        self.register_buffer("deviation", torch.ones(size.row))
        self.row = nn.Linear(size.row + 6 * OCTAVES, width)
        self.noise_one, self.noise_two = nn.Linear(2 * WAVES, width), nn.Linear(width, width)
        self.category = nn.Embedding(size.categories + 1, width)  # the last one: none
        self.layers = nn.ModuleList(Layer(width, size.heads) for _ in range(size.layers))
        self.last, self.answer = nn.LayerNorm(width), nn.Linear(width, size.row)

    def forward(self, noisy: Tensor, sigma: Tensor, category: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """D (N, S, 4 + d) of noisy rows (N, S, 4 + d) at sigma (N,), for categories (N,); mean and deviation."""
        s = sigma[:, None, None]
        total = (s.square() + SIGMA_DATA**2).sqrt()
        c_skip, c_out, c_in = (SIGMA_DATA / total).square(), s * SIGMA_DATA / total, 1 / total
        told = self.raw(c_in * noisy, sigma.log() / 4, category)
        return c_skip * noisy + c_out * told, self.mean, self.deviation

    def raw(self, x: Tensor, c_noise: Tensor, category: Tensor) -> Tensor:
        """F: the network itself."""
        frequencies = torch.exp(torch.linspace(-1.0, 4.0, WAVES, device=x.device))
        phase = c_noise[:, None] * frequencies
        code = self.noise_two(silu(self.noise_one(torch.cat([phase.sin(), phase.cos()], 1))))
        about = silu(code + self.category(category))
        phases = torch.cat([x[..., :3] * 2.0**octave for octave in range(OCTAVES)], 2)
        rows = self.row(torch.cat([x, phases.sin(), phases.cos()], 2))
        for layer in self.layers:
            rows = layer(rows, about)
        return self.answer(self.last(rows))
