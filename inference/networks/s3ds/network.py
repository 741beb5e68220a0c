"""S3DS: from one picture to medial spheres, by two ResNet-18 encoders, one for what is fine and one for what is coarse.

Each encoder turns the crop into a code, and two small decoders turn the code into centres and radii of its spheres.
A third network looks at all spheres together and makes them thinner by a factor each: spheres learned from discs alone
are too thick, as they have to cover what lies between them.

Frame: the seen one. The camera stands at (0, -2.732, 0), looks along +Y, +Z is up and +X right (see `images/crop.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from ..layers.resnet import PictureEncoder

REACH = 0.732  # no centre's coordinate is farther from the origin
THICKEST, THINNEST = 0.2, 0.005  # radii
LEAST_FACTOR = 0.01


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


class Encoder(PictureEncoder):
    """ResNet-18 with two decoders: centres (B, S, 3) and radii (B, S) of crops (B, 4, size, size), not thinned."""

    def __init__(self, size: Size, count: int) -> None:
        super().__init__(size.width, size.cells, size.latent)
        self.centres, self.radii = _decoder(size, 3 * count), _decoder(size, count)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        code = self.code(crops)
        away = self.centres(code).unflatten(1, (-1, 3))
        # Unlike a clamp, this never stops a sphere that has to come back.
        centres = REACH * away * (1 + away * away) ** -0.5
        return centres, THINNEST + (THICKEST - THINNEST) * self.radii(code).sigmoid()


class Thinning(nn.Module):
    """How much thinner each sphere becomes, 0.01..1, (B, N): a PointNet over all spheres."""

    def __init__(self, width: int, count: int) -> None:
        super().__init__()
        self.each = nn.Linear(4, 2 * width)
        self.whole = nn.Sequential(
            nn.Linear(2 * width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, count)
        )

    def forward(self, centres: Tensor, radii: Tensor) -> Tensor:
        seen = self.each(torch.cat([centres, radii[..., None]], -1)).relu().amax(1)
        return LEAST_FACTOR + (1 - LEAST_FACTOR) * self.whole(seen).sigmoid()


class SphereNet(nn.Module):
    """The whole network."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.encoders = nn.ModuleDict({name: Encoder(size, count) for name, count in size.parts.items()})
        self.thinning = Thinning(size.thinning, sum(size.parts.values())) if size.thinning else None

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Centres (B, N, 3) and radii (B, N) of crops (B, 4, size, size), fine spheres first, thinned."""
        centres, radii = self.all_parts(crops)
        return centres, self.thinned(centres, radii)

    def part(self, name: str, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Centres and radii of one encoder's spheres, not thinned."""
        return self.encoder(name)(crops)

    def encoder(self, name: str) -> Encoder:
        """That of one part."""
        found = self.encoders[name]
        assert isinstance(found, Encoder)
        return found

    def all_parts(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Those of all encoders, fine first, not thinned."""
        found = [encoder(crops) for encoder in self.encoders.values()]
        return torch.cat([centres for centres, _ in found], 1), torch.cat([radii for _, radii in found], 1)

    def thinned(self, centres: Tensor, radii: Tensor) -> Tensor:
        """Radii as the last stage wants them."""
        return radii if self.thinning is None else radii * self.thinning(centres, radii)


def _decoder(size: Size, outward: int) -> nn.Sequential:
    hidden = size.hidden
    return nn.Sequential(
        nn.Linear(size.latent, hidden),
        nn.ReLU(),
        nn.Linear(hidden, 2 * hidden),
        nn.ReLU(),
        nn.Linear(2 * hidden, outward),
    )
