"""The sampler and the denoiser's frame: known distributions come out, and blends and variations stay between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch

from inference.anatomy import SkeletalLatent
from inference.errors import BadMeshError, BadRequestError
from inference.networks.skeldiff.apply import ShapeNetwork, blend, encode, generate, vary
from inference.networks.skeldiff.denoiser import Denoiser, DenoiserSize
from inference.networks.skeldiff.inputs import as_latent, as_rows, cloud_of, frame_of, normal_frame
from inference.networks.skeldiff.sampler import SIGMA_DATA, SIGMA_MAX, STEPS, guided, noise_levels, sample

MEAN, DEVIATION = np.linspace(-0.5, 0.5, 6), np.linspace(0.2, 0.6, 6)


def ideal(z: np.ndarray, sigma: float) -> np.ndarray:
    """What is behind noise where the data are normal with MEAN and DEVIATION."""
    return (DEVIATION**2 * z + sigma**2 * MEAN) / (DEVIATION**2 + sigma**2)


def test_the_sampler_finds_a_normal_distribution_in_noise() -> None:
    noise = np.random.default_rng(0).standard_normal((500, 20, 6))
    found = sample(ideal, SIGMA_MAX * noise, noise_levels())
    assert found.mean((0, 1)) == pytest.approx(MEAN, abs=0.02)
    assert found.std((0, 1)) == pytest.approx(DEVIATION, rel=0.08)


def test_noise_levels_fall_from_the_highest_to_none() -> None:
    levels = noise_levels(20)
    assert len(levels) == STEPS + 1
    assert levels[0] == pytest.approx(SIGMA_MAX)
    assert levels[-1] == 0
    assert (np.diff(levels) < 0).all()
    assert noise_levels(5, 0.3)[0] == pytest.approx(0.3)


def test_guidance_goes_beyond_the_condition() -> None:
    told = {0: 1.0, 7: 0.25}
    denoise = guided(lambda z, _, category: np.full_like(z, told[category]), 0, 7, 2.0)
    assert denoise(np.zeros(3), 1.0) == pytest.approx(3 * 1.0 - 2 * 0.25)


def test_a_denoiser_answers_with_its_input_where_there_is_no_noise() -> None:
    torch.manual_seed(0)
    net = Denoiser(DenoiserSize(row=6, categories=2, width=32, layers=1, heads=2))
    z = 0.5 * torch.randn(2, 8, 6)
    found, mean, deviation = net(z, torch.full((2,), 1e-4), torch.tensor([0, 2]))
    assert torch.allclose(found, z, atol=1e-3)
    assert mean.shape == deviation.shape == (6,)


def test_a_denoiser_does_not_heed_the_order_of_points() -> None:
    torch.manual_seed(0)
    net = Denoiser(DenoiserSize(row=6, categories=2, width=32, layers=2, heads=2)).eval()
    z, order = torch.randn(1, 8, 6), torch.randperm(8)
    sigma, category = torch.ones(1), torch.tensor([1])
    assert torch.allclose(net(z, sigma, category)[0][:, order], net(z[:, order], sigma, category)[0], atol=1e-5)


def network() -> ShapeNetwork:
    """One whose latents have 20 points and two features, and whose shapes of category 'b' lie higher."""

    def denoiser(given: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        mean = MEAN * np.where(given["category"] == 1, 1.0, -1.0)[:, None, None]
        s = given["sigma"][:, None, None]
        spread = SIGMA_DATA**2
        return [(spread * given["noisy"] + s**2 * mean) / (spread + s**2), np.zeros(6), np.full(6, 0.3)]

    def encoder(given: Mapping[str, np.ndarray]) -> Sequence[np.ndarray]:
        return [np.concatenate([given["cloud"][:, :20], np.full((1, 20, 3), 0.1)], 2)]

    return ShapeNetwork(encoder, lambda _: [], denoiser, ("a", "b"), points=64, skeleton=20, features=2)


def test_the_same_seed_gives_the_same_shapes_however_many_are_asked_for() -> None:
    one, three = generate(network(), "a", 5), generate(network(), "a", 5, 3)
    assert len(three) == 3
    assert np.array_equal(as_rows(one[0]), as_rows(three[0]))
    assert not np.array_equal(as_rows(three[1]), as_rows(three[2]))
    assert (three[1].radii > 0).all()


def test_categories_are_told_apart_and_unknown_ones_are_refused() -> None:
    a, b = (np.mean([as_rows(each)[:, 5].mean() for each in generate(network(), name, 1, 20)]) for name in "ab")
    assert b - a > 0.1
    with pytest.raises(BadRequestError, match="Choose one of: a, b"):
        generate(network(), "c", 0)


def shape(seed: int, shift: float = 0.0) -> SkeletalLatent:
    random = np.random.default_rng(seed)
    rows = np.concatenate([random.uniform(-1, 1, (20, 3)) + shift, random.uniform(0.05, 0.2, (20, 3))], 1)
    return as_latent(rows.astype(np.float32))


def test_variations_go_farther_with_strength_and_none_is_none() -> None:
    latent = shape(0)
    away = [
        np.abs(as_rows(vary(network(), latent, None, strength, 3)[0]) - as_rows(latent)).mean()
        for strength in (0.0, 0.2, 0.6, 1.0)
    ]
    assert away[0] == 0
    assert away == sorted(away)


def test_a_blend_begins_with_one_shape_and_ends_with_the_other() -> None:
    a, b = shape(1), shape(2)
    assert as_rows(blend(a, b, 0.0)) == pytest.approx(as_rows(a), abs=1e-6)
    end = as_rows(blend(a, b, 1.0))
    assert np.array_equal(np.sort(end, axis=0), np.sort(as_rows(b), axis=0))


def test_points_of_a_blend_go_to_the_points_that_match() -> None:
    a = shape(3)
    order = np.random.default_rng(0).permutation(20)
    moved = as_latent(as_rows(a)[order] + np.array([0.01, 0, 0, 0, 0, 0], np.float32))
    assert as_rows(blend(a, moved, 1.0)) == pytest.approx(as_rows(a) + np.array([0.01, 0, 0, 0, 0, 0]), abs=1e-6)
    with pytest.raises(BadRequestError):
        blend(a, as_latent(as_rows(a)[:5]), 0.5)


def test_a_latent_knows_where_its_shape_was() -> None:
    surface = np.random.default_rng(4).uniform(-1, 1, (300, 3)) * [4, 2, 1] + [10, 20, 30]
    latent = encode(network(), surface)
    assert latent.size == pytest.approx(4, abs=0.1)
    assert frame_of(latent).points_out(latent.points.astype(float)).mean(0) == pytest.approx([10, 20, 30], abs=2)
    assert np.abs(normal_frame(surface).points_in(surface)).max() == pytest.approx(1)


def test_too_few_points_are_no_shape() -> None:
    with pytest.raises(BadMeshError, match="at least 64"):
        cloud_of(np.zeros((10, 3)), 64)
    with pytest.raises(BadMeshError, match="no extent"):
        normal_frame(np.zeros((10, 3)))
