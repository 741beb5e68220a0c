"""From one picture to medial spheres: two ResNet-18 encoders, one for what is fine and one for what is coarse.

Each encoder turns the crop into a code, and two small decoders turn the code into centres and radii of its spheres.
A third network looks at all spheres together and makes them thinner by a factor each: spheres learned from discs alone
are too thick, as they have to cover what lies between them.

Frame: the seen one. The camera stands at (0, -2.732, 0), looks along +Y, +Z is up and +X right (see `images/crop.py`).
"""

# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false, reportIndexIssue=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from ..layers import images, ops, sizes

A = TypeVar("A")  # np.ndarray or torch.Tensor
Convolve = Callable[[ops.Parameters[A], str, A, int], A]

REACH = 0.732  # no centre's coordinate is farther from the origin
THICKEST, THINNEST = 0.2, 0.005  # radii
FIRST_RADIUS, FIRST_REACH = 0.04, 0.45  # where training starts from: spheres spread over a ball
LEAST_FACTOR = 0.01
STAGES = ((1, 1), (2, 2), (4, 2), (8, 2))  # width in units of the first, and stride, of ResNet-18's four stages
CHANNELS = 4  # RGB times alpha, and alpha


@dataclass(frozen=True)
class Size:
    """How large the network is. The paper's: size 224, width 64, cells 1, latent 1000, hidden 1024, thinning 512."""

    size: int = 64  # pixels of a crop
    width: int = 16  # of the first convolution
    cells: int = 2  # the last map is averaged over cells x cells parts of the picture
    latent: int = 256
    hidden: int = 256  # of the decoders' first layer; the second is twice as wide
    fine: int = 200  # spheres; 0 = no such encoder
    coarse: int = 200
    thinning: int = 128  # of the network that makes spheres thinner; 0 = none

    @property
    def parts(self) -> dict[str, int]:
        """The encoders there are, fine first, and their spheres."""
        return {name: count for name, count in (("fine", self.fine), ("coarse", self.coarse)) if count}


FIELDS = tuple(field.name for field in fields(Size))


