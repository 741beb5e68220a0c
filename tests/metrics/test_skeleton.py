"""Measures of centre lines and spheres, against values worked out by hand."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from training.metrics import skeleton
from training.metrics.skeleton import Curves
from training.shapes.topology import betti_of_graph, known_solids


def tube(radius: float = 0.1, length: float = 1.0) -> Mesh:
    made = trimesh.creation.cylinder(radius, length, sections=64)
    return Mesh(np.array(made.vertices), np.array(made.faces, np.int32))


def axis(low: float, high: float) -> Curves:
    return Curves(np.array([[0, 0, low], [0, 0, high]]), np.array([[0, 1]]))


def test_the_axis_of_a_tube_covers_it_but_for_the_rims() -> None:
    score = skeleton.score_curves(axis(-0.4, 0.4), tube())
    # An axis ends 0.1 from the cap; 1.2 radii reach 0.0663 = sqrt(0.12^2 - 0.1^2) beyond, on side and cap.
    side, cap = 2 * np.pi * 0.1, np.pi * 0.01
    expected = (side * (0.8 + 2 * 0.0663) + 2 * np.pi * 0.0663**2) / (side + 2 * cap)
    assert score.coverage == pytest.approx(expected, abs=0.015)
    assert (score.inside, score.components, score.cycles) == (1, 1, 0)
    assert score.length == pytest.approx(0.8)


def test_half_an_axis_covers_half_a_tube() -> None:
    # 0.5 of the length, and sqrt(1.2^2 - 1) = 0.66 radii beyond its end; no cap on one side, both rims lost.
    side, cap = 2 * np.pi * 0.1, np.pi * 0.01
    expected = (side * (0.5 + 0.0663)) / (side + 2 * cap)
    assert skeleton.score_curves(axis(-0.499, 0.0), tube()).coverage == pytest.approx(expected, abs=0.02)


def test_what_lies_outside_neither_counts_as_inside_nor_covers() -> None:
    score = skeleton.score_curves(axis(0.0, 1.0), tube())
    assert score.inside == pytest.approx(0.5, abs=0.01)
    assert score.coverage < 0.6


def test_points_in_the_same_place_are_one_when_loops_are_counted() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]], float)
    count, edges = skeleton.without_doubles(Curves(corners, np.array([[0, 1], [2, 3], [4, 5], [1, 0]])))
    assert betti_of_graph(count, edges) == (1, 1)


def test_surfaces_know_their_handles() -> None:
    for solid in known_solids(32):
        assert skeleton.betti_of_surface(solid.mesh) == (solid.components + solid.cavities, solid.loops), solid.name


def test_sphere_distance_is_squared_and_summed() -> None:
    one, two = np.zeros((1, 3)), np.array([[0.3, 0, 0], [0.1, 0, 0]])
    assert skeleton.sphere_distance(one, two) == pytest.approx(0.01 + (0.09 + 0.01) / 2)


def test_radius_error_sums_both_directions() -> None:
    one, two = np.zeros((1, 3)), np.array([[0.3, 0, 0], [0.1, 0, 0]])
    # The nearest to the one is the second: |0.5 - 0.4|. Back: |0.2 - 0.5| and |0.4 - 0.5|, mean 0.2.
    assert skeleton.radius_error(one, np.array([0.5]), two, np.array([0.2, 0.4])) == pytest.approx(0.3)


def test_surfaces_at_a_gap_are_that_far_apart() -> None:
    ball = trimesh.creation.icosphere(4, 0.5)
    inner = Mesh(np.array(ball.vertices), np.array(ball.faces, np.int32))
    outer = Mesh(inner.vertices * 1.2, inner.triangles)
    chamfer, hausdorff = skeleton.surface_distance(outer, inner)
    assert chamfer == pytest.approx(0.1, abs=0.002)
    assert hausdorff == pytest.approx(0.1, abs=0.004)
    assert skeleton.volume_iou(inner, outer) == pytest.approx(1 / 1.2**3, abs=0.01)


def test_a_sphere_covers_what_lies_within_its_scaled_radius() -> None:
    points = np.array([[1.0, 0, 0], [1.19, 0, 0], [1.21, 0, 0], [5, 0, 0]])
    assert skeleton.covered_share(np.zeros((1, 3)), np.array([1.0]), points) == 0.5
