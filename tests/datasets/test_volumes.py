"""Skeletal volumes."""

import numpy as np
import pytest
from scipy import ndimage

from training.datasets.builders.volumes import cells_of, dilated, filled, skeletal_volume


def test_a_point_lies_in_the_cell_that_counting_from_one_rounds_to() -> None:
    points = np.random.default_rng(0).uniform(-0.499, 0.499, (500, 3))
    for resolution in (32, 64, 255):
        counted = np.rint(points * resolution + (resolution + 1) / 2)
        assert np.array_equal(cells_of(points, resolution), counted - 1)


def test_points_on_or_beyond_the_upper_faces_count_for_the_outermost_cells() -> None:
    assert cells_of(np.array([[0.5, -0.5, 0.6]]), 10).tolist() == [[9, 0, 9]]


@pytest.mark.parametrize(("resolution", "width"), [(64, 3), (128, 3), (256, 5)])
def test_one_point_becomes_a_cube_of_three_cells_and_of_five_at_256(resolution: int, width: int) -> None:
    cells = skeletal_volume(np.array([[0.1, -0.2, 0.3]]), resolution).dense()
    at = np.argwhere(cells)
    assert len(at) == width**3
    assert (np.ptp(at, axis=0) == width - 1).all()
    assert at.mean(0).tolist() == cells_of(np.array([[0.1, -0.2, 0.3]]), resolution)[0].tolist()


def test_dilation_is_a_maximum_over_the_neighbourhood() -> None:
    cells = np.random.default_rng(1).random((20, 21, 22)) > 0.97
    assert np.array_equal(dilated(cells, 3), ndimage.binary_dilation(cells, np.ones((3, 3, 3))))


def test_closed_hollows_are_filled_and_open_ones_are_not() -> None:
    shell = np.zeros((20, 20, 20), bool)
    shell[4:16, 4:16, 4:16] = True
    shell[5:15, 5:15, 5:15] = False
    whole = filled(shell)
    assert whole[4:16, 4:16, 4:16].all()
    assert whole.sum() == 12**3
    shell[10, 10, 4] = False
    assert np.array_equal(filled(shell), shell)
    assert np.array_equal(filled(shell), np.asarray(ndimage.binary_fill_holes(shell)))
    assert not filled(np.zeros((4, 4, 4), bool)).any()
