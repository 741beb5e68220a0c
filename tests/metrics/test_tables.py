"""Means of tables, against values worked out by hand."""

import pytest

from training.metrics.tables import calibration, calibration_error, category_means, estimate, paired


def test_every_category_weighs_the_same() -> None:
    assert category_means([1, 3, 10], ["chair", "chair", "lamp"]) == {"chair": 2, "lamp": 10, "mean": 6}


def test_a_figure_that_is_not_a_number_is_named_not_skipped() -> None:
    with pytest.raises(ValueError, match="1 figures are not numbers, in lamp"):
        category_means([1, float("nan")], ["chair", "lamp"])


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="0 figures for 0 assets"):
        category_means([], [])


def test_a_mean_has_the_error_of_its_spread() -> None:
    found = estimate([1.0, 3.0])
    assert (found.mean, found.count) == (2.0, 2)
    assert found.error == pytest.approx(1.0)
    assert estimate([5.0]).error == 0.0


def test_differences_are_of_the_same_assets() -> None:
    change = paired([1.0, 11.0, 101.0], [0.0, 10.0, 100.0])
    assert (change.mean, change.error) == (1.0, 0.0)
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        paired([1.0, 2.0], [1.0])


def test_certainty_is_held_against_what_is_observed() -> None:
    bins = calibration([0.95, 0.97, 0.21, 1.0], [True, False, False, True])
    assert [(b.low, b.count) for b in bins] == [(0.2, 1), (0.9, 3)]
    assert bins[1].certainty == pytest.approx(0.9733, abs=1e-3)
    assert bins[1].observed == pytest.approx(2 / 3)
    assert calibration_error(bins) == pytest.approx((0.21 + 3 * (0.97333 - 0.66667)) / 4, abs=1e-4)
