"""Measures of joints and bones as graphs, against values worked out by hand."""

import numpy as np
import pytest

from training.metrics import graphs

SQUARE = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
RING = np.array([[0, 1], [1, 2], [2, 3], [3, 0]])
PATH = RING[:3]
TRIANGLE = np.array([[0, 1], [1, 2], [2, 0]])


def test_mpjpe_is_the_mean_distance_of_matched_joints_in_thousandths() -> None:
    shuffled = SQUARE[[2, 0, 3, 1]] + [0, 0, 0.02]
    assert graphs.mpjpe(shuffled, SQUARE) == pytest.approx(20)


def test_a_missing_joint_and_one_too_many_cost_the_penalty() -> None:
    assert graphs.mpjpe(SQUARE[:3], SQUARE) == pytest.approx(250 / 4)
    assert graphs.mpjpe(SQUARE, SQUARE[:3], penalty=0.1) == pytest.approx(100 / 4)
    assert graphs.mpjpe(np.zeros((0, 3)), SQUARE) == pytest.approx(250)


def test_a_bone_missing_is_one_edit_and_a_bone_elsewhere_two() -> None:
    assert graphs.graph_edit_distance(SQUARE, RING, SQUARE, RING) == 0
    assert graphs.graph_edit_distance(SQUARE, PATH, SQUARE, RING) == 1
    assert graphs.graph_edit_distance(SQUARE, np.array([[0, 1], [1, 2], [1, 3]]), SQUARE, PATH) == 2


def test_edits_do_not_depend_on_the_order_of_joints_ends_and_doubles() -> None:
    order = np.array([2, 0, 3, 1])
    place = np.argsort(order)
    edges = np.concatenate([place[RING][:, ::-1], place[RING[:1]], [[0, 0]]])
    assert graphs.graph_edit_distance(SQUARE[order], edges, SQUARE, RING) == 0


def test_a_joint_too_many_costs_itself_and_its_bones() -> None:
    more = np.concatenate([SQUARE, [[5, 5, 5]]])
    assert graphs.graph_edit_distance(more, np.array([*PATH, [3, 4]]), SQUARE, PATH) == 2


def test_topology_compares_components_and_cycles() -> None:
    assert graphs.topology_score(4, RING, 4, RING) == 1
    # A path has one component, a ring one and a cycle: 1 off, of 1 + 1.
    assert graphs.topology_score(4, PATH, 4, RING) == pytest.approx(1 - 1 / 2)
    # Two pieces against the ring: 1 component and 1 cycle off, of 2 + 1.
    assert graphs.topology_score(4, np.array([[0, 1], [2, 3]]), 4, RING) == pytest.approx(1 - 2 / 3)


def test_the_spectra_of_known_graphs() -> None:
    # A ring of 4: 1 - cos(2 pi k / 4); a path of 3 joints: 0, 1, 2; a full graph of 3: 0, 1.5, 1.5.
    np.testing.assert_allclose(graphs.spectrum(4, RING), [0, 1, 1, 2], atol=1e-12)
    np.testing.assert_allclose(graphs.spectrum(3, RING[:2]), [0, 1, 2], atol=1e-12)
    np.testing.assert_allclose(graphs.spectrum(3, TRIANGLE), [0, 1.5, 1.5], atol=1e-12)


def test_as_many_zeros_in_the_spectrum_as_components() -> None:
    assert (np.abs(graphs.spectrum(5, np.array([[0, 1], [2, 3]]))) < 1e-9).sum() == 3


def test_the_distance_of_spectra_is_a_mean_of_squares() -> None:
    path = RING[:2]
    assert graphs.spectrum_distance(3, path, 3, TRIANGLE) == pytest.approx((0 + 0.25 + 0.25) / 3)
    assert graphs.spectrum_distance(3, path, 3, TRIANGLE, 2) == pytest.approx(0.25 / 2)
    # As many as both have.
    assert graphs.spectrum_distance(3, path, 4, RING) == pytest.approx((0 + 0 + 1) / 3)


def test_all_at_once_is_each_alone() -> None:
    score = graphs.score_graph(SQUARE, PATH, SQUARE, RING)
    assert (score.mpjpe, score.ged, score.tf) == (0, 1, 0.5)


def test_bones_of_a_tree_are_its_edges() -> None:
    assert graphs.edges_of_parents(np.array([-1, 0, 0, 2])).tolist() == [[0, 1], [0, 2], [2, 3]]
