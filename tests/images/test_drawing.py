"""Triangles drawn by NumPy: where they are, which is in front, and nothing that is behind the eye."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.images.drawing import SAMPLES, draw
from inference.images.viewpoint import Viewpoint, narrowed_to, viewpoint_of

FRONT = Viewpoint(np.array([0, -3.0, 0]), np.eye(3), np.array([-0.5, 0.5, -0.5, 0.5]), parallel=False, near=0.1)
FLAT = Viewpoint(np.array([0, -3.0, 0]), np.eye(3), np.array([-1.5, 1.5, -1.5, 1.5]), parallel=True, near=0.1)


def pictured(mesh: trimesh.Trimesh, camera: Viewpoint, size: int = 100) -> tuple[np.ndarray, np.ndarray]:
    drawing = draw(np.array(mesh.vertices), np.array(mesh.faces), np.full((len(mesh.faces), 3), 0.5), camera, size)
    return drawing.picture, drawing.triangle


@pytest.mark.parametrize("camera", [FRONT, FLAT])
def test_a_ball_is_a_disc_of_the_right_size_at_the_right_place(camera: Viewpoint) -> None:
    ball = trimesh.creation.icosphere(5, 0.25).apply_translation([0.4, 0, 0.3])
    alpha = pictured(ball, camera)[0][..., 3] >= 128
    rows, columns = np.nonzero(alpha)
    assert columns.mean() == pytest.approx(50 + 0.4 / 3 * 100, abs=0.7)
    assert rows.mean() == pytest.approx(50 - 0.3 / 3 * 100, abs=0.7)
    assert alpha.sum() == pytest.approx(np.pi * (0.25 / 3 * 100) ** 2, rel=0.1)


def test_a_square_that_fills_a_quarter_covers_exactly_a_quarter() -> None:
    square = trimesh.Trimesh([[0, 0, 0], [1.5, 0, 0], [1.5, 0, 1.5], [0, 0, 1.5]], [[0, 1, 2], [0, 2, 3]])
    for camera in (FRONT, FLAT):
        alpha = pictured(square, camera)[0][..., 3]
        assert (alpha[:50, 50:] == 255).all()
        assert (alpha > 0).sum() == 50 * 50


def test_the_nearer_of_two_is_seen_whatever_their_order() -> None:
    corners = np.array([[-1, 0.5, -1], [1, 0.5, -1], [0, 0.5, 1], [-1, -0.5, -1], [1, -0.5, -1], [0, -0.5, 1]])
    for faces, near in (([[0, 1, 2], [3, 4, 5]], 1), ([[3, 4, 5], [0, 1, 2]], 0)):
        owner = pictured(trimesh.Trimesh(corners, faces, process=False), FRONT)[1]
        assert owner[50 * SAMPLES, 50 * SAMPLES] == near


def test_a_floor_that_reaches_past_the_eye_fills_the_picture_up_to_the_horizon() -> None:
    floor = trimesh.Trimesh(
        [[-900, -900, -1], [900, -900, -1], [900, 900, -1], [-900, 900, -1]], [[0, 1, 2], [0, 2, 3]]
    )
    alpha = pictured(floor, FRONT)[0][..., 3]
    assert (alpha[:50] == 0).all()
    assert (alpha[51:] == 255).all()


def test_nothing_behind_the_eye_is_drawn() -> None:
    assert not pictured(trimesh.creation.box().apply_translation([0, -5, 0]), FRONT)[0].any()


def test_light_falls_on_what_is_turned_to_it_and_both_sides_of_a_face_are_alike() -> None:
    ball = trimesh.creation.icosphere(4, 1.0)
    turned = trimesh.Trimesh(ball.vertices, ball.faces[:, ::-1], process=False)
    picture, inside_out = pictured(ball, FRONT)[0], pictured(turned, FRONT)[0]
    assert int(picture[30, 35, 0]) > int(picture[70, 65, 0]) + 30
    assert np.array_equal(picture, inside_out)


def test_many_triangles_are_drawn_in_shares_as_if_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ball = trimesh.creation.icosphere(3, 1.0)
    whole = pictured(ball, FRONT)[1]
    monkeypatch.setattr("inference.images.drawing.AT_ONCE", 3000)
    assert np.array_equal(pictured(ball, FRONT)[1], whole)


@pytest.mark.parametrize("parallel", [False, True])
def test_a_camera_is_read_from_opengl_matrices(*, parallel: bool) -> None:
    left, right, bottom, top, near, far = -0.2, 0.6, -0.1, 0.4, 0.5, 90.0
    if parallel:
        projection = np.diag([2 / (right - left), 2 / (top - bottom), -2 / (far - near), 1])
        projection[:3, 3] = [
            -(right + left) / (right - left),
            -(top + bottom) / (top - bottom),
            -(far + near) / (far - near),
        ]
        window = [left, right, bottom, top]
    else:
        projection = np.zeros((4, 4))
        projection[0, :3] = [2 * near / (right - left), 0, (right + left) / (right - left)]
        projection[1, :3] = [0, 2 * near / (top - bottom), (top + bottom) / (top - bottom)]
        projection[2] = [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)]
        projection[3, 2] = -1
        window = [left / near, right / near, bottom / near, top / near]
    turn = np.asarray(trimesh.transformations.rotation_matrix(0.7, [1, 2, 3]))
    turn[:3, 3] = [4, 5, 6]
    camera = viewpoint_of(np.linalg.inv(turn), projection)
    np.testing.assert_allclose(camera.eye, [4, 5, 6])
    np.testing.assert_allclose(camera.axes, np.stack([turn[:3, 0], -turn[:3, 2], turn[:3, 1]]))
    np.testing.assert_allclose(camera.window, window)
    assert camera.parallel == parallel
    assert camera.near == pytest.approx(near)


def test_a_picture_is_cut_down_to_what_is_in_it_and_none_is_made_of_what_is_not() -> None:
    points = np.array([[0.2, 0, 0.1], [0.5, 0, 0.4]])
    camera = narrowed_to(points, FRONT)
    assert camera is not None
    np.testing.assert_allclose(camera.window * 3, [0.2, 0.5, 0.1, 0.4], atol=0.01)
    assert narrowed_to(points + np.array([9, 0, 0]), FRONT) is None
    assert narrowed_to(points - np.array([0, 9, 0]), FRONT) is None
