"""Differences of skin weights, against values worked out by hand."""

import numpy as np
import pytest

from inference.anatomy import Armature, Mesh, SkinWeights
from training.metrics import skin


def test_l1_counts_each_moved_weight_twice() -> None:
    truth = np.array([[1.0, 0.0], [0.5, 0.5]])
    predicted = np.array([[0.8, 0.2], [0.5, 0.5]])
    assert skin.skin_l1(predicted, truth) == pytest.approx((0.2 + 0.2) / 2)


def test_nothing_shared_is_two() -> None:
    assert skin.skin_l1(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])) == pytest.approx(2)


def test_weights_under_a_thousandth_are_nothing() -> None:
    assert skin.skin_l1(np.array([[1.0, 0.0009]]), np.array([[1.0, 0.0]])) == 0


def test_a_bone_without_partner_counts_in_full() -> None:
    truth = np.array([[1.0], [1.0]])
    predicted = np.array([[0.0, 1.0], [1.0, 0.0]])
    partner = np.array([0, -1])
    # The first vertex: 1 missing on the truth's bone and 1 on the bone without partner.
    assert skin.skin_l1(predicted, truth, partner) == pytest.approx(1)


def test_bones_are_matched_by_where_they_start() -> None:
    truth = np.array([[0, 0, 0], [0, 0, 0.5]], float)
    predicted = np.array([[0, 0, 0.52], [0.9, 0, 0], [0.03, 0, 0]], float)
    assert skin.match_bones(predicted, truth).tolist() == [1, -1, 0]


def test_vertices_without_weight_are_counted() -> None:
    assert skin.unweighted(skin.sparse(np.array([[0.5, 0.5], [0.0, 0.0]]))) == 1


def test_dense_weights_keep_their_heaviest_bones_and_sum_to_one() -> None:
    kept = skin.sparse(np.array([[0.1, 0.4, 0.0, 0.5]]), influences=2)
    assert kept.bones.tolist() == [[3, 1]]
    assert kept.weights[0] == pytest.approx([5 / 9, 4 / 9])


def two_bones(knee: float = 0.5) -> Armature:
    """A root that stays and a second bone that turns about `knee` on the z axis."""
    heads = np.array([[0, 0, 0], [0, 0, knee]])
    return Armature(
        ("root", "shin"),
        np.array([-1, 0], np.int32),
        heads,
        heads + np.array([0, 0, 0.5]),
        np.zeros(2),
        np.ones(2, bool),
        np.ones(2),
        np.ones(2, bool),
        np.ones((2, 2)),
    )


def test_equal_rigs_move_alike_and_a_bone_without_partner_stays() -> None:
    rig, points = two_bones(), np.array([[0, 0, 0.25], [0, 0, 0.5], [0, 0, 1.0]])
    weights = skin.sparse(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    assert skin.motion_error(points, (rig, weights), (rig, weights), np.array([0, 1])) == pytest.approx(0)
    # Only the tip moves: on a circle of 0.5 about the knee. Halving that radius halves the error.
    tip = skin.motion_error(points, (rig, weights), (rig, weights), np.array([0, -1]))
    points[2, 2] = 0.75
    assert skin.motion_error(points, (rig, weights), (rig, weights), np.array([0, -1])) == pytest.approx(tip / 2)


def test_a_wrong_pivot_is_the_same_error_for_every_point() -> None:
    points = np.array([[0, 0, 0.6], [0.1, 0, 0.9]])
    one, both = (
        skin.motion_error(p, (two_bones(0.4), weights_of(p)), (two_bones(), weights_of(p)), np.array([0, 1]))
        for p in (points[:1], points)
    )
    assert one == pytest.approx(both)


def weights_of(points: np.ndarray) -> SkinWeights:
    return skin.sparse(np.tile([0.0, 1.0], (len(points), 1)))


def test_a_rigid_skin_stretches_nothing_but_the_edges_across_the_joint() -> None:
    vertices = np.array([[0, 0, 0.6], [0.1, 0, 0.6], [0, 0.1, 0.9]])
    mesh = Mesh(vertices, np.array([[0, 1, 2]], np.int32))
    assert skin.stretch(mesh, two_bones(), weights_of(vertices)) == pytest.approx(1)
    torn = skin.sparse(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    assert skin.stretch(mesh, two_bones(), torn) > 1
