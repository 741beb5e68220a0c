"""Fields on grids: what is asked for, and that the surface is closed and has no inner shells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from inference.anatomy import SkeletalLatent
from inference.networks.skeldiff.field import SIZE, enclosed, grid_axis, grid_field
from inference.networks.skeldiff.inputs import BAND

RESOLUTION = 48


def ball_latent(radius: float) -> SkeletalLatent:
    return SkeletalLatent(np.zeros((1, 3), np.float32), np.full(1, radius, np.float32), np.zeros((1, 1), np.float32))


def ring_latent() -> SkeletalLatent:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    points = np.stack([0.7 * np.cos(angle), 0.7 * np.sin(angle), 0 * angle], 1).astype(np.float32)
    return SkeletalLatent(points, np.full(40, 0.15, np.float32), np.zeros((40, 1), np.float32))


def in_band(distances: np.ndarray) -> np.ndarray:
    return np.clip(distances, -BAND, BAND).astype(np.float32)


def ball(radius: float):
    return lambda points: in_band(radius - np.linalg.norm(points, axis=1))


def ring(points: np.ndarray) -> np.ndarray:
    across = np.linalg.norm(points[:, :2], axis=1) - 0.7
    return in_band(0.15 - np.hypot(across, points[:, 2]))


def everywhere(distances) -> np.ndarray:
    axis = grid_axis(RESOLUTION)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    return distances(grid.astype(np.float32)).reshape((RESOLUTION,) * 3)


def pieces(cells: np.ndarray) -> int:
    label = np.empty(cells.shape, np.int32)
    ndimage.label(cells, output=label)
    return int(label.max())


@pytest.mark.parametrize(("distances", "latent"), [(ball(0.9), ball_latent(0.85)), (ring, ring_latent())])
def test_the_inside_is_that_of_the_whole_grid_at_a_fraction_of_the_questions(distances, latent) -> None:
    asked: list[int] = []

    def counted(points: np.ndarray) -> np.ndarray:
        asked.append(len(points))
        return distances(points)

    values, known = grid_field(counted, latent, RESOLUTION)
    assert np.array_equal(values > 0, everywhere(distances) > 0)
    assert sum(asked) < 0.5 * RESOLUTION**3
    near = np.abs(everywhere(distances)) < 0.5 * SIZE / RESOLUTION
    assert known[near].all()
    assert np.allclose(values[near], everywhere(distances)[near], atol=1e-6)


def test_a_thick_shape_whose_middle_nobody_asked_about_has_no_inner_shell() -> None:
    # The skeleton lies just below the surface, as that of a thick organ does.
    directions = np.random.default_rng(0).normal(size=(200, 3))
    shell = 0.8 * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    latent = SkeletalLatent(shell.astype(np.float32), np.full(200, 0.1, np.float32), np.zeros((200, 1), np.float32))
    values, _ = grid_field(ball(0.9), latent, RESOLUTION, share=0.15)
    assert pieces(values > 0) == 1
    assert pieces(values <= 0) == 1
    assert np.array_equal(values > 0, everywhere(ball(0.9)) > 0)


def test_the_surface_goes_on_where_the_skeleton_ends() -> None:
    # The skeleton knows of a small ball only, the field of a large one.
    values, _ = grid_field(ball(0.9), ball_latent(0.1), RESOLUTION, share=0.02)
    assert np.array_equal(values > 0, everywhere(ball(0.9)) > 0)


def test_what_reaches_out_of_the_cube_is_closed_at_its_walls() -> None:
    values, _ = grid_field(ball(2.0), ball_latent(1.0), 32)
    for axis in range(3):
        for side in (0, -1):
            assert (np.take(values, side, axis) < 0).all()
    assert (values > 0).any()


def test_hollows_are_filled() -> None:
    def hollow(points: np.ndarray) -> np.ndarray:
        away = np.linalg.norm(points, axis=1)
        return in_band(np.minimum(0.9 - away, away - 0.4))

    values, _ = grid_field(hollow, ball_latent(0.9), RESOLUTION)
    assert pieces(values <= 0) == 1


def test_enclosed_is_all_that_the_outside_does_not_reach() -> None:
    values = np.full((5, 5, 5), -1.0)
    values[1:4, 1:4, 1:4] = 1.0
    values[2, 2, 2] = -1.0
    assert enclosed(values).sum() == 27
    values[2, 2, 3] = -1.0
    assert enclosed(values).sum() == 25
