"""Arrays of any sort of picture become (H, W, 4) uint8, or it is said why not."""

import numpy as np
import pytest

from inference.errors import PictureError
from inference.images.picture import as_rgba, with_mask

RGB = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10


@pytest.mark.parametrize(
    "given",
    [
        RGB,
        RGB.astype(np.uint16) * 257,
        RGB / 255,
        (RGB / 255).astype(np.float32),
        np.dstack([RGB, np.full((2, 3), 255, np.uint8)]),
    ],
)
def test_eight_bits_sixteen_bits_and_floats_mean_the_same(given: np.ndarray):
    made = as_rgba(given)
    assert made.dtype == np.uint8
    assert (made[:, :, :3] == RGB).all()
    assert (made[:, :, 3] == 255).all()


def test_grey_pictures_have_three_equal_colours_and_keep_their_alpha():
    grey = RGB[:, :, 0]
    assert (as_rgba(grey)[:, :, :3] == grey[:, :, None]).all()
    made = as_rgba(np.dstack([grey, RGB[:, :, 1]]))
    assert (made[:, :, :3] == grey[:, :, None]).all()
    assert (made[:, :, 3] == RGB[:, :, 1]).all()
    assert as_rgba(grey > 20)[1, 1].tolist() == [255] * 4


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (np.zeros((0, 5, 3), np.uint8), "no pixels"),
        (np.zeros((5, 5, 7), np.uint8), "no picture"),
        (np.zeros(5, np.uint8), "no picture"),
        (np.full((5, 5, 3), np.nan), "not finite"),
        (np.zeros((5, 5, 3), np.complex64), "cannot be read"),
        (np.broadcast_to(np.uint8(0), (20_000, 20_000, 3)), "too large"),
    ],
)
def test_what_is_no_picture_is_refused(given: np.ndarray, reason: str):
    with pytest.raises(PictureError, match=reason):
        as_rgba(given)


def test_a_mask_is_bright_or_opaque_where_the_object_is_and_as_large_as_the_picture():
    bright = np.array([[0, 255, 255], [0, 0, 255]], np.uint8)
    assert (with_mask(RGB, bright)[:, :, 3] == bright).all()
    opaque = np.dstack([np.zeros((2, 3, 3), np.uint8), bright])
    assert (with_mask(RGB, opaque)[:, :, 3] == bright).all()
    with pytest.raises(PictureError, match="3 x 1 pixels, the picture 3 x 2"):
        with_mask(RGB, bright[:1])
