"""The quick ways to grow and open a mask do what the general filters do."""

import numpy as np
import pytest
from scipy import ndimage

from inference.geometry.solid.morphology import grown, opened


@pytest.mark.parametrize("seed", range(4))
def test_growing_and_opening_equal_the_general_filters(seed: int) -> None:
    mask = np.random.default_rng(seed).random((9, 7, 11)) < 0.3 + 0.15 * seed
    assert np.array_equal(grown(mask), ndimage.binary_dilation(mask, np.ones((3, 3, 3))))
    assert np.array_equal(opened(mask), ndimage.binary_opening(mask, np.ones((2, 2, 2))))
