"""Where the papers' cameras stand and what they see."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from inference.anatomy import Mesh
from inference.errors import BadMeshError, EmptyMeshError
from training.rendering.cameras import (
    DISTANCE,
    FIELD_OF_VIEW,
    Camera,
    disc_radii,
    fit,
    fit_mesh,
    fitted,
    paper_cameras,
    project,
    stack,
    to_camera,
    to_torch,
    to_world,
    unproject,
)


def points(count: int = 50) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (count, 3))


def test_there_are_24_azimuths_at_two_elevations_at_the_papers_distance() -> None:
    cameras = paper_cameras(224)
    assert [(camera.azimuth, camera.elevation) for camera in cameras[:2]] == [(0, 0), (15, 0)]
    assert [(camera.azimuth, camera.elevation) for camera in cameras[-1:]] == [(345, 30)]
    assert len({tuple(camera.eye.round(9)) for camera in cameras}) == 48
    np.testing.assert_allclose([np.linalg.norm(camera.eye) for camera in cameras], DISTANCE)


def test_the_first_camera_faces_the_shape_and_the_seventh_stands_at_its_left() -> None:
    front, left = Camera(0, 0, 224), Camera(90, 0, 224)
    np.testing.assert_allclose(front.eye, [0, -DISTANCE, 0], atol=1e-12)
    np.testing.assert_allclose(left.eye, [DISTANCE, 0, 0], atol=1e-12)
    raised = Camera(0, 30, 224)
    np.testing.assert_allclose(raised.eye, [0, -DISTANCE * np.cos(np.pi / 6), DISTANCE / 2])


def test_a_face_seen_from_the_front_has_its_left_at_the_right_and_its_top_at_the_top() -> None:
    pixels, depth = project(np.array([[0, 0, 0], [0.1, 0, 0], [0, 0, 0.1]]), stack([Camera(0, 0, 224)]))
    np.testing.assert_allclose(pixels[0, 0], [112, 112])
    np.testing.assert_allclose(depth[0], DISTANCE)
    assert pixels[0, 1, 0] > 112
    assert pixels[0, 2, 1] < 112


def test_the_field_of_view_is_the_whole_angle() -> None:
    edge = DISTANCE * np.tan(np.radians(FIELD_OF_VIEW / 2))
    assert edge == pytest.approx(0.732, abs=1e-3)  # where the paper clamps centres
    pixels, _ = project(np.array([[edge, 0, -edge]]), stack([Camera(0, 0, 64)]))
    np.testing.assert_allclose(pixels[0, 0], [64, 64])


def test_matrices_say_the_same_as_the_functions() -> None:
    camera = Camera(75, 30, 137)
    homogeneous = np.concatenate([points(), np.ones((50, 1))], 1)
    seen = (homogeneous @ camera.extrinsics.T)[:, :3]
    image = seen @ camera.intrinsics.T
    pixels, depth = project(points(), stack([camera]))
    np.testing.assert_allclose(pixels[0], image[:, :2] / image[:, 2:])
    np.testing.assert_allclose(depth[0], seen[:, 2])


def test_what_is_projected_can_be_brought_back() -> None:
    pinholes = stack(paper_cameras(224))
    back = unproject(*project(points(), pinholes), pinholes)
    np.testing.assert_allclose(back, np.broadcast_to(points(), back.shape), atol=1e-12)
    np.testing.assert_allclose(to_world(to_camera(points(), pinholes), pinholes), back, atol=1e-12)


def test_torch_agrees_with_numpy_and_keeps_gradients() -> None:
    pinholes = stack(paper_cameras(224))
    tensor = torch.tensor(points(), requires_grad=True)
    pixels, depth = project(tensor, to_torch(pinholes, dtype=torch.float64))
    expected = project(points(), pinholes)
    np.testing.assert_allclose(pixels.detach(), expected[0], atol=1e-9)
    np.testing.assert_allclose(depth.detach(), expected[1], atol=1e-12)
    (pixels.sum() + depth.sum()).backward()
    assert tensor.grad is not None
    assert tensor.grad.isfinite().all()


def test_a_disc_is_as_large_as_the_sphere_seen() -> None:
    pinholes = stack([Camera(0, 0, 224)])
    radii = disc_radii(np.array([[0.1]]), np.array([[DISTANCE]]), pinholes)
    pixels, _ = project(np.array([[0.0, 0, 0], [0.1, 0, 0]]), pinholes)
    assert radii[0, 0] == pytest.approx(pixels[0, 1, 0] - pixels[0, 0, 0])


def test_every_fitted_shape_is_whole_in_every_picture() -> None:
    for shape in (trimesh.creation.box((3, 3, 3)), trimesh.creation.box((1, 5, 2)), trimesh.creation.icosphere()):
        mesh = fitted(Mesh(np.add(shape.vertices, (7, -3, 2)), shape.faces))
        pixels, _ = project(mesh.vertices, stack(paper_cameras(224)))
        assert pixels.min() > 0
        assert pixels.max() < 224


def test_a_shape_in_the_generators_frame_stays_where_it_is() -> None:
    placed = fit(trimesh.creation.box((0.6, 1.0, 0.4)).vertices)
    np.testing.assert_allclose(placed.centre, 0, atol=1e-12)
    assert placed.scale == pytest.approx(1)


def test_vertices_without_a_triangle_do_not_count() -> None:
    box = trimesh.creation.box((1, 1, 1))
    stray = Mesh(np.concatenate([box.vertices, [[90.0, 0, 0]]]), box.faces)
    np.testing.assert_allclose(fit_mesh(stray).centre, 0, atol=1e-12)


@pytest.mark.parametrize(
    ("vertices", "error"),
    [
        (np.zeros((0, 3)), EmptyMeshError),
        (np.zeros((5, 3)), BadMeshError),
        (np.array([[0, 0, np.nan], [1, 1, 1]]), BadMeshError),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(vertices: np.ndarray, error: type[Exception]) -> None:
    with pytest.raises(error):
        fit(vertices)


def test_cameras_of_one_batch_have_pictures_of_one_size() -> None:
    with pytest.raises(ValueError, match="one size"):
        stack([Camera(0, 0, 64), Camera(0, 0, 128)])
