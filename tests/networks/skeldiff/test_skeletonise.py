"""Skeletonisation: in the middle of tubes, apart from other tubes, the same for turned shapes, with gradients."""

from __future__ import annotations

import numpy as np
import torch

from inference.networks.skeldiff.inputs import cloud_of
from inference.networks.skeldiff.skeletonise import farthest, joined, radii_at, skeletonise

torch.set_num_threads(1)
RADIUS = 0.025  # a neighbourhood goes all around such a tube


def tube(count: int, middle: tuple[float, float], seed: int) -> np.ndarray:
    """Points all over a tube along z."""
    random = np.random.default_rng(seed)
    angle, height = random.uniform(0, 2 * np.pi, count), random.uniform(-1, 1, count)
    return np.stack([middle[0] + RADIUS * np.cos(angle), middle[1] + RADIUS * np.sin(angle), height], 1)


def cloud(points: np.ndarray, count: int = 1024) -> torch.Tensor:
    return torch.from_numpy(cloud_of(points, count))[None]


def test_the_skeleton_of_a_tube_is_its_axis() -> None:
    points, radii = skeletonise(cloud(tube(6000, (0, 0), 0)), 32)
    middle = points[0][points[0, :, 2].abs() < 0.8]
    assert middle[:, :2].norm(dim=1).max() < 0.5 * RADIUS
    assert (radii[0] - RADIUS).abs().max() < 0.3 * RADIUS
    assert points[0, :, 2].max() > 0.8
    assert points[0, :, 2].min() < -0.8


def test_two_tubes_side_by_side_stay_apart() -> None:
    gap = 1.6 * RADIUS  # narrower than either tube
    left, right = tube(6000, (-RADIUS - gap / 2, 0), 1), tube(6000, (RADIUS + gap / 2, 0), 2)
    points, _ = skeletonise(cloud(np.concatenate([left, right])), 64)
    middle = points[0][points[0, :, 2].abs() < 0.8]
    away = torch.minimum(
        (middle[:, :2] - torch.tensor([-RADIUS - gap / 2, 0])).norm(dim=1),
        (middle[:, :2] - torch.tensor([RADIUS + gap / 2, 0])).norm(dim=1),
    )
    assert away.max() < 0.6 * RADIUS


def test_neighbours_that_no_chain_joins_do_not_count() -> None:
    line = torch.stack([torch.linspace(0, 0.7, 8), torch.zeros(8), torch.zeros(8)], 1)
    other = line[:4] + torch.tensor([0.0, 1.5, 0.0])
    kept = joined(line[None, :1], torch.cat([line, other])[None, None], 9.0)
    assert kept[0, 0].tolist() == [1.0] * 8 + [0.0] * 4


def test_gradients_reach_the_surface_and_are_right() -> None:
    seen = cloud(tube(2000, (0, 0), 3), 256).double()

    def first_numbers(points: torch.Tensor) -> torch.Tensor:
        found, radii = skeletonise(points, 16)
        return torch.cat([found.flatten(), radii.flatten()])

    direction = torch.randn(seen.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = torch.randn(64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    shown = seen.clone().requires_grad_()
    (first_numbers(shown) @ weights).backward()
    assert shown.grad is not None
    step = 1e-7  # small enough that nobody's neighbours change
    ahead, behind = (first_numbers(seen + sign * step * direction) @ weights for sign in (1, -1))
    slope = float((ahead - behind) / (2 * step))
    assert abs(slope - float((shown.grad * direction).sum())) < 1e-5 * max(abs(slope), 1)


def test_a_batch_gives_what_each_shape_gives() -> None:
    clouds = torch.cat([cloud(tube(3000, (0, 0), seed)) for seed in (4, 5)])
    together, alone = skeletonise(clouds, 32), skeletonise(clouds[1:], 32)
    assert torch.allclose(together[0][1], alone[0][0], atol=1e-5)
    assert torch.allclose(together[1][1], alone[1][0], atol=1e-5)


def test_farthest_points_are_those_of_numpy() -> None:
    points = np.random.default_rng(6).normal(size=(200, 3)).astype(np.float32)
    chosen = farthest(torch.from_numpy(points)[None], 20)[0].numpy()
    assert np.array_equal(points[chosen], cloud_of(points, 20))


def test_radii_are_distances_to_the_surface() -> None:
    directions = np.random.default_rng(7).normal(size=(4000, 3))
    sphere = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    radii = radii_at(torch.zeros(1, 1, 3), cloud(sphere))
    assert abs(float(radii[0, 0]) - 1) < 1e-3
