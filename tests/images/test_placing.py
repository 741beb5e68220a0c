"""What a picture shows comes to lie where the picture was taken of it."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.anatomy import (
    Armature,
    CurveSkeleton,
    Imagined,
    MedialMesh,
    MedialSpheres,
    Mesh,
    Pose,
    Report,
    Rig,
    Symmetry,
)
from inference.images.camera import DISTANCE
from inference.images.crop import FILL, crop_of, crop_picture
from inference.images.drawing import draw
from inference.images.placing import fitted, placement, standing, straightened, upright
from inference.images.viewpoint import Viewpoint, aimed_at, narrowed_to

CENTRES = np.array([[0.0, 0, 0], [0.5, 0.1, 0.2], [-0.4, 0.3, 0.5], [0.1, -0.2, 0.9], [-0.1, 0.1, -0.7]])
RADII = np.array([0.4, 0.2, 0.25, 0.15, 0.2])
AWAY = np.array([10.0, -3.0, 4.0])
BALL = trimesh.creation.icosphere(2)
TRUE = MedialSpheres(2.5 * CENTRES + AWAY, 2.5 * RADII, np.zeros(len(RADII), bool))


def surface(spheres: MedialSpheres) -> Mesh:
    vertices = spheres.centres[:, None] + spheres.radii[:, None, None] * BALL.vertices
    first = len(BALL.vertices) * np.arange(len(spheres.radii))
    return Mesh(vertices.reshape(-1, 3), (first[:, None, None] + BALL.faces).reshape(-1, 3))


BALLS = surface(TRUE)
SEEN = Viewpoint(  # the camera of the seen frame
    np.array([0, -DISTANCE, 0.0]),
    np.eye(3),
    np.tan(np.radians(15)) * np.array([-1.0, 1, -1, 1]),
    parallel=False,
    near=1e-6,
)


def looking(
    azimuth: float, elevation: float, *, parallel: bool = False, aside: tuple[float, float] = (0, 0)
) -> Viewpoint:
    """From 8 units away; `aside` is how far the balls are from the picture's middle."""
    a, e = np.radians([azimuth, elevation])
    right, forward = (
        np.array([np.cos(a), np.sin(a), 0]),
        np.array([-np.sin(a) * np.cos(e), np.cos(a) * np.cos(e), -np.sin(e)]),
    )
    up = np.cross(right, forward)
    eye = AWAY - 8 * forward - aside[0] * right - aside[1] * up
    half = 4.0 if parallel else 0.6
    return Viewpoint(eye, np.stack([right, forward, up]), np.array([-half, half, -half, half]), parallel, 0.01)


def mask(mesh: Mesh, viewpoint: Viewpoint, size: int) -> np.ndarray:
    return draw(mesh.vertices, mesh.triangles, np.full((len(mesh.triangles), 3), 0.5), viewpoint, size).picture


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def in_perspective(points: np.ndarray) -> np.ndarray:
    """Points (N, 3) farther from the seen frame's axis the farther away they are, so that their picture is parallel."""
    return points * np.where([True, False, True], 1 + points[:, 1:2] / DISTANCE, 1.0)


VIEWS = [(40, 30), (200, -20), (90, 80)]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("parallel", [False, True])
def test_a_mesh_looked_at_straight_is_what_its_crop_shows_in_the_seen_frame(
    view: tuple[float, float], *, parallel: bool
) -> None:
    camera, depth = aimed_at(BALLS.vertices, looking(*view, parallel=parallel, aside=(1.0, 0.7)))
    crop, square = crop_picture(mask(BALLS, camera, 224), 112)
    frame = placement(camera, square, depth)
    points = frame.points_in(BALLS.vertices)
    if parallel:  # what the camera of the seen frame would have to see for the same picture
        points = in_perspective(points)
    again = mask(Mesh(points, BALLS.triangles), SEEN, 112)
    assert overlap(again[..., 3] >= 128, crop[3] >= 0.5) > 0.95
    assert np.abs(frame.points_in(BALLS.vertices)).max() < 0.75


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("aside", [(0.0, 0.0), (1.5, -1.0)])
def test_spheres_come_to_lie_under_their_own_picture_whatever_camera_took_it(
    view: tuple[float, float], *, parallel: bool, aside: tuple[float, float]
) -> None:
    camera = looking(*view, parallel=parallel, aside=aside)
    depth = float(camera.seen(AWAY[None])[0, 1])
    camera = narrowed_to(BALLS.vertices, camera)
    assert camera is not None
    square = crop_of(mask(BALLS, camera, 224)[..., 3])
    rough = placement(camera, square, depth)
    guess = MedialSpheres(
        1.1 * rough.points_in(TRUE.centres) + [0.05, 0.0, -0.05], 1.1 * TRUE.radii / rough.size, TRUE.sheet
    )
    frame = fitted(rough, guess, camera, square)
    balls = frame.out(guess)
    np.testing.assert_allclose(balls.radii, TRUE.radii, rtol=0.03)
    assert np.linalg.norm(balls.centres - TRUE.centres, axis=1).max() < (0.25 if any(aside) else 0.1)  # of 4
    shown = mask(surface(balls), camera, 224)
    assert overlap(shown[..., 3] >= 128, mask(BALLS, camera, 224)[..., 3] >= 128) > 0.9