@dataclass(frozen=True)
class S3dsNetwork:
    """A trained network."""

    parameters: dict[str, np.ndarray]
    shape: Size

    def predict(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Centres (B, N, 3) and radii (B, N) of crops (B, 4, size, size), fine spheres first."""
        return predict(self.parameters, self.shape, crops)


def parameter_sizes(shape: Size) -> sizes.Sizes:
    """Every parameter's size."""
    made: sizes.Sizes = {}
    for part, count in shape.parts.items():
        made |= images.convolution(f"{part}.stem", CHANNELS, shape.width, 7)
        inward = shape.width
        for name, outward, stride in _blocks(part, shape.width):
            made |= images.convolution(f"{name}.one", inward, outward, 3)
            made |= images.convolution(f"{name}.two", outward, outward, 3)
            if stride > 1 or inward != outward:
                made |= images.convolution(f"{name}.past", inward, outward, 1)
            inward = outward
        made |= sizes.linear(f"{part}.latent", inward * shape.cells**2, shape.latent)
        for head, width in (("centres", 3 * count), ("radii", count)):
            made |= sizes.linear(f"{part}.{head}.one", shape.latent, shape.hidden)
            made |= sizes.linear(f"{part}.{head}.two", shape.hidden, 2 * shape.hidden)
            made |= sizes.linear(f"{part}.{head}.out", 2 * shape.hidden, width)
    if shape.thinning:
        made |= sizes.linear("thinning.each", 4, 2 * shape.thinning)
        made |= sizes.linear("thinning.one", 2 * shape.thinning, shape.thinning)
        made |= sizes.linear("thinning.two", shape.thinning, shape.thinning)
        made |= sizes.linear("thinning.out", shape.thinning, sum(shape.parts.values()))
    return made


def fresh(shape: Size, seed: int) -> dict[str, np.ndarray]:
    """What training starts from: every picture gives the same spheres, spread over a ball, and hardly thinned."""
    values = sizes.fresh(parameter_sizes(shape), seed)
    for name in [name for name in values if name.endswith(".two.weight") and values[name].ndim == 4]:
        values[name] *= 0.2  # a block adds to what went past it: without this, eight of them add up to a lot
    random = np.random.default_rng([seed, 1])
    for part, count in shape.parts.items():
        away = random.normal(size=(count, 3))
        away *= FIRST_REACH * random.random((count, 1)) ** (1 / 3) / np.linalg.norm(away, axis=1, keepdims=True)
        share = away / REACH
        values[f"{part}.centres.out.bias"] = (share / np.sqrt(1 - share**2)).ravel().astype(np.float32)
        share = (FIRST_RADIUS - THINNEST) / (THICKEST - THINNEST)
        values[f"{part}.radii.out.bias"] = np.full(count, np.log(share / (1 - share)), np.float32)
        for head in ("centres", "radii"):
            values[f"{part}.{head}.out.weight"] *= 0.1
    if shape.thinning:
        values["thinning.out.weight"] *= 0.1
        values["thinning.out.bias"] += 2.0
    return values


def predict(p: ops.Parameters[A], shape: Size, crops: A) -> tuple[A, A]:
    """Centres (B, N, 3) and radii (B, N) of crops (B, 4, size, size), fine spheres first, thinned."""
    found = [spheres(p, shape, part, crops) for part in shape.parts]
    centres, radii = (ops.concat(parts, 1) for parts in zip(*found, strict=True))
    return centres, radii * factors(p, centres, radii) if shape.thinning else radii


def spheres(
    p: ops.Parameters[A], shape: Size, part: str, crops: A, convolve: Convolve[A] = images.convolve
) -> tuple[A, A]:
    """Centres (B, S, 3) and radii (B, S), not thinned, of one encoder's spheres."""
    code = encode(p, shape, part, crops, convolve)
    away = _decode(p, f"{part}.centres", code)
    away = away.reshape(away.shape[0], -1, 3)
    # Unlike a clamp, this never stops a sphere that has to come back.
    centres = REACH * away * (1 + away * away) ** -0.5
    return centres, THINNEST + (THICKEST - THINNEST) * ops.sigmoid(_decode(p, f"{part}.radii", code))


def encode(p: ops.Parameters[A], shape: Size, part: str, crops: A, convolve: Convolve[A] = images.convolve) -> A:
    """ResNet-18: the code (B, latent) of crops."""
    x = ops.relu(convolve(p, f"{part}.stem", crops * 2 - 1, 2))
    x = images.highest_near(x)
    for name, width, stride in _blocks(part, shape.width):
        past = convolve(p, f"{name}.past", x, stride) if stride > 1 or x.shape[1] != width else x
        inner = ops.relu(convolve(p, f"{name}.one", x, stride))
        x = ops.relu(convolve(p, f"{name}.two", inner, 1) + past)
    return ops.relu(ops.linear(p, f"{part}.latent", images.grid_means(x, shape.cells)))


def factors(p: ops.Parameters[A], centres: A, radii: A) -> A:
    """How much thinner each sphere becomes, 0.01..1, (B, N): a PointNet over all spheres."""
    each = ops.concat([centres, radii[..., None]], -1)
    whole = ops.highest(ops.relu(ops.linear(p, "thinning.each", each)), 1)
    whole = ops.relu(ops.linear(p, "thinning.one", whole))
    whole = ops.relu(ops.linear(p, "thinning.two", whole))
    return LEAST_FACTOR + (1 - LEAST_FACTOR) * ops.sigmoid(ops.linear(p, "thinning.out", whole))


def _decode(p: ops.Parameters[A], name: str, code: A) -> A:
    inner = ops.relu(ops.linear(p, f"{name}.one", code))
    inner = ops.relu(ops.linear(p, f"{name}.two", inner))
    return ops.linear(p, f"{name}.out", inner)


def _blocks(part: str, width: int) -> list[tuple[str, int, int]]:
    """Name, width and first stride of the eight residual blocks."""
    return [
        (f"{part}.stage{stage}.{block}", factor * width, stride if block == 0 else 1)
        for stage, (factor, stride) in enumerate(STAGES)
        for block in range(2)
    ]
