"""The network that corrects geometric skin weights towards what artists paint.

For each point of the surface it sees the few bones that may move it, each with what the geometry says of the two, and
answers how much more or less weight each should have, and whether that is better than the geometry. All it sees stays
the same under turns about the up axis and under mirroring, so symmetric shapes get symmetric weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..joints.inputs import HOPS
from ..layers.attention import Block, Mlp
from ..layers.surface import rows
from .inputs import BONE, FLOOR, PAIR, POINT

DOUBTS = 3  # what else the network knows when it says whether it is better
BONE_HEADS = 4
HIDDEN = -1e9


@dataclass(frozen=True)
class Size:
    """How large the network is, and what it does without in ablations."""

    width: int = 32
    heads: int = 2
    layers: int = 2  # among the bones of a point
    bone_width: int = 64
    bone_layers: int = 2  # among all bones
    prior: bool = True  # the geometric weights are seen and corrected, not only replaced
    mixing: bool = True  # attention among the bones
    hops: bool = True  # attention knows how far bones are apart along the skeleton


class SkinNet(nn.Module):
    """The corrected weights."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        w, b = size.width, size.bone_width
        self.size = size
        self.bone, self.bones_last = Mlp(BONE, b, b), nn.LayerNorm(b)
        self.bones_each, self.bones_all = nn.Linear(b, w), nn.Linear(b, w)
        self.point, self.pair, self.pair_out = nn.Linear(POINT, w), nn.Linear(PAIR, w), nn.Linear(w, w)
        self.bone_hop, self.hop = nn.Embedding(HOPS, BONE_HEADS), nn.Embedding(HOPS, size.heads)
        self.bones = nn.ModuleList(Block(b, BONE_HEADS) for _ in range(size.bone_layers))
        self.layers = nn.ModuleList(Block(w, size.heads) for _ in range(size.layers))
        self.last, self.change = nn.LayerNorm(w), nn.Linear(w, 1)
        self.better = Mlp(w + DOUBTS, w, 1)

    def forward(
        self,
        bones: Tensor,
        hops: Tensor,
        known: Tensor,
        bone_there: Tensor,
        points: Tensor,
        pairs: Tensor,
        near: Tensor,
        near_hops: Tensor,
        prior: Tensor,
        there: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """`Inputs` to the fields of `Answer`, see inputs.py."""
        each, whole = self._bones(bones, hops, bone_there)
        each, whole = each * known[:, None, None], whole * known[:, None]
        about = self.point(points) + whole[:, None]
        seen = self.pair(pairs) + rows(each, near) + about[:, :, None]
        x = self.pair_out(seen.relu()).flatten(0, 1)  # (N P, K, w)
        bias = ((1 - there) * HIDDEN).flatten(0, 1)[:, None, None]  # (N P, 1, 1, K)
        if self.size.hops:
            bias = bias + self.hop(near_hops).flatten(0, 1).permute(0, 3, 1, 2)
        for layer in self.layers:
            x = self._mixed(layer, x, bias)
        x = self.last(x)
        change = self.change(x)[..., 0].reshape(prior.shape)
        if self.size.prior:
            change = change + (prior + FLOOR).log()
        weights = (change + (1 - there) * HIDDEN).softmax(-1)
        # Learning whether it is better must not change what is made of it.
        together = (x * weights.flatten(0, 1)[..., None]).sum(1).detach()
        better = self.better(torch.cat([together, _doubts(prior, weights).detach().flatten(0, 1)], -1))
        return weights, better[:, 0].reshape(prior.shape[:2])

    def _bones(self, bones: Tensor, hops: Tensor, bone_there: Tensor) -> tuple[Tensor, Tensor]:
        """What is added for each bone (N, B, w), and for the armature as a whole (N, w)."""
        x = self.bone(bones)
        bias = ((1 - bone_there) * HIDDEN)[:, None, None]
        if self.size.hops:
            bias = bias + self.bone_hop(hops).permute(0, 3, 1, 2)
        for layer in self.bones:
            x = self._mixed(layer, x, bias)
        x, there = self.bones_last(x), bone_there[:, :, None]
        return self.bones_each(x), self.bones_all((x * there).sum(1) / there.sum(1))

    def _mixed(self, layer: nn.Module, x: Tensor, bias: Tensor) -> Tensor:
        assert isinstance(layer, Block)
        return layer(x, bias) if self.size.mixing else x + layer.mlp(layer.after(x))


def _doubts(prior: Tensor, weights: Tensor) -> Tensor:
    """How far the answer is from the geometry's, and how much both are of one bone, (N, P, 3)."""
    return torch.stack([(part * part).sum(-1) for part in (weights - prior, weights, prior)], -1)
