"""Perception: from 1,024 surface points, what each of them belongs to and where the joints are that move it.

    points --nets over neighbours of two scales--> 255 tokens --attention, some of it local--> parts, votes, standing

The frame is the program's: +Z up, facing -Y, so the left side is at +X. Some heads of the attention look only near a
token, and one of them near its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import gelu, softplus

from ...rigging.bodies.words import PAIRS, PARTS, PLANS, SIDES

CLOSE = 16  # the first neighbours are the close ones; see inputs.py
REACH = (0.0, 0.0, 0.3, 0.12, 0.05)  # of each head, in shares of the longest side; 0 = everywhere
MIRRORED = 0.12  # reach of the last head, around the mirror image
WAVES = 5  # octaves of the code of a place
NEAR, FAR = 8.0, 3.0  # neighbours' offsets are enlarged by this
STANDS = 24
POINT_ANSWERS = (len(PARTS), len(SIDES), PAIRS, 1, 9, 3)
SHAPE_ANSWERS = (len(PLANS), STANDS, 2, len(PARTS))


@dataclass(frozen=True)
class Size:
    """What the network's cost grows with."""

    width: int = 192  # a multiple of the number of heads
    layers: int = 6
    forgets: float = 0.0  # share of what a layer adds that is dropped while learning


class Answer(NamedTuple):
    """What the network says of N shapes. Scores are logarithms of chances, up to a constant."""

    part: torch.Tensor  # (N, P, len(PARTS)) scores
    side: torch.Tensor  # (N, P, 3) scores of SIDES
    pair: torch.Tensor  # (N, P, PAIRS) scores of the number of a pair of legs or of an arm
    along: torch.Tensor  # (N, P) how far along its chain, 0 at the body .. 1
    vote: torch.Tensor  # (N, P, 3, 3) places of the joint that moves the point, of the next one outward, of its parent
    error: torch.Tensor  # (N, P, 3) how far each vote is likely off
    plan: torch.Tensor  # (N, len(PLANS)) scores
    stand: torch.Tensor  # (N, 24) scores of the turns that right the shape
    joints: torch.Tensor  # (N, 2) logarithm of the number of joints, and how far it is likely off
    counts: torch.Tensor  # (N, len(PARTS)) log(1 + joints of each part)


