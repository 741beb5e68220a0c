"""Differences of skin weights, against values worked out by hand."""

import numpy as np
import pytest

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
    assert skin.unweighted(np.array([[0.5, 0.5], [0.0, 0.0]])) == 1
