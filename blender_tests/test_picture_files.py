"""Picture files of any kind are read, or it is said what is wrong with them."""

import struct
from pathlib import Path

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

from bonewright.inference.errors import PictureError  # noqa: E402
from tools.drawing.pictures import read_picture  # noqa: E402

SCENE = np.zeros((20, 30, 3), np.uint8)
SCENE[5:15, 10:18] = (200, 40, 20)


def test_colours_of_every_mode_come_out_alike(tmp_path: Path):
    image = Image.fromarray(SCENE)
    image.save(tmp_path / "rgb.png")
    image.convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "palette.png")
    image.convert("CMYK").save(tmp_path / "cmyk.tif")
    image.save(tmp_path / "plain.webp", lossless=True)
    for path in sorted(tmp_path.iterdir()):
        picture, notes = read_picture(path)
        assert picture.shape == (20, 30, 4)
        assert picture.dtype == np.uint8
        assert np.abs(picture[:, :, :3].astype(int) - SCENE).max() <= 2, path.name
        assert (picture[:, :, 3] == 255).all()
        assert notes == []


def test_a_cmyk_photograph_is_read(tmp_path: Path):
    Image.fromarray(SCENE).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    assert np.abs(read_picture(tmp_path / "print.jpg")[0][:, :, :3].astype(int) - SCENE).mean() < 12


def test_alpha_is_kept_in_grey_in_palettes_and_in_rgba(tmp_path: Path):
    alpha = np.where(SCENE[:, :, 0] > 0, 255, 0).astype(np.uint8)
    Image.fromarray(np.dstack([SCENE, alpha])).save(tmp_path / "rgba.png")
    Image.fromarray(np.dstack([SCENE[:, :, 0], alpha])).save(tmp_path / "grey.png")
    Image.fromarray(SCENE).convert("P").save(tmp_path / "palette.png", transparency=0)
    for path in sorted(tmp_path.iterdir()):
        assert (read_picture(path)[0][:, :, 3] == alpha).all(), path.name


def test_sixteen_bits_become_eight(tmp_path: Path):
    grey = SCENE[:, :, 0].astype(np.uint16) * 257
    Image.fromarray(grey).save(tmp_path / "deep.png")
    assert (read_picture(tmp_path / "deep.png")[0][:, :, 0] == SCENE[:, :, 0]).all()


def test_a_camera_held_on_its_side_is_turned_back(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(SCENE).save(tmp_path / "side.png", exif=exif)
    picture, _ = read_picture(tmp_path / "side.png")
    assert (picture[:, :, :3] == np.rot90(SCENE, -1)).all()


def test_of_an_animation_the_first_frame_is_used_and_it_is_said(tmp_path: Path):
    first, second = Image.fromarray(SCENE), Image.fromarray(255 - SCENE)
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second, first])
    picture, notes = read_picture(tmp_path / "moving.gif")
    assert np.abs(picture[:, :, :3].astype(int) - SCENE).max() < 60
    assert notes == ["Of the 3 frames of 'moving.gif' the first was used."]


def test_a_mask_file_becomes_the_alpha_and_must_fit(tmp_path: Path):
    mask = np.where(SCENE[:, :, 0] > 0, 255, 0).astype(np.uint8)
    Image.fromarray(SCENE).save(tmp_path / "a.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    Image.fromarray(mask[:10]).save(tmp_path / "short.png")
    assert (read_picture(tmp_path / "a.png", tmp_path / "mask.png")[0][:, :, 3] == mask).all()
    with pytest.raises(PictureError, match="30 x 10"):
        read_picture(tmp_path / "a.png", tmp_path / "short.png")


def test_damaged_and_missing_files_are_named(tmp_path: Path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(tmp_path / "good.png")
    whole = (tmp_path / "good.png").read_bytes()
    broken = {
        "short.png": whole[:3000],
        "empty.png": b"",
        "text.png": b"not a picture",
        "bits.png": whole[:100] + bytes(300) + whole[400:],
        "head.jpg": b"\xff\xd8\xff\xe0" + bytes(20),
        "vast.png": whole[:16] + struct.pack(">II", 100_000, 100_000) + whole[24:],
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PictureError, match=name):
            read_picture(tmp_path / name)
    with pytest.raises(PictureError, match="does not exist"):
        read_picture(tmp_path / "nowhere.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PictureError, match="folder"):
        read_picture(tmp_path / "folder.png")
