"""Measures of silhouettes, against values worked out by hand."""

import numpy as np
import pytest

from training.metrics import images

LEFT = np.array([[1, 1, 0, 0]] * 2, float)
MIDDLE = np.array([[0, 1, 1, 0]] * 2, float)


def test_the_iou_of_silhouettes_counts_pixels_and_averages_images() -> None:
    assert images.silhouette_iou(LEFT, MIDDLE) == pytest.approx(1 / 3)
    assert images.silhouette_iou(np.stack([LEFT, LEFT]), np.stack([LEFT, MIDDLE])) == pytest.approx(2 / 3)
    assert images.silhouette_iou(LEFT * 0.5, MIDDLE * 0.49) == 0


def test_two_empty_pictures_are_equal() -> None:
    assert images.silhouette_iou(LEFT * 0, LEFT * 0) == 1
    assert images.soft_silhouette_iou(LEFT * 0, LEFT * 0) == 1


def test_the_soft_iou_is_sum_of_products_over_sum_of_unions() -> None:
    # Two pixels of one half each against one: products 0.5 + 0.5, unions 1 + 1, and 0 elsewhere.
    half, whole = np.array([[0.5, 0.5, 0]]), np.array([[1.0, 1, 0]])
    assert images.soft_silhouette_iou(half, whole) == pytest.approx(1 / 2)
    assert images.soft_silhouette_iou(half, half) == pytest.approx(0.5 / 1.5)


def test_the_l1_of_pictures_is_the_mean_over_pixels() -> None:
    assert images.image_l1(LEFT, MIDDLE) == pytest.approx(0.5)
    assert images.image_l1(np.array([[0.25]]), np.array([[1.0]])) == pytest.approx(0.75)
