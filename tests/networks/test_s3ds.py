import numpy as np
import pytest
import torch

from inference.images.crop import DISTANCE, crop_picture
from inference.networks.layers import images
from inference.networks.s3ds import network as s3ds
from inference.networks.shelf import image_network

SMALL = s3ds.Size(size=32, width=4, cells=1, latent=16, hidden=8, fine=6, coarse=5, thinning=8)


def crops(count: int = 3, size: int = 32) -> np.ndarray:
    return np.random.default_rng(0).random((count, 4, size, size)).astype(np.float32)


def as_tensors(values: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in values.items()}


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [1, 3, 7])
def test_a_convolution_in_numpy_is_that_in_torch(side: int, stride: int) -> None:
    random = np.random.default_rng(1)
    p = {
        "c.weight": random.normal(size=(5, 4, side, side)).astype(np.float32),
        "c.bias": random.normal(size=5).astype(np.float32),
    }
    here = images.convolve(p, "c", crops(2, 13), stride)
    there = images.convolve(as_tensors(p), "c", torch.from_numpy(crops(2, 13)), stride)
    assert here.shape == tuple(there.shape)
    np.testing.assert_allclose(here, there.numpy(), atol=1e-4)


def test_pools_in_numpy_are_those_in_torch() -> None:
    x = crops(2, 12) - 0.5
    np.testing.assert_array_equal(images.highest_near(x), images.highest_near(torch.from_numpy(x)).numpy())
    np.testing.assert_allclose(
        images.grid_means(x, 3), images.grid_means(torch.from_numpy(x), 3).numpy(), rtol=1e-5, atol=1e-6
    )


def test_a_folded_normalisation_gives_the_numbers_of_the_unfolded_one() -> None:
    random = np.random.default_rng(2)
    p = {
        "c.kernel": random.normal(size=(5, 4, 3, 3)).astype(np.float32),
        **{f"c.{part}": random.uniform(0.5, 2.0, 5).astype(np.float32) for part in images.NORM},
    }
    t = as_tensors(p)
    plain = torch.nn.functional.conv2d(torch.from_numpy(crops()), t["c.kernel"], padding=1)
    normed = torch.nn.functional.batch_norm(plain, t["c.mean"], t["c.variance"], t["c.gain"], t["c.shift"], eps=1e-5)
    folded = images.folded(p)
    assert set(folded) == {"c.weight", "c.bias"}
    np.testing.assert_allclose(images.convolve(folded, "c", crops()), normed.numpy(), atol=1e-4)


def test_folding_undoes_unfolding() -> None:
    values = s3ds.fresh(SMALL, 6)
    again = images.folded(images.unfolded(values))
    assert set(again) == set(values)
    for name, value in values.items():
        np.testing.assert_allclose(again[name], value, rtol=1e-4)


def test_the_network_gives_the_same_spheres_in_numpy_and_in_torch() -> None:
    values = s3ds.fresh(SMALL, 3)
    centres, radii = s3ds.S3dsNetwork(values, SMALL).predict(crops())
    assert centres.shape == (3, 11, 3)
    assert radii.shape == (3, 11)
    assert centres.dtype == radii.dtype == np.float32
    there = s3ds.predict(as_tensors(values), SMALL, torch.from_numpy(crops()))
    np.testing.assert_allclose(centres, there[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(radii, there[1].numpy(), atol=1e-5)


def test_spheres_keep_inside_their_bounds_however_large_the_numbers_grow() -> None:
    values = {name: value * 20 for name, value in s3ds.fresh(SMALL, 4).items() if "stage" not in name}
    values |= {name: value for name, value in s3ds.fresh(SMALL, 4).items() if "stage" in name}
    centres, radii = s3ds.predict(values, SMALL, crops())
    assert np.abs(centres).max() <= s3ds.REACH + 1e-6
    assert radii.min() > 0
    assert radii.max() <= s3ds.THICKEST + 1e-6


def test_training_starts_from_spheres_spread_over_a_ball() -> None:
    shape = s3ds.Size()
    centres, radii = s3ds.predict(s3ds.fresh(shape, 0), shape, np.zeros((1, 4, 64, 64), np.float32))
    away = np.linalg.norm(centres[0], axis=1)
    assert away.max() < 0.6
    assert np.median(away) > 0.25
    assert 0.02 < np.median(radii) < 0.06


def test_one_encoder_alone_is_a_network_too() -> None:
    alone = s3ds.Size(size=32, width=4, cells=1, latent=16, hidden=8, fine=0, coarse=9, thinning=0)
    values = s3ds.fresh(alone, 5)
    assert not any(name.startswith(("fine", "thinning")) for name in values)
    centres, _ = s3ds.predict(values, alone, crops())
    assert centres.shape == (3, 9, 3)


def test_the_shipped_network_fills_the_silhouette_of_a_plain_picture() -> None:
    network = image_network()
    if network is None:
        pytest.skip("no weights for pictures in this installation")
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[20:80, 35:65] = (150, 140, 130, 255)  # a cabinet, seen from the front
    crop, _ = crop_picture(picture, network.shape.size)
    centres, radii = network.predict(crop[None])
    middle = network.shape.size / 2
    focal = middle / np.tan(np.radians(15))
    depth = centres[0, :, 1] + DISTANCE
    x, y = middle + focal * centres[0, :, 0] / depth, middle - focal * centres[0, :, 2] / depth
    row, column = np.mgrid[:64, :64] + 0.5
    away = (column[..., None] - x) ** 2 + (row[..., None] - y) ** 2
    drawn = (away < (focal * radii[0] / depth) ** 2).any(2)
    true = crop[3] > 0.5
    assert (drawn & true).sum() / (drawn | true).sum() > 0.85
