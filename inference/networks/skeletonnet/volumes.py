"""Globally guided sub-volume synthesis: a rough volume U_in of skeletal points -> the skeletal volume V.

The global stream mends U_in at low resolution, with what the picture says of the shape as a volume of features beside
it. The local stream sees overlapping sub-volumes of U_in together with what the global one says there, and draws each
twice as fine. Where they overlap their answers are blended, each fading out towards its own border: there are no seams.
So memory and time for a volume are those of its sub-volumes, whatever r is.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool3d, pad
from torch.nn.utils.fusion import fuse_conv_bn_eval

MARGIN = 2  # cells of U_in that a sub-volume reaches beyond its own part, on every side
SMALLEST = 4  # side of the first volume that a code becomes


@dataclass(frozen=True)
class VolumeSize:
    """The volume and the networks that draw it. The paper's: r 256, guide 64, parts 4, width 32."""

    latent: int = 256
    r: int = 64
    guide: int = 32  # resolution of the global stream, r / 2 at most
    parts: int = 2  # sub-volumes along each axis
    width: int = 16  # channels of the first convolution
    guided: bool = True  # False: sub-volumes alone (to compare with)

    @property
    def inner(self) -> int:
        """r', the resolution of U_in."""
        return self.r // 2

    @property
    def part(self) -> int:
        """Cells of U_in along a sub-volume's own part."""
        return self.inner // self.parts


