"""Images of every depth become 8-bit pictures, and what has no pixels is refused by name."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import bpy
import numpy as np
import pytest

from bonewright.addon.errors import SceneError
from bonewright.addon.scene.views import images as pictures
from bonewright.addon.scene.views.images import read_files, read_image
from bonewright.inference.errors import FileError

# upper row: opaque red, half transparent green; lower row: nothing, opaque grey
WANTED = np.array([[[200, 0, 0, 255], [0, 100, 0, 128]], [[0, 0, 0, 0], [60, 60, 60, 255]]], np.uint8)


def write_png(path: Path, pixels: np.ndarray) -> Path:
    """A PNG of (H, W, C) uint8 or uint16, as its file format says."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(pixels.dtype.newbyteorder(">")).tobytes() for row in pixels)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.dtype.itemsize, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


@pytest.fixture(autouse=True)
def empty(blender: None) -> None:
    pass


def test_eight_and_sixteen_bits_give_the_same_picture_the_right_way_up(tmp_path: Path):
    for pixels in (WANTED, WANTED.astype(np.uint16) * 257):
        found = read_files(write_png(tmp_path / f"{pixels.dtype}.png", pixels)).astype(int)
        assert np.abs(found[WANTED[..., 3] > 0] - WANTED[WANTED[..., 3] > 0]).max() <= 1
        assert found[1, 0, 3] == 0
    assert not bpy.data.images


def test_grey_pictures_have_three_equal_channels_and_are_opaque(tmp_path: Path):
    grey = np.array([[[10], [200]]], np.uint8)
    for pixels in (grey, grey.astype(np.uint16) * 257):
        found = read_files(write_png(tmp_path / f"{pixels.dtype}.png", pixels)).astype(int)
        assert np.abs(found - [[[10, 10, 10, 255], [200, 200, 200, 255]]]).max() <= 1


def test_light_in_floats_is_shown_as_on_a_screen_whatever_is_in_it():
    image = bpy.data.images.new("Light", 2, 1, alpha=True, float_buffer=True)
    image.pixels.foreach_set(np.array([0.214, 9.0, np.nan, 1, 0.107, np.inf, -1.0, 0.5], np.float32))
    found = read_image(image).astype(int)
    assert np.abs(found[0, 0] - [127, 255, 0, 255]).max() <= 1
    assert np.abs(found[0, 1] - [127, 255, 0, 128]).max() <= 1


def test_a_generated_image_is_read_and_alpha_that_is_switched_off_does_not_count():
    image = bpy.data.images.new("Made", 3, 2, alpha=True)
    image.generated_color = (0.5, 0.25, 0.0, 0.5)
    assert read_image(image).shape == (2, 3, 4)
    assert (read_image(image)[..., 3] == 128).all()
    image.alpha_mode = "NONE"
    assert (read_image(image)[..., 3] == 255).all()


def test_a_mask_says_what_the_object_is_and_must_be_as_large_as_the_image():
    image, mask = bpy.data.images.new("Photo", 2, 2), bpy.data.images.new("Mask", 2, 2)
    mask.pixels.foreach_set(np.array([0, 0, 0, 1] * 2 + [1, 1, 1, 1] * 2, np.float32))
    assert read_image(image, mask)[..., 3].tolist() == [[255, 255], [0, 0]]
    with pytest.raises(SceneError, match="'Small' has 1 x 1 pixels, 'Photo' has 2 x 2"):
        read_image(image, bpy.data.images.new("Small", 1, 1))


def test_a_huge_image_is_scaled_down_and_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    image = bpy.data.images.load(str(write_png(tmp_path / "huge.png", np.tile(WANTED, (20, 40, 1)))))
    monkeypatch.setattr(pictures, "MOST", 200)
    assert read_image(image).shape == (10, 20, 4)
    assert tuple(image.size) == (80, 40)
    assert len(bpy.data.images) == 1


def test_what_has_no_pixels_is_refused_by_name(tmp_path: Path):
    lost = bpy.data.images.new("Lost", 4, 4)
    lost.source, lost.filepath = "FILE", str(tmp_path / "gone.png")
    with pytest.raises(SceneError, match=r"'Lost' has no pixels: its file 'gone.png' is missing"):
        read_image(lost)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.txt").write_text("no image", encoding="utf-8")
    for name in ("broken.png", "empty.png", "none.png", "text.txt"):
        with pytest.raises((SceneError, FileError), match=name):
            read_files(tmp_path / name)
    assert list(bpy.data.images) == [lost]


def test_the_cause_is_told_when_a_file_cannot_be_opened(tmp_path: Path):
    with pytest.raises(FileError, match="no such file"):
        read_files(tmp_path / "none.png")
