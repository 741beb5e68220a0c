"""Distances of point sets, against values worked out by hand."""

import itertools

import numpy as np
import pytest

from training.metrics import clouds

A = np.array([[0.0, 0, 0], [1, 0, 0]])
B = np.array([[0.0, 0, 0], [1, 3, 0], [1, 4, 0]])
# A -> B: 0 and 1 (to the origin); B -> A: 0, 3 and 4.


def test_both_chamfer_distances_follow_their_formulas() -> None:
    assert clouds.chamfer_squared(A, B) == pytest.approx((0 + 1) / 2 + (0 + 9 + 16) / 3)
    assert clouds.chamfer_unsquared(A, B) == pytest.approx(((0 + 1) / 2 + (0 + 3 + 4) / 3) / 2)
    assert clouds.skeleton_cd(A, B) == pytest.approx(1000 * (1 / 2 + 25 / 3))


def test_the_hausdorff_distance_is_the_farthest_of_both_directions() -> None:
    assert clouds.hausdorff(A, B) == clouds.hausdorff(B, A) == 4


def test_the_f_score_is_the_harmonic_mean_of_two_shares() -> None:
    # Within 2: all of A, one of three of B.
    assert clouds.f_score(A, B, 2) == pytest.approx(2 * 1 * (1 / 3) / (1 + 1 / 3))
    assert clouds.f_score(A, B + 100, 2) == 0


def test_the_reach_itself_is_too_far() -> None:
    assert clouds.f_score(np.zeros((1, 3)), np.array([[0.06, 0, 0]])) == 0
    assert clouds.f_score(np.zeros((1, 3)), np.array([[0.0599, 0, 0]])) == 1


def test_earth_movers_take_the_cheapest_assignment_not_the_nearest_neighbours() -> None:
    # Both points of one cloud are nearest to the same point of the other; one of them must go to the far one.
    one = np.array([[0.0, 0, 0], [1, 0, 0]])
    other = np.array([[0.4, 0, 0], [5, 0, 0]])
    assert clouds.earth_movers(one, other) == pytest.approx((0.4 + 4) / 2)


def test_earth_movers_agree_with_trying_every_assignment() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.random((6, 3)), rng.random((6, 3))
    best = min(np.linalg.norm(one - other[list(order)], axis=1).mean() for order in itertools.permutations(range(6)))
    assert clouds.earth_movers(one, other) == pytest.approx(best)


def test_earth_movers_refuse_clouds_of_different_size() -> None:
    with pytest.raises(ValueError, match="2 and 3"):
        clouds.earth_movers(A, B)


def test_a_cloud_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="without points"):
        clouds.chamfer_squared(A, np.zeros((0, 3)))


def test_a_reconstruction_is_scored_in_the_scales_of_the_table() -> None:
    moved = A + np.array([0, 0, 0.05])
    score = clouds.score_cloud(A, moved)
    assert (score.cd, score.emd, score.hd, score.f1) == pytest.approx((5.0, 0.5, 0.5, 100))
    assert clouds.score_cloud(A, A + np.array([0, 0, 0.07])).f1 == 0
    assert np.isnan(clouds.score_cloud(A, B).emd)


def test_farthest_points_go_to_the_ends_first() -> None:
    line = np.stack([np.arange(11.0), np.zeros(11), np.zeros(11)], 1)
    assert clouds.farthest_points(line, 5).tolist() == [0, 10, 5, 2, 7]
    assert clouds.farthest_points(line, 3, first=5).tolist() == [5, 0, 10]
    assert clouds.farthest_points(line, 20).tolist() == list(range(11))


def test_farthest_points_agree_with_the_definition() -> None:
    points = np.random.default_rng(0).random((60, 3))
    chosen = [0]
    for _ in range(19):
        apart = np.linalg.norm(points[:, None] - points[chosen], axis=2).min(1)
        chosen.append(int(apart.argmax()))
    assert clouds.farthest_points(points, 20).tolist() == chosen
