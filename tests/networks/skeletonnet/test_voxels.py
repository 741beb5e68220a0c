"""Point2Voxel: its values, its gradients, its twin without torch, and the arrays around it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from inference.images.camera import DISTANCE
from inference.networks.skeletonnet.inputs import (
    LATTICE,
    SHARPNESS,
    dilated,
    places_in_picture,
    pyramid,
    subvolumes,
    voxels_of,
)
from inference.networks.skeletonnet.pose import PoseSize, camera_matrix, rotation_of
from inference.networks.skeletonnet.voxels import point2voxel
from training.datasets.builders.volumes import cells_of
from training.rendering.cameras import Camera
from training.rendering.crop_frames import TANGENT, Frames, into_crops, on_the_crop

torch.set_num_threads(1)


def drawn(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def test_a_point_fills_its_cell_and_fades_by_cells_not_by_lengths() -> None:
    for resolution in (16, 64):
        middle = torch.tensor([[[(5.5) / resolution - 0.5] * 3]])
        volume = point2voxel(middle, resolution)[0, 0]
        assert volume[5, 5, 5].item() == pytest.approx(1)
        assert volume[5, 5, 6].item() == pytest.approx(math.exp(-SHARPNESS), rel=1e-3)
        assert volume[5, 6, 6].item() == pytest.approx(math.exp(-2 * SHARPNESS), rel=1e-3)
        assert volume[5, 5, 7].item() == 0
        assert volume.count_nonzero() == 27


def test_the_nearest_point_counts_as_in_the_dense_formula() -> None:
    k, resolution = drawn(2, 20, 3) - 0.5, 12
    along = [(torch.arange(resolution).double() + 0.5) / resolution - 0.5] * 3
    middles = torch.stack(torch.meshgrid(*along, indexing="ij"), -1)
    square = torch.cdist(middles.reshape(1, -1, 3).expand(2, -1, -1), k).amin(2) * resolution
    dense = (-SHARPNESS * square**2).exp().reshape(2, 1, *[resolution] * 3)
    sparse = point2voxel(k, resolution)
    near = dense > math.exp(-SHARPNESS * 0.75)  # within sqrt(3) / 2 cells of a point: its own cell at least
    assert torch.allclose(sparse[near], dense[near])
    assert (sparse <= dense + 1e-6).all()


def test_gradients_are_those_of_finite_differences_also_at_the_border() -> None:
    k = (1.04 * (drawn(1, 6, 3) - 0.5)).requires_grad_()
    weights = drawn(1, 1, 6, 6, 6)
    assert torch.autograd.gradcheck(lambda x: (point2voxel(x, 6) * weights).sum(), k, eps=1e-7, atol=1e-5)
    outside = torch.full((1, 1, 3), 0.9, requires_grad=True)
    point2voxel(outside, 8).sum().backward()
    assert outside.grad is not None
    assert torch.isfinite(outside.grad).all()


def test_points_move_towards_a_true_volume() -> None:
    k = ((torch.tensor([[[8.4, 8.0, 8.0]]]) + 0.5) / 16 - 0.5).requires_grad_()
    true = torch.zeros(1, 1, 16, 16, 16)
    true[0, 0, 9, 8, 8] = 1
    loss = (point2voxel(k, 16) - true).square().sum()
    loss.backward()
    assert k.grad is not None
    assert k.grad[0, 0, 0] < 0  # a step down the gradient goes up to the cell


def test_the_twin_without_torch_answers_the_same() -> None:
    k = drawn(2, 50, 3).float() * 1.1 - 0.55
    assert np.abs(voxels_of(k.numpy(), 16) - point2voxel(k, 16).numpy()).max() < 1e-5


def test_dilated_points_are_cells_as_true_volumes_have_them() -> None:
    points = drawn(9, 3).numpy() - 0.5
    cells = dilated(points, 16)
    assert cells[tuple(cells_of(points, 16).T)].all()
    assert cells.sum() <= 27 * 9


def test_subvolumes_are_the_cells_around_a_place() -> None:
    volume = drawn(16, 16, 16).numpy().astype(np.float32)
    point = np.array([[8 / 16 - 0.5, 5 / 16 - 0.5, 0.49]])
    found = subvolumes(pyramid(volume), point).reshape(3, LATTICE, LATTICE, LATTICE)
    assert (found[0, :, :, :2] == volume[6:10, 3:7, 14:16]).all()
    assert (found[0, :, :, 2:] == 0).all()  # beyond the cube nothing is
    assert found[1, 1, 1, 0] == pytest.approx(volume[6:8, 2:4, 12:14].mean())


def test_cameras_see_places_where_crops_show_them() -> None:
    camera = Camera(37.0, 21.0, 64)
    frames = Frames(camera.rotation[None], np.array([0.6]), np.array([[0.05, -0.03]]))
    points = drawn(20, 3).numpy() - 0.5
    seen, _ = into_crops(points[None], np.zeros((1, 20)), frames)
    rotation, scale, shift = (torch.from_numpy(part).float() for part in (frames.rotation, frames.scale, frames.shift))
    matrix = camera_matrix(rotation, scale, shift, DISTANCE, TANGENT)
    assert places_in_picture(matrix[0].numpy(), points) == pytest.approx(on_the_crop(seen)[0], abs=1e-4)
    assert (PoseSize().distance, PoseSize().tangent) == pytest.approx((DISTANCE, TANGENT), abs=1e-5)


def test_six_numbers_make_a_rotation() -> None:
    rotation = rotation_of(drawn(5, 6) - 0.5)
    assert torch.allclose(rotation @ rotation.transpose(1, 2), torch.eye(3, dtype=torch.float64).expand(5, 3, 3))
    assert torch.allclose(torch.linalg.det(rotation), torch.ones(5, dtype=torch.float64))
