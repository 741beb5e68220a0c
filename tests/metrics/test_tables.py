"""Means of tables, against values worked out by hand."""

import pytest

from training.metrics.tables import category_means


def test_every_category_weighs_the_same() -> None:
    assert category_means([1, 3, 10], ["chair", "chair", "lamp"]) == {"chair": 2, "lamp": 10, "mean": 6}


def test_a_figure_that_is_not_a_number_is_named_not_skipped() -> None:
    with pytest.raises(ValueError, match="1 figures are not numbers, in lamp"):
        category_means([1, float("nan")], ["chair", "lamp"])


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="0 figures for 0 assets"):
        category_means([], [])
