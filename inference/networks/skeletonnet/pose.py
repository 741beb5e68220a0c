"""From where a picture was taken: the camera that sees the shape as its crop shows it.

The shape is turned before a camera that stands at a fixed distance, and its picture is cropped. So a rotation is told,
by two columns of its matrix (six numbers, made orthogonal), and where the crop lies in the picture and how wide it is:
what a translation is where pictures are not cropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from .network import CodeOf


@dataclass(frozen=True)
class PoseSize:
    """How large the network is, and the camera of the pictures."""

    size: int = 112
    width: int = 24
    cells: int = 2
    latent: int = 256
    distance: float = 2.732  # from the camera to the shape's middle
    tangent: float = 0.26795  # of half the field of view


class PoseNet(nn.Module):
    """Crops (N, 4, S, S) -> cameras (N, 3, 4)."""

    def __init__(self, size: PoseSize) -> None:
        super().__init__()
        self.size = size
        self.encoder = CodeOf(size.width, size.cells, size.latent)
        self.answer = nn.Sequential(nn.Linear(size.latent, size.latent), nn.ReLU(), nn.Linear(size.latent, 9))

    def forward(self, crops: Tensor) -> tuple[Tensor]:
        """As the networks that look at pictures take them."""
        return (camera_matrix(*self.frames(crops), self.size.distance, self.size.tangent),)

    def frames(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotations (N, 3, 3), widths of the crops over the pictures' (N,), and shifts (N, 2)."""
        told = self.answer(self.encoder(crops[:, None])[0])
        return rotation_of(told[:, :6]), (0.3 * told[:, 6]).exp() * 0.7, 0.1 * told[:, 7:]


def rotation_of(six: Tensor) -> Tensor:
    """Rotations (N, 3, 3) of (N, 6): two rows, the second made orthogonal to the first, and their cross product."""
    first = normalize(six[:, :3], dim=1)
    second = normalize(six[:, 3:] - (first * six[:, 3:]).sum(1, keepdim=True) * first, dim=1)
    return torch.stack([first, second, torch.linalg.cross(first, second, dim=1)], 1)


def camera_matrix(rotation: Tensor, scale: Tensor, shift: Tensor, distance: float, tangent: float) -> Tensor:
    """Cameras (N, 3, 4) of rotations (N, 3, 3) to right, down and forward, crops' widths (N,) and shifts (N, 2)."""
    away = rotation.new_tensor([0.0, 0.0, distance]).expand(len(rotation), 3)
    whole = torch.cat([rotation, away[..., None]], 2)  # (N, 3, 4)
    beside = (whole[:, :2] - shift[..., None] * whole[:, 2:]) / (scale * tangent)[:, None, None]
    return torch.cat([beside, whole[:, 2:]], 1)
