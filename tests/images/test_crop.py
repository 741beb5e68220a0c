"""A crop is the square about the silhouette, however large the picture, and what lies outside is empty."""

import numpy as np
import pytest

from inference.errors import EmptyPictureError
from inference.images.crop import FILL, crop_of, crop_picture


def picture(height: int, width: int, rows: slice, columns: slice) -> np.ndarray:
    made = np.zeros((height, width, 4), np.uint8)
    made[rows, columns] = (200, 100, 50, 255)
    return made


@pytest.mark.parametrize(("rows", "columns"), [(slice(40, 140), slice(30, 70)), (slice(0, 20), slice(0, 200))])
def test_the_longer_side_of_the_box_takes_its_share_and_the_middle_is_the_boxs(rows: slice, columns: slice):
    seen, crop = crop_picture(picture(150, 200, rows, columns), 100)
    assert (crop.x, crop.y) == ((columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2)
    assert (crop.width, crop.height) == (200, 150)
    inside = seen[3] >= 0.5
    extent = max(int(inside.any(0).sum()), int(inside.any(1).sum()))
    assert extent == pytest.approx(100 * FILL, abs=1.01)
    assert np.argwhere(inside).mean(0) == pytest.approx([49.5, 49.5], abs=0.51)


def test_colours_are_multiplied_by_alpha_and_what_is_outside_the_picture_is_empty():
    made = picture(60, 60, slice(0, 60), slice(0, 60))
    made[:, :, 3] = 200
    seen, _ = crop_picture(made, 64)
    assert seen[:, 32, 32] == pytest.approx(np.array([200, 100, 50, 255]) / 255 * 200 / 255, abs=1e-5)
    assert (seen[:, 0, 0] == 0).all()
    assert seen.dtype == np.float32
    assert seen.min() >= 0
    assert seen.max() <= 1


def test_a_picture_twice_as_large_gives_the_same_crop():
    disc = np.hypot(*(np.mgrid[:120, :160] - np.array([60, 70])[:, None, None])) < 35
    small = np.zeros((120, 160, 4), np.uint8)
    small[disc] = (10, 200, 90, 255)
    large = small.repeat(12, 0).repeat(12, 1)
    assert np.abs(crop_picture(small, 48)[0] - crop_picture(large, 48)[0]).mean() < 0.01


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (3, 2)])
def test_pictures_of_a_few_pixels_can_be_cropped(shape: tuple[int, int]):
    seen, crop = crop_picture(np.full((*shape, 4), 255, np.uint8), 32)
    assert np.isfinite(seen).all()
    assert seen[3].max() > 0.1
    assert crop.size == pytest.approx(max(shape) / FILL)


def test_a_picture_without_an_object_says_so():
    with pytest.raises(EmptyPictureError, match="transparent everywhere"):
        crop_of(np.zeros((20, 20), np.uint8))