def test_what_a_picture_by_parallel_rays_shows_is_made_straight_and_front_views_stay_symmetric() -> None:
    points = 0.4 * CENTRES
    bent = MedialSpheres(in_perspective(points), 0.4 * RADII * (1 + points[:, 1] / DISTANCE), TRUE.sheet)
    medial = MedialMesh(bent, np.zeros((0, 2), np.int32), np.zeros((0, 3), np.int32))
    mesh = Mesh(bent.centres, np.zeros((0, 3), np.int32))
    curves = CurveSkeleton(bent.centres, bent.radii, np.zeros((0, 2), np.int32), np.zeros(5, np.int32))
    for normal, stays in (([1.0, 0, 0], True), ([0.8, 0.6, 0], False)):
        rig = Rig(
            bones(bent.centres, np.array(normal)), None, REPORT, Pose(np.eye(3)[2], -np.eye(3)[1], np.eye(3)[0], 1.0)
        )
        result = straightened(Imagined(bent, medial, mesh, curves, rig, (), (), ()))
        for found in (result.spheres.centres, result.surface.vertices, result.curves.points, result.rig.armature.heads):
            np.testing.assert_allclose(found, points, atol=1e-9)
        np.testing.assert_allclose(result.spheres.radii, 0.4 * RADII)
        assert (result.rig.armature.symmetry is not None) == stays


def bones(heads: np.ndarray, normal: np.ndarray) -> Armature:
    """A bone at each of `heads` (B, 3), and a mirror plane."""
    count = len(heads)
    return Armature(
        names=tuple(map(str, range(count))),
        parents=np.arange(count, dtype=np.int32) - 1,
        heads=heads,
        tails=heads + np.array([0.0, 0, 0.1]),
        rolls=np.zeros(count),
        connected=np.zeros(count, bool),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.full((count, 2), 0.1),
        symmetry=Symmetry(normal, 0.0),
    )


REPORT = Report(coverage=1.0, inside=1.0, inside_worst=1.0, stretch=1.0, valid=True, score=1.0)


def test_the_silhouette_fills_the_same_share_of_the_picture_as_in_training() -> None:
    camera, _ = aimed_at(BALLS.vertices, looking(20, 10))
    square = crop_of(mask(BALLS, camera, 224)[..., 3])
    assert square.size == pytest.approx(224, abs=3)
    assert square.x == pytest.approx(112, abs=1.5)
    assert (mask(BALLS, camera, 224)[..., 3] >= 128).any(0).sum() <= FILL * 224 + 2


def test_what_an_image_shows_stands_upright_at_a_place_with_the_size_asked_for() -> None:
    frame = standing(BALLS, np.array([1.0, 2, 3]), 2.0)
    low, high = frame.points_out(BALLS.vertices).min(0), frame.points_out(BALLS.vertices).max(0)
    assert (high - low).max() == pytest.approx(2)
    assert low[2] == pytest.approx(3)
    np.testing.assert_allclose((low + high)[:2] / 2, [1, 2], atol=1e-9)


@pytest.mark.parametrize("up", [(0.0, 0.0, 1.0), (0.0, -0.5, 0.8), (0.3, 0.4, -0.2), (0.0, 0.0, -2.0), (1.0, 0.0, 0.0)])
def test_what_a_tilted_camera_saw_stands_up_by_a_turn_without_a_mirror(up: tuple[float, float, float]) -> None:
    frame = upright(up)
    np.testing.assert_allclose(frame.points_in(np.array([up])), [[0, 0, np.linalg.norm(up)]], atol=1e-12)
    np.testing.assert_allclose(frame.axes @ frame.axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame.axes) == pytest.approx(1)
    if up == (0.0, 0.0, 1.0):
        np.testing.assert_array_equal(frame.axes, np.eye(3))