class VolumeStep(nn.Module):
    """A convolution that keeps (1), halves (2) or doubles (-2) a volume's resolution, a normalisation, and ReLU."""

    def __init__(self, inward: int, outward: int, stride: int) -> None:
        super().__init__()
        if stride < 0:
            self.kernel: nn.Conv3d | nn.ConvTranspose3d = nn.ConvTranspose3d(inward, outward, 4, 2, 1, bias=False)
        else:
            self.kernel = nn.Conv3d(inward, outward, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm3d(outward)
        self.is_folded = False

    def forward(self, x: Tensor) -> Tensor:
        return (self.kernel(x) if self.is_folded else self.norm(self.kernel(x))).relu()

    def fold(self) -> None:
        """Make the normalisation, as it is in eval mode, a part of the kernel."""
        self.kernel = fuse_conv_bn_eval(self.kernel, self.norm, isinstance(self.kernel, nn.ConvTranspose3d))
        self.is_folded = True
        del self.norm


class VolumeDecoder(nn.Module):
    """Codes (B, m) -> volumes (B, c, R, R, R) of features, from 4^3 on."""

    def __init__(self, latent: int, outward: int, resolution: int) -> None:
        super().__init__()
        doublings = (resolution // SMALLEST).bit_length() - 1
        self.inward = outward * 2 ** min(doublings, 2)
        self.first = nn.Linear(latent, self.inward * SMALLEST**3)
        steps, channels = [], self.inward
        for _ in range(doublings):
            steps.append(VolumeStep(channels, max(outward, channels // 2), -2))
            channels = max(outward, channels // 2)
        self.steps = nn.Sequential(*steps)
        self.last = nn.Conv3d(channels, outward, 3, 1, 1)

    def forward(self, code: Tensor) -> Tensor:
        x = self.first(code).relu().reshape(-1, self.inward, SMALLEST, SMALLEST, SMALLEST)
        return self.last(self.steps(x))


class UNet(nn.Module):
    """A 3D U-Net of two levels: logits of volumes (B, c, R, R, R), as fine or twice as fine as they are."""

    def __init__(self, inward: int, width: int, beside: int, *, finer: bool) -> None:
        super().__init__()
        self.down, self.deep = VolumeStep(inward, width, 2), VolumeStep(width + beside, 2 * width, 2)
        self.middle = VolumeStep(2 * width, 2 * width, 1)
        self.up, self.over = VolumeStep(2 * width, width, -2), VolumeStep(2 * width + beside, width, -2)
        self.join = VolumeStep(width + inward, width, 1)
        self.finer = VolumeStep(width, max(4, width // 2), -2) if finer else None
        self.logit = nn.Conv3d(max(4, width // 2) if finer else width, 1, 1)

    def forward(self, x: Tensor, beside: Tensor | None = None) -> Tensor:
        """Logits (B, 1, R, R, R) or (B, 1, 2 R, 2 R, 2 R); `beside` (B, c', R / 2, ...) joins after the first step."""
        half = self.down(x)
        if beside is not None:
            half = torch.cat([half, beside], 1)
        found = self.up(self.middle(self.deep(half)))
        found = self.join(torch.cat([self.over(torch.cat([found, half], 1)), x], 1))
        return self.logit(found if self.finer is None else self.finer(found))


class Synthesis(nn.Module):
    """Both streams."""

    def __init__(self, size: VolumeSize) -> None:
        super().__init__()
        self.size = size
        beside = size.width // 2
        self.features = VolumeDecoder(size.latent, beside, size.guide // 2) if size.guided else None
        self.whole = UNet(1, size.width, beside, finer=False) if size.guided else None
        self.local = UNet(2 if size.guided else 1, size.width, 0, finer=True)
        rise = _rise(2 * (size.part + 2 * MARGIN))
        self.register_buffer("window", _cube(rise), persistent=False)
        self.register_buffer("weight", _cube(_joined([rise] * size.parts, 0)), persistent=False)

    def forward(self, code: Tensor, u_in: Tensor) -> tuple[Tensor]:
        """Chances V (B, r, r, r) of codes (B, m) and volumes (B, 1, r', r', r')."""
        size, window = self.size, self.get_buffer("window")
        seen, places = self.seen(u_in, self.guide(code, u_in)), range(size.parts)
        planes = []
        for x in places:
            rows = []
            for y in places:
                drawn = [self.local(self.cut(seen, (x, y, z))).sigmoid() * window for z in places]
                rows.append(_joined(drawn, 4))
            planes.append(_joined(rows, 3))
        whole, edge = _joined(planes, 2) / self.get_buffer("weight"), 2 * MARGIN
        return (whole[:, 0, edge:-edge, edge:-edge, edge:-edge],)

    def guide(self, code: Tensor, u_in: Tensor) -> Tensor | None:
        """U_out at low resolution, logits (B, 1, g, g, g); None where nothing guides."""
        if self.whole is None or self.features is None:
            return None
        low = u_in
        while low.shape[-1] > self.size.guide:  # points stay points: means would fade them
            low = max_pool3d(low, 2)
        return self.whole(low, self.features(code))

    def seen(self, u_in: Tensor, guide: Tensor | None) -> Tensor:
        """What the local stream sees, with a margin of empty cells, (B, c, r' + 4, ...)."""
        if guide is None:
            return pad(u_in, (MARGIN,) * 6)
        whole = guide.sigmoid()
        if whole.shape[-1] != u_in.shape[-1]:
            whole = interpolate(whole, scale_factor=float(u_in.shape[-1] // whole.shape[-1]), mode="trilinear")
        return pad(torch.cat([u_in, whole], 1), (MARGIN,) * 6)

    def cut(self, seen: Tensor, place: tuple[int, int, int]) -> Tensor:
        """The sub-volume P_in at a place, (B, c, s', s', s')."""
        part = self.size.part
        x, y, z = (slice(k * part, (k + 1) * part + 2 * MARGIN) for k in place)
        return seen[:, :, x, y, z]

    def true_part(self, volume: Tensor, place: tuple[int, int, int]) -> Tensor:
        """P*, what a sub-volume is to answer, (B, 1, s, s, s), of true volumes (B, r, r, r)."""
        part, edge = 2 * self.size.part, 2 * MARGIN
        x, y, z = (slice(k * part, (k + 1) * part + 2 * edge) for k in place)
        return pad(volume[:, None], (edge,) * 6)[:, :, x, y, z]


class PlainVolumes(nn.Module):
    """Volumes from codes alone, without points or sub-volumes (to compare with)."""

    def __init__(self, size: VolumeSize) -> None:
        super().__init__()
        self.low = VolumeDecoder(size.latent, size.width, size.r // 2)
        self.high, self.logit = VolumeStep(size.width, size.width // 2, -2), nn.Conv3d(size.width // 2, 1, 1)

    def forward(self, code: Tensor) -> Tensor:
        """Logits (B, r, r, r)."""
        return self.logit(self.high(self.low(code).relu()))[:, 0]


def _rise(side: int) -> Tensor:
    """How much each cell along a sub-volume counts: where two of them overlap they count 1 together."""
    overlap = 4 * MARGIN
    rise, along = (torch.arange(overlap) + 0.5) / overlap, torch.ones(side)
    along[:overlap], along[-overlap:] = rise, rise.flip(0)
    return along


def _cube(along: Tensor) -> Tensor:
    return along[:, None, None] * along[None, :, None] * along


def _joined(parts: list[Tensor], axis: int) -> Tensor:
    """Parts in a row, summed where they overlap."""
    overlap = 4 * MARGIN
    inner = parts[0].shape[axis] - 2 * overlap
    pieces = [parts[0].narrow(axis, 0, overlap)]
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        tail = part.narrow(axis, inner + overlap, overlap)
        pieces += [part.narrow(axis, overlap, inner), tail if after is None else tail + after.narrow(axis, 0, overlap)]
    return torch.cat(pieces, axis)
