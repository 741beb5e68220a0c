"""The network that moves joints to where riggers put them, and says which bones they would leave out.

It sees points of the surface and the bones of an armature, each with the surface around its head, and answers for every
bone: where its head belongs, whether an artist would have made it, and how far off the answer may be. Bones whose place
is given (locked by the user) are told apart from guesses. Everything in the canonical unit frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..layers.attention import CrossBlock, Mlp
from ..layers.surface import SurfaceTokens
from .inputs import FACTS, HOPS, PATCH_FACTS, STEP

WORDS = 64  # names that there is room for, see WORDS in inputs.py
KINDS = 10


@dataclass(frozen=True)
class Size:
    """How large the network is."""

    width: int = 128
    heads: int = 4
    looks: int = 3  # layers among the surface's tokens
    layers: int = 4  # layers among the bones


class JointsNet(nn.Module):
    """Where the heads belong."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        w = size.width
        self.surface = SurfaceTokens(w, size.looks, size.heads)
        self.patch = Mlp(PATCH_FACTS, w // 2, w // 2)
        self.bone = Mlp(2 * (w // 2) + FACTS, w, w)
        self.word, self.kind = nn.Embedding(WORDS, w), nn.Embedding(KINDS, w)
        self.hop = nn.Embedding(HOPS, size.heads)
        self.reach = nn.Parameter(torch.zeros(size.heads))
        self.layers = nn.ModuleList(CrossBlock(w, size.heads) for _ in range(size.layers))
        self.last, self.answer = nn.LayerNorm(w), nn.Linear(w, 5)

    def forward(
        self,
        points: Tensor,
        near: Tensor,
        centres: Tensor,
        patches: Tensor,
        facts: Tensor,
        heads: Tensor,
        words: Tensor,
        kinds: Tensor,
        hops: Tensor,
        there: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`Inputs` to the fields of `Answer`, see inputs.py."""
        tokens = self.surface(points, near, centres)
        local = self.patch(patches).amax(-2).relu().flatten(2)  # (N, Q, w), fine and coarse
        bones = self.bone(torch.cat([local, facts], -1)) + self.word(words) + self.kind(kinds)
        along = self.hop(hops).permute(0, 3, 1, 2) + (1 - there)[:, None, None, :] * -1e9  # (N, heads, Q, Q)
        apart = (heads[:, :, None] - centres[:, None]).square().sum(-1)
        far = apart[:, None] * (-10.0 * self.reach.exp())[:, None, None]  # (N, heads, Q, T)
        for layer in self.layers:
            bones = layer(bones, tokens, along, far)
        answer = self.answer(self.last(bones))
        return heads + answer[..., :3] * STEP, answer[..., 3], answer[..., 4]
