"""The network that sees spheres in pictures: its bounds, its start, its parts, and what is shipped of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inference.images.camera import DISTANCE
from inference.images.crop import crop_picture
from inference.networks.s3ds.apply import image_network
from inference.networks.s3ds.network import REACH, THICKEST, Size, SphereNet
from training.networks.pictures import folded, fresh_spheres

SMALL = Size(size=32, width=4, cells=1, latent=16, hidden=8, fine=6, coarse=5, thinning=8)


def crops(count: int = 3, size: int = 32) -> torch.Tensor:
    return torch.rand((count, 4, size, size), generator=torch.Generator().manual_seed(0))


def untaught(size: Size = SMALL) -> SphereNet:
    torch.manual_seed(3)
    net = fresh_spheres(size).eval()
    net.requires_grad_(requires_grad=False)
    return net


def test_a_folded_network_sees_what_the_unfolded_one_sees() -> None:
    net = untaught().train()
    net(crops(8))  # its normalisations have seen something
    made = folded(net)
    assert not any("norm" in name for name, _ in made.named_parameters())
    for one, other in zip(net.eval()(crops()), made(crops()), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_spheres_keep_inside_their_bounds_however_large_the_numbers_grow() -> None:
    net = untaught()
    for name, value in net.named_parameters():
        if "stages" not in name:
            value.mul_(20)
    centres, radii = net(crops())
    assert centres.shape == (3, 11, 3)
    assert radii.shape == (3, 11)
    assert centres.abs().max() <= REACH + 1e-6
    assert radii.min() > 0
    assert radii.max() <= THICKEST + 1e-6


def test_training_starts_from_spheres_spread_over_a_ball() -> None:
    centres, radii = untaught(Size())(torch.zeros(1, 4, 64, 64))
    away = centres[0].norm(dim=1)
    assert away.max() < 0.6
    assert away.median() > 0.25
    assert 0.02 < radii.median() < 0.06


def test_one_encoder_alone_is_a_network_too() -> None:
    alone = untaught(Size(size=32, width=4, cells=1, latent=16, hidden=8, fine=0, coarse=9, thinning=0))
    assert all(name.startswith("encoders.coarse.") for name, _ in alone.named_parameters())
    assert alone(crops())[0].shape == (3, 9, 3)


def test_the_shipped_network_fills_the_silhouette_of_a_plain_picture() -> None:
    network = image_network()
    if network is None:
        pytest.skip("no weights for pictures in this installation")
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[20:80, 35:65] = (150, 140, 130, 255)  # a cabinet, seen from the front
    crop, _ = crop_picture(picture, network.size)
    centres, radii = network.predict(crop[None])
    middle = network.size / 2
    focal = middle / np.tan(np.radians(15))
    depth = centres[0, :, 1] + DISTANCE
    x, y = middle + focal * centres[0, :, 0] / depth, middle - focal * centres[0, :, 2] / depth
    row, column = np.mgrid[:64, :64] + 0.5
    away = (column[..., None] - x) ** 2 + (row[..., None] - y) ** 2
    drawn = (away < (focal * radii[0] / depth) ** 2).any(2)
    true = crop[3] > 0.5
    assert (drawn & true).sum() / (drawn | true).sum() > 0.85
