"""Signed distances of shapes whose distance is known."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from training.datasets.builders.sdf import (
    MOST_MOVED,
    disn_samples,
    grid_points,
    normalised,
    normalised_pieces,
    sdf_samples,
    sdf_volume,
    signed_distance,
)


def mesh_of(*drawn: trimesh.Trimesh) -> Mesh:
    starts = np.cumsum([0] + [len(part.vertices) for part in drawn[:-1]])
    triangles = np.concatenate([part.faces + start for part, start in zip(drawn, starts, strict=True)])
    return Mesh(np.concatenate([part.vertices for part in drawn]), triangles.astype(np.int32))


def ball(radius: float, fineness: int = 4) -> trimesh.Trimesh:
    return trimesh.creation.icosphere(fineness, radius)


def inverted(drawn: trimesh.Trimesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(drawn.vertices, drawn.faces[:, ::-1], process=False)


def test_a_ball_has_the_distance_of_a_ball_positive_inside() -> None:
    volume = sdf_volume(mesh_of(ball(1.0)), 40)
    true = 1 - np.linalg.norm(grid_points(40), axis=1)
    assert np.abs(volume.values.ravel() - true).max() < 0.003
    assert (volume.values.ravel()[np.abs(true) > 0.003] > 0).tolist() == (true[np.abs(true) > 0.003] > 0).tolist()


def test_the_middles_of_the_cells_span_the_cube_with_the_published_spacing() -> None:
    points = grid_points(100)
    assert points[1] - points[0] == pytest.approx([0, 0, 0.022])
    assert points[0] == pytest.approx([-1.089] * 3)
    assert points[-1] == pytest.approx([1.089] * 3)


def test_a_hollow_ball_is_outside_in_its_hollow() -> None:
    hollow = mesh_of(ball(1.0), inverted(ball(0.5)))
    found = signed_distance(hollow, np.array([[0, 0, 0], [0.75, 0, 0], [1.1, 0, 0.0], [0.2, 0, 0]]))
    assert found == pytest.approx([-0.5, 0.25, -0.1, -0.3], abs=0.005)


def test_a_shell_within_a_shell_that_look_the_same_way_is_all_inside() -> None:
    found = signed_distance(mesh_of(ball(1.0), ball(0.5)), np.array([[0, 0, 0], [0.75, 0, 0], [1.1, 0, 0]]))
    assert found == pytest.approx([0.5, 0.25, -0.1], abs=0.005)


def test_a_ball_turned_inside_out_has_the_same_inside() -> None:
    points = np.random.default_rng(0).uniform(-1.1, 1.1, (500, 3))
    right, wrong = (signed_distance(mesh_of(b), points) for b in (ball(1.0, 3), inverted(ball(1.0, 3))))
    assert right == pytest.approx(wrong, abs=1e-9)


def test_an_open_mesh_has_an_inside_where_it_winds_around_more_than_half() -> None:
    whole = ball(1.0)
    open_top = trimesh.Trimesh(whole.vertices, whole.faces[whole.triangles_center[:, 2] < 0.8], process=False)
    found = signed_distance(mesh_of(open_top), np.array([[0, 0, -0.5], [0, 0, 0.3], [0, 0, 1.3], [0, 0, -1.2]]))
    assert (found > 0).tolist() == [True, True, False, False]
    assert found[0] == pytest.approx(0.5, abs=0.005)


def test_normalising_takes_the_largest_component_to_the_cube() -> None:
    speck = ball(0.1, 4)
    speck.apply_translation((5, 0, 0))
    large = trimesh.creation.box((4, 2, 1)).subdivide().subdivide()
    large.apply_translation((7, 8, 9))
    mesh, frame = normalised(mesh_of(speck, large), smoothing=0)
    assert np.abs(mesh.vertices).max(0) == pytest.approx([1, 0.5, 0.25])
    assert frame.centre == pytest.approx([7, 8, 9])
    assert frame.scale == pytest.approx(2)


def test_all_pieces_are_kept_together_or_each_for_itself() -> None:
    small, large = ball(0.5), ball(1.0)
    small.apply_translation((5, 0, 0))
    both = mesh_of(small, large)
    whole, frame = normalised(both, 0, "all")
    assert len(whole.triangles) == len(both.triangles)
    assert frame.scale == pytest.approx(3.25, abs=0.05)
    first, second = normalised_pieces(both, 0, "each")
    assert first[1].scale == pytest.approx(1.0, abs=0.02)
    assert second[1].centre == pytest.approx([5, 0, 0], abs=0.02)
    with pytest.raises(ValueError, match="Several pieces"):
        normalised(both, 0, "each")


def test_smoothing_evens_out_noise_and_leaves_corners_of_coarse_meshes() -> None:
    noisy = ball(1.0)
    noisy.vertices += np.random.default_rng(0).normal(0, 0.004, noisy.vertices.shape)
    mesh, frame = normalised(mesh_of(noisy))
    back = mesh.vertices * frame.scale + frame.centre
    rough, smooth = (np.std(np.linalg.norm(v, axis=1)) for v in (noisy.vertices, back))
    assert smooth < 0.6 * rough
    corners = mesh_of(trimesh.creation.box((1, 1, 1)))
    mesh, frame = normalised(corners)
    moved = np.linalg.norm(mesh.vertices * frame.scale + frame.centre - corners.vertices, axis=1)
    assert moved.max() <= MOST_MOVED / 2 * 1.001


def test_half_of_the_samples_lie_within_the_band_and_all_in_the_cube() -> None:
    mesh = mesh_of(ball(1.0, 3))
    found = sdf_samples(mesh, 1000)
    assert (np.abs(found.distances) < 0.25).sum() == 500
    assert np.abs(found.points).max() <= 1.1
    assert found.distances == pytest.approx(1 - np.linalg.norm(found.points, axis=1), abs=0.008)
    inside = np.linalg.norm(found.points, axis=1) < 1
    assert ((found.distances > 0) == inside)[np.abs(found.distances) > 0.008].all()
    # Evenly over the band; the cube cuts off a little of its outer part.
    near = np.abs(found.distances) < 0.25
    shell = (1 - 0.75**3) / (1 - 0.75**3 + 1.25**3 - 1)
    assert inside[near].mean() == pytest.approx(shell, abs=0.08)
    assert np.array_equal(sdf_samples(mesh, 1000).points, found.points)
    assert not np.array_equal(sdf_samples(mesh, 1000, seed=1).points, found.points)


def test_four_bins_hold_equally_many_samples() -> None:
    found = disn_samples(mesh_of(ball(1.0, 3)), 2000)
    assert np.histogram(found.distances, np.linspace(-0.1, 0.1, 5))[0].tolist() == [500] * 4


def test_a_plate_too_thin_for_the_innermost_bin_fills_the_next() -> None:
    found = disn_samples(mesh_of(trimesh.creation.box((2, 1.2, 0.08))), 2000)
    assert np.histogram(found.distances, np.linspace(-0.1, 0.1, 5))[0].tolist() == [500, 500, 1000, 0]
