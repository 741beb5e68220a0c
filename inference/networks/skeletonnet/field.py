"""SkeDISN: whether a place lies inside, told by the whole shape, by the pixel where it is seen, and by the skeleton.

Three streams share what is made of the place's coordinates, f_x; each answers two numbers, outside and inside, and the
sums of those are what counts. Without the third stream it is DISN, with the first alone an occupancy network; without
the first it is SkePIFu, and with the second alone PIFu.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, cat, nn
from torch.nn.functional import grid_sample, interpolate

from ..layers.resnet import STAGES, PictureEncoder
from .inputs import LATTICE, SCALES


@dataclass(frozen=True)
class FieldSize:
    """How large the network is and which streams it has. The paper's: size 224, width 64, latent and hidden 512."""

    size: int = 112
    width: int = 24
    cells: int = 2
    latent: int = 256
    hidden: int = 256  # of f_x and of the streams
    subvolume: int = 32  # numbers that the skeletal stream makes of each sub-volume
    whole: bool = True  # omega_g
    aligned: bool = True  # omega_l
    skeletal: bool = True  # omega_s

    @property
    def channels(self) -> int:
        """Of all maps of a picture together."""
        return self.width * sum(factor for factor, _ in STAGES)


class SeenBy(nn.Module):
    """Pictures (N, V, 4, S, S) -> the code f_I (N, m) and maps (N, V, C, S / 4, S / 4)."""

    def __init__(self, size: FieldSize) -> None:
        super().__init__()
        self.picture = PictureEncoder(size.width, size.cells, size.latent)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Of each number of the code the largest over the views; every view's maps, all as fine as the first."""
        maps = self.picture.maps(crops.flatten(0, 1))
        code = self.picture.code_of(maps[-1]).unflatten(0, crops.shape[:2]).amax(1)
        side = maps[0].shape[-1]
        fine = [maps[0]]
        for coarse in maps[1:]:
            fine.append(interpolate(coarse, size=(side, side), mode="bilinear", align_corners=False))
        return code, cat(fine, 1).unflatten(0, crops.shape[:2])


class Stream(nn.Module):
    """omega: f_x (N, Q, h) and what else is known, one for a shape (N, c) or for each place (N, Q, c) -> (N, Q, 2)."""

    def __init__(self, hidden: int, known: int) -> None:
        super().__init__()
        self.place, self.known = nn.Linear(hidden, hidden), nn.Linear(known, hidden)
        self.rest = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden // 2), nn.ReLU(), nn.Linear(hidden // 2, 2))

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        told = self.known(known)
        return self.rest(self.place(x) + (told[:, None] if told.ndim == 2 else told))


class SubvolumeReader(nn.Module):
    """f_s: sub-volumes (N, Q, SCALES x 4^3) -> (N, Q, SCALES x c): two convolutions of 2^3 cells that never overlap."""

    def __init__(self, outward: int) -> None:
        super().__init__()
        self.eighths = nn.ModuleList(nn.Linear(8, 16) for _ in range(SCALES))
        self.wholes = nn.ModuleList(nn.Linear(8 * 16, outward) for _ in range(SCALES))

    def forward(self, around: Tensor) -> Tensor:
        half, found = LATTICE // 2, []
        cells = around.unflatten(2, (SCALES, half, 2, half, 2, half, 2))
        cells = cells.permute(0, 1, 2, 3, 5, 7, 4, 6, 8).flatten(6).flatten(3, 5)  # (N, Q, SCALES, 8, 8)
        for scale, (eighth, whole) in enumerate(zip(self.eighths, self.wholes, strict=True)):
            found.append(whole(eighth(cells[:, :, scale]).relu().flatten(2)).relu())
        return cat(found, 2)


class FieldDecoder(nn.Module):
    """omega: logits (N, Q, 2), outside and inside, of places."""

    def __init__(self, size: FieldSize) -> None:
        super().__init__()
        h = size.hidden
        self.coordinates = nn.Sequential(
            nn.Linear(3, h // 8), nn.ReLU(), nn.Linear(h // 8, h // 2), nn.ReLU(), nn.Linear(h // 2, h), nn.ReLU()
        )
        self.whole = Stream(h, size.latent) if size.whole else None
        self.aligned = Stream(h, size.channels) if size.aligned else None
        self.reader = SubvolumeReader(size.subvolume) if size.skeletal else None
        self.skeletal = Stream(h, SCALES * size.subvolume) if size.skeletal else None

    def forward(self, code: Tensor, maps: Tensor, points: Tensor, places: Tensor, around: Tensor) -> tuple[Tensor]:
        """Of `points` (N, Q, 3), seen at `places` (N, V, Q, 2), with the skeleton's cells `around` them (N, Q, 192)."""
        f_x = self.coordinates(2 * points)
        told = 0 * f_x[..., :2]
        if self.whole is not None:
            told = told + self.whole(f_x, code)
        if self.aligned is not None:
            told = told + self.aligned(f_x, lifted(maps, places))
        if self.skeletal is not None and self.reader is not None:
            told = told + self.skeletal(f_x, self.reader(around))
        return (told,)


class FieldNet(nn.Module):
    """The whole network."""

    def __init__(self, size: FieldSize) -> None:
        super().__init__()
        self.size = size
        self.encoder, self.decoder = SeenBy(size), FieldDecoder(size)

    def forward(self, crops: Tensor, points: Tensor, places: Tensor, around: Tensor) -> Tensor:
        """Logits (N, Q, 2)."""
        return self.decoder(*self.encoder(crops), points, places, around)[0]


def lifted(maps: Tensor, places: Tensor) -> Tensor:
    """Numbers of maps (N, V, C, h, h) at places (N, V, Q, 2), the largest over the views, (N, Q, C)."""
    found = grid_sample(
        maps.flatten(0, 1), places.flatten(0, 1)[:, :, None], padding_mode="border", align_corners=False
    )
    return found[..., 0].unflatten(0, maps.shape[:2]).amax(1).transpose(1, 2)
