"""Pictures as numbers: ResNet-18, of any width, its maps and its code."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d
from torch.nn.utils.fusion import fuse_conv_bn_eval

STAGES = ((1, 1), (2, 2), (4, 2), (8, 2))  # width in units of the first, and stride, of ResNet-18's four stages
BLOCKS = 2  # of a stage
CHANNELS = 4  # RGB times alpha, and alpha


class Convolution(nn.Module):
    """A convolution without bias, then a batch normalisation."""

    def __init__(self, inward: int, outward: int, side: int, stride: int) -> None:
        super().__init__()
        self.kernel = nn.Conv2d(inward, outward, side, stride, side // 2, bias=False)
        self.norm = nn.BatchNorm2d(outward)
        self.is_folded = False

    def forward(self, x: Tensor) -> Tensor:
        return self.kernel(x) if self.is_folded else self.norm(self.kernel(x))

    def fold(self) -> None:
        """Make the normalisation, as it is in eval mode, a part of the kernel."""
        self.kernel, self.is_folded = fuse_conv_bn_eval(self.kernel, self.norm), True
        del self.norm


class Residual(nn.Module):
    """ResNet's block: two convolutions, and what goes past them."""

    def __init__(self, inward: int, outward: int, stride: int) -> None:
        super().__init__()
        self.one, self.two = Convolution(inward, outward, 3, stride), Convolution(outward, outward, 3, 1)
        same = stride == 1 and inward == outward
        self.past = nn.Identity() if same else Convolution(inward, outward, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return (self.two(self.one(x).relu()) + self.past(x)).relu()


class PictureEncoder(nn.Module):
    """ResNet-18: crops (B, 4, size, size) become maps, and a code (B, latent)."""

    def __init__(self, width: int, cells: int, latent: int) -> None:
        super().__init__()
        self.cells = cells  # the last map is averaged over cells x cells parts of the picture
        self.stem = Convolution(CHANNELS, width, 7, 2)
        blocks, inward = [], width
        for factor, stride in STAGES:
            outward = factor * width
            blocks += [Residual(inward, outward, stride), Residual(outward, outward, 1)]
            inward = outward
        self.stages = nn.Sequential(*blocks)
        self.latent = nn.Linear(inward * cells**2, latent)

    def code(self, crops: Tensor) -> Tensor:
        """(B, latent)."""
        return self.code_of(self.stages(self._begun(crops)))

    def maps(self, crops: Tensor) -> list[Tensor]:
        """What each of the four stages answers: (B, w, s, s), (B, 2 w, s / 2, s / 2) ..., s a quarter of the size."""
        x, found = self._begun(crops), []
        for place, block in enumerate(self.stages):
            x = block(x)
            if place % BLOCKS == BLOCKS - 1:
                found.append(x)
        return found

    def code_of(self, last: Tensor) -> Tensor:
        """(B, latent) of the last map."""
        return self.latent(avg_pool2d(last, last.shape[2] // self.cells).flatten(1)).relu()

    def _begun(self, crops: Tensor) -> Tensor:
        crops = crops.contiguous(memory_format=torch.channels_last)  # training on a CPU is a sixth faster
        return max_pool2d(self.stem(crops * 2 - 1).relu(), 3, 2, 1)