class TokenLayer(nn.Module):
    """One layer: tokens look at one another, then each thinks."""

    def __init__(self, width: int, heads: int, forgets: float) -> None:
        super().__init__()
        self.heads = heads
        self.forget = nn.Dropout(forgets)
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, 3 * width)
        self.told = nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        count, length, width = tokens.shape
        asked = self.ask(self.before(tokens)).reshape(count, length, 3, self.heads, width // self.heads)
        query, key, value = asked.permute(2, 0, 3, 1, 4)
        scores = (query * (width // self.heads) ** -0.5) @ key.transpose(-1, -2) + mask.to(query.dtype)
        heard = scores.softmax(-1).to(value.dtype) @ value
        tokens = tokens + self.forget(self.told(heard.transpose(1, 2).reshape(count, length, width)))
        return tokens + self.forget(self.narrow(gelu(self.wide(self.after(tokens)), approximate="tanh")))


class Neighbours(nn.Module):
    """What surrounds a token: the highest answers of a small network over the points around it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(9, width // 2), nn.Linear(width // 2, width)

    def forward(self, around: torch.Tensor) -> torch.Tensor:
        inner = gelu(self.one(around), approximate="tanh")
        return self.two(inner).amax(2)


class PerceptionNet(nn.Module):
    """The whole network."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        width, heads = size.width, len(REACH) + 1
        coded = 3 + 6 * WAVES
        self.close, self.wide = Neighbours(width // 2), Neighbours(width // 2)
        self.token = nn.Linear(width + coded + 3 + 4, width)
        self.facts, self.plans = nn.Linear(4, width), nn.Embedding(1 + len(PLANS), width)
        self.layers = nn.ModuleList(TokenLayer(width, heads, size.forgets) for _ in range(size.layers))
        self.last = nn.LayerNorm(width)
        self.heard = nn.Linear(width, width)
        self.point_one = nn.Linear(coded + 3 + 3, width)
        self.point_two = nn.Linear(width, width)
        self.point_answers = nn.Linear(width, sum(POINT_ANSWERS))
        self.shape_one = nn.Linear(2 * width, width)
        self.shape_answers = nn.Linear(width, sum(SHAPE_ANSWERS))
        nn.init.normal_(self.plans.weight, std=0.02)

    def forward(
        self,
        cloud: torch.Tensor,  # (N, P, 6)
        tokens: torch.Tensor,  # (N, T)
        near: torch.Tensor,  # (N, T, K)
        back: torch.Tensor,  # (N, P, 3)
        ball: torch.Tensor,  # (N, T)
        facts: torch.Tensor,  # (N, 4)
        known_plan: torch.Tensor,  # (N,)
    ) -> Answer:
        """What Inputs show."""
        at, normal = cloud[:, :, :3], cloud[:, :, 3:]
        chosen = _pick(cloud, tokens)  # (N, T, 6)
        here, outward = chosen[:, :, :3], chosen[:, :, 3:]
        around = _pick(cloud, near)  # (N, T, K, 6)
        offset, tilt = around[..., :3] - here[:, :, None], around[..., 3:]
        inner = here - ball[..., None] * outward
        seen = torch.cat(
            [
                self.close(_looks(offset[:, :, :CLOSE] * NEAR, tilt[:, :, :CLOSE], outward)),
                self.wide(_looks(offset[:, :, CLOSE:] * FAR, tilt[:, :, CLOSE:], outward)),
                coded(here),
                outward,
                inner,
                ball[..., None].clamp_min(1e-3).log() / 3,
            ],
            2,
        )
        shape = self.facts(facts) + self.plans(known_plan)
        state = torch.cat([self.token(seen), shape[:, None]], 1)
        mask = nearness(here)
        for layer in self.layers:
            state = layer(state, mask)
        state = self.last(state)
        whole = torch.cat([state[:, -1], state[:, :-1].mean(1)], 1)
        shape = self.shape_answers(gelu(self.shape_one(whole), approximate="tanh"))

        heard = self.heard(state[:, :-1])
        gap = (_pick(here, back) - at[:, :, None]).square().sum(3)
        share = 1 / (gap + 1e-4)
        share = share / share.sum(2, keepdim=True)
        heard = (_pick(heard, back) * share[..., None].to(heard.dtype)).sum(2)
        first = _pick(here, back[:, :, 0])
        own = self.point_one(torch.cat([coded(at), normal, (at - first) * NEAR], 2))
        own = gelu(self.point_two(gelu(own + heard, approximate="tanh")) + heard, approximate="tanh")
        about = (_pick(here, back) * share[..., None]).sum(2)
        return _answer(about, self.point_answers(own).float(), shape.float())


def _answer(about: torch.Tensor, points: torch.Tensor, shape: torch.Tensor) -> Answer:
    """Raw answers for points (N, P, ...) and for shapes (N, ...) taken apart.

    Points vote from where the tokens around them are, `about` (N, P, 3): neighbours then have the same to learn.
    """
    part, side, pair, along, vote, error = points.split(POINT_ANSWERS, 2)
    plan, stand, joints, counts = shape.split(SHAPE_ANSWERS, 1)
    vote = 0.2 * vote.reshape(vote.shape[0], vote.shape[1], 3, 3) + about[:, :, None]
    joints = torch.stack([3.0 + joints[:, 0], softplus(joints[:, 1]) + 0.05], 1)
    error = 0.05 * softplus(error) + 0.002
    return Answer(part, side, pair, along.sigmoid()[..., 0], vote, error, plan, stand, joints, counts)


def coded(places: torch.Tensor) -> torch.Tensor:
    """Places (..., 3) and waves of them, (..., 3 + 6 WAVES)."""
    phases = [places * (3.141592653589793 * 2.0**octave) for octave in range(WAVES)]
    return torch.cat([places, *(wave(phase) for phase in phases for wave in (torch.sin, torch.cos))], -1)


def nearness(here: torch.Tensor) -> torch.Tensor:
    """How little each head may look at what is far, (N, heads, T + 1, T + 1); the shape's token is near to all."""
    mirrored = here * here.new_tensor([-1.0, 1.0, 1.0])
    apart, across = _squares(here, here), _squares(here, mirrored)
    far = torch.zeros_like(apart)
    heads = [far if reach == 0 else apart / (-2 * reach * reach) for reach in REACH]
    mask = torch.stack([*heads, across / (-2 * MIRRORED * MIRRORED)], 1)
    return nn.functional.pad(mask, (0, 1, 0, 1))


def _looks(offset: torch.Tensor, tilt: torch.Tensor, outward: torch.Tensor) -> torch.Tensor:
    """What is seen of neighbours: where they are, how their surface is tilted, and both against the token's normal."""
    outward = outward[:, :, None]
    length = (offset.square().sum(3, keepdim=True) + 1e-6).sqrt()
    against = [(offset * outward).sum(3, keepdim=True), (tilt * outward).sum(3, keepdim=True)]
    return torch.cat([offset, tilt, length, *against], 3)


def _squares(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Squared distances between the points of a and b (N, T, 3), (N, T, T)."""
    return (a[:, :, None] - b[:, None]).square().sum(3)


def _pick(values: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Of values (N, A, C) those at places (N, ...), (N, ..., C)."""
    flat = places.reshape(places.shape[0], -1, 1).expand(-1, -1, values.shape[2])
    return values.gather(1, flat).reshape(*places.shape, values.shape[2])
