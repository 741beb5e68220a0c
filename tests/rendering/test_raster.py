"""The z-buffer in plain torch against what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from inference.anatomy import Mesh
from training.rendering import raster
from training.rendering.cameras import Camera, fitted, paper_cameras, project, stack, to_torch
from training.rendering.looks import random_look
from training.rendering.raster import cast, pack
from training.rendering.shading import render, silhouettes


def mesh_of(shape: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(shape.vertices), np.asarray(shape.faces, np.int32))


BALL = mesh_of(trimesh.creation.icosphere(4, 0.4))
TORUS = mesh_of(trimesh.creation.torus(0.35, 0.1, 24, 12))
BOX = fitted(mesh_of(trimesh.creation.box((1, 1, 1))))


def seen_by(mesh: Mesh, *cameras: Camera) -> raster.Hits:
    return cast(pack([mesh]), to_torch(stack(cameras)), [0] * len(cameras))


def nearest(eye: np.ndarray, rays: np.ndarray, mesh: Mesh) -> np.ndarray:
    """How many of its own lengths each ray (N, 3) goes until it meets a triangle; infinity where it meets none."""
    found = np.full(len(rays), np.inf)
    for first, second, third in mesh.vertices[mesh.triangles]:
        matrix = np.stack(np.broadcast_arrays(-rays, second - first, third - first), 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            length, u, v = np.linalg.solve(matrix, np.broadcast_to((eye - first)[:, None], (len(rays), 3, 1)))[..., 0].T
        found = np.where((u >= 0) & (v >= 0) & (u + v <= 1), np.minimum(found, length), found)
    return found


def test_a_balls_silhouette_is_the_disc_of_its_tangent_cone() -> None:
    camera = Camera(30, 30, 224)
    (seen,) = seen_by(BALL, camera).triangle >= 0
    radius = camera.focal * np.tan(np.arcsin(0.4 / camera.distance))
    assert seen.sum().item() == pytest.approx(np.pi * radius**2, rel=0.004)


def test_depth_is_the_distance_along_the_view_and_zero_where_nothing_is() -> None:
    hits = seen_by(BALL, Camera(0, 0, 65))
    assert hits.depth[0, 32, 32].item() == pytest.approx(2.732 - 0.4, abs=2e-3)
    assert hits.depth[0, 0, 0].item() == 0
    assert hits.triangle[0, 0, 0].item() == -1


def test_every_pixel_agrees_with_a_ray_through_its_centre() -> None:
    camera = Camera(45, 30, 48)
    hits = seen_by(TORUS, camera)
    centres = (np.arange(48) + 0.5 - 24) / camera.focal
    x, y = np.meshgrid(centres, centres)
    rays = np.stack([x, y, np.ones_like(x)], 2).reshape(-1, 3) @ camera.rotation
    expected = nearest(camera.eye, rays, TORUS)
    depth = hits.depth.numpy().ravel()
    np.testing.assert_array_equal(depth > 0, np.isfinite(expected))
    np.testing.assert_allclose(depth[depth > 0], expected[depth > 0], atol=1e-4)


def test_a_closed_surface_has_no_pinholes() -> None:
    cameras = paper_cameras(96)[::5]
    flat = mesh_of(trimesh.creation.box((0.6, 0.6, 0.6)).subdivide().subdivide().subdivide())
    seen = (seen_by(flat, *cameras).triangle >= 0).numpy()
    corners, _ = project(flat.vertices, stack(cameras))
    for view, picture in enumerate(seen):
        rows, columns = np.nonzero(picture)
        for row in np.unique(rows):  # a box's picture is convex: every row is one run
            run = columns[rows == row]
            assert len(run) == run.max() - run.min() + 1
        assert abs(np.ptp(columns) + 1 - np.ptp(corners[view, :, 0])) < 1


def test_the_nearer_of_two_surfaces_is_seen_whatever_their_order() -> None:
    near, far = (np.array([[-0.3, y, -0.3], [0.3, y, -0.3], [0, y, 0.3]]) for y in (-0.2, 0.2))
    for first, second in ((near, far), (far, near)):
        both = Mesh(np.concatenate([first, second]), np.array([[0, 1, 2], [3, 4, 5]]))
        assert seen_by(both, Camera(0, 0, 33)).depth[0, 16, 16].item() == pytest.approx(2.532, abs=1e-5)


def test_many_meshes_before_many_cameras_look_as_each_alone() -> None:
    cameras = [paper_cameras(64)[number] for number in (0, 5, 30, 41)]
    which = [2, 0, 1, 2]
    together = cast(pack([BALL, TORUS, BOX]), to_torch(stack(cameras)), which)
    for view, (camera, mesh) in enumerate(zip(cameras, which, strict=True)):
        alone = seen_by([BALL, TORUS, BOX][mesh], camera)
        assert torch.equal(together.depth[view], alone.depth[0])


def test_little_memory_gives_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = paper_cameras(64)[::7]
    whole = seen_by(TORUS, *cameras)
    monkeypatch.setattr(raster, "FRAGMENTS", 1000)
    pieces = seen_by(TORUS, *cameras)
    assert torch.equal(whole.depth, pieces.depth)
    assert torch.equal(whole.triangle, pieces.triangle)


def test_shapes_that_leave_the_picture_or_reach_behind_the_eye_are_cut_or_left_out() -> None:
    wide = Mesh(np.array([[-9, 0, -9], [9, 0, -9], [0, 0, 9.0]]), np.array([[0, 1, 2]]))
    assert (seen_by(wide, Camera(0, 0, 16)).triangle == 0).all()
    behind = Mesh(np.array([[-1, -5, -1], [1, 5, -1], [0, 0, 1.0]]), np.array([[0, 1, 2]]))
    assert (seen_by(behind, Camera(0, 0, 16)).triangle == -1).all()


def test_samples_soften_the_silhouettes_border_towards_the_true_area() -> None:
    pinholes = to_torch(stack([Camera(10, 0, 32)]))
    fine = silhouettes(pack([BALL]), pinholes, [0], samples=5)
    radius = Camera(10, 0, 32).focal * np.tan(np.arcsin(0.4 / 2.732))
    assert set(np.unique(silhouettes(pack([BALL]), pinholes, [0]))) == {0.0, 1.0}
    assert ((fine > 0) & (fine < 1)).any()
    assert fine.sum().item() == pytest.approx(np.pi * radius**2, rel=0.01)


def test_pictures_have_straight_alpha_unit_normals_to_the_eye_and_a_material() -> None:
    inside_out = Mesh(BALL.vertices, BALL.triangles[:, ::-1].copy())
    pictures = render(pack([inside_out]), to_torch(stack([Camera(0, 0, 65)])), [0], [random_look(0, "ball")], samples=3)
    inside = pictures.silhouette[0] == 1
    assert torch.equal(pictures.rgba[..., 3], pictures.silhouette)
    assert pictures.rgba.min() >= 0
    assert pictures.rgba.max() <= 1
    np.testing.assert_allclose(pictures.normals[0][inside].norm(dim=1), 1, atol=1e-5)
    assert pictures.normals[0, 32, 32, 1] < -0.99  # towards the eye although the ball is inside out
    border = (pictures.silhouette[0] > 0.3) & ~inside
    assert (pictures.rgba[0, :, :, :3].mean(2)[border] > 0.02).all()  # not darkened by the background


def test_looks_repeat_with_their_seed_and_differ_between_seeds_and_items() -> None:
    assert random_look(1, "chair") == random_look(1, "chair")
    assert len({random_look(seed, name) for seed in (1, 2) for name in ("chair", "table")}) == 4
