"""SkeletonNet: pictures -> skeletal points K -> a rough volume U_in -> the skeletal volume V.

Several pictures of one shape are seen one by one; of each number of their codes the largest counts. Between the codes
of two pictures lie shapes between those that they show.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor, nn

from ..layers.resnet import PictureEncoder
from .points import PointDecoder, PointsSize, SkeletonReader
from .volumes import PlainVolumes, Synthesis, VolumeSize
from .voxels import point2voxel


@dataclass(frozen=True)
class Size:
    """How large the network is. The paper's: size 224, width 64, latent 512."""

    size: int = 112  # pixels of a crop
    width: int = 24  # of the first convolution
    cells: int = 2  # the last map is averaged over cells x cells parts of the picture
    points: PointsSize = field(default_factory=PointsSize)
    volume: VolumeSize = field(default_factory=VolumeSize)


class CodeOf(nn.Module):
    """Pictures (N, V, 4, S, S) of N shapes -> codes f_I (N, m)."""

    def __init__(self, width: int, cells: int, latent: int) -> None:
        super().__init__()
        self.picture = PictureEncoder(width, cells, latent)

    def forward(self, crops: Tensor) -> tuple[Tensor]:
        """The largest of each number over the views."""
        return (self.picture.code(crops.flatten(0, 1)).unflatten(0, crops.shape[:2]).amax(1),)


class SkeletonNet(nn.Module):
    """The whole, and the reader of true skeletons, from which its decoders begin to learn."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.encoder = CodeOf(size.width, size.cells, size.points.latent)
        self.reader = SkeletonReader(size.points.latent)
        self.points = PointDecoder(size.points)
        self.volumes = Synthesis(size.volume)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """K (N, P, 3) and V (N, r, r, r)."""
        code = self.encoder(crops)[0]
        k = self.points(code)[0]
        return k, self.volumes(code, point2voxel(k, self.size.volume.inner))[0]


class PlainNet(nn.Module):
    """A skeletal volume straight from pictures (to compare with)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.encoder = CodeOf(size.width, size.cells, size.volume.latent)
        self.volumes = PlainVolumes(size.volume)

    def forward(self, crops: Tensor) -> Tensor:
        """Logits (N, r, r, r)."""
        return self.volumes(self.encoder(crops)[0])
