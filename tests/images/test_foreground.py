"""The object is what is opaque, or what stands out from a plain background."""

import numpy as np
import pytest

from inference.errors import BackgroundError, EmptyPictureError
from inference.images.foreground import cut_out
from inference.images.outline import overlap

SIZE = 160
Y, X = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
RING = (np.hypot(X, Y) < 0.35) & (np.hypot(X, Y) > 0.15)
RED = np.array([190, 40, 30])


def backgrounds() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    flat = np.ones((SIZE, SIZE, 3))
    return {
        "white": 255 * flat,
        "green": flat * (30, 180, 60),
        "lit from the left": (170 - 70 * X)[..., None] * flat,
        "noisy": 180 + rng.normal(0, 8, (SIZE, SIZE, 3)),
        "almost as the object": flat * (205, 80, 60),
    }


def before(background: np.ndarray, mask: np.ndarray = RING) -> np.ndarray:
    colours = np.where(mask[..., None], RED * (0.8 + 0.4 * X[..., None]), background)
    return np.dstack([colours.clip(0, 255), np.full((SIZE, SIZE), 255)]).astype(np.uint8)


@pytest.mark.parametrize("name", backgrounds())
def test_an_object_with_a_hole_is_found_before_a_plain_background(name: str):
    found = cut_out(before(backgrounds()[name]))[:, :, 3] > 127
    assert overlap(found, RING) > (0.88 if name == "noisy" else 0.96)
    assert not found[SIZE // 2, SIZE // 2]


def test_a_large_picture_gives_a_mask_of_its_own_size():
    found = cut_out(before(backgrounds()["white"]).repeat(8, 0).repeat(8, 1))
    assert found.shape == (8 * SIZE, 8 * SIZE, 4)
    assert overlap(found[:, :, 3] > 127, RING.repeat(8, 0).repeat(8, 1)) > 0.97


def test_an_object_may_stand_at_the_border():
    leg = (np.abs(X) < 0.1) & (Y > -0.2)
    assert overlap(cut_out(before(backgrounds()["white"], leg))[:, :, 3] > 127, leg) > 0.97


def test_transparency_is_taken_at_its_word():
    given = before(backgrounds()["white"])
    given[:, :, 3] = np.where(RING, 255, 0)
    assert cut_out(given) is given


def test_a_background_of_many_colours_is_refused():
    crowd = np.random.default_rng(1).integers(0, 256, (8, 8, 3)).repeat(20, 0).repeat(20, 1)
    with pytest.raises(BackgroundError, match="give a mask"):
        cut_out(before(crowd))


@pytest.mark.parametrize("shape", [(SIZE, SIZE), (1, 1), (1, 40), (2, 3)])
def test_a_picture_of_one_colour_shows_nothing(shape: tuple[int, int]):
    with pytest.raises(EmptyPictureError, match="no object"):
        cut_out(np.full((*shape, 4), 255, np.uint8))


def test_a_transparent_picture_shows_nothing():
    with pytest.raises(EmptyPictureError, match="transparent"):
        cut_out(np.zeros((9, 9, 4), np.uint8))
