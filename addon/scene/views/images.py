"""Images of Blender -> pictures as networks read them: 8 bits, sRGB, straight alpha, the upper row first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ....inference.errors import FileError
from ....inference.images.drawing import to_srgb
from ...errors import SceneError
from ...typed import copy_of, numbers

MOST = 1 << 25  # pixels of an image that is read whole; a larger one is scaled down by Blender first


def read_image(image: bpy.types.Image, mask: bpy.types.Image | None = None) -> np.ndarray:
    """The pixels of `image` (H, W, 4) uint8; the bright part of `mask` is the object where there is one."""
    picture = _pixels(image)
    if mask is None:
        return picture
    cut = _pixels(mask)
    if cut.shape != picture.shape:
        sizes = [f"{pixels.shape[1]} x {pixels.shape[0]}" for pixels in (cut, picture)]
        raise SceneError(f"The mask '{mask.name}' has {sizes[0]} pixels, '{image.name}' has {sizes[1]}. Scale one.")
    bright = cut[:, :, :3].max(2).astype(np.uint16) * cut[:, :, 3] // 255
    return np.dstack([picture[:, :, :3], bright.astype(np.uint8)])


def read_files(path: Path, mask: Path | None = None) -> np.ndarray:
    """The same of files; nothing of them stays in Blender's data."""
    with _opened(path) as image:
        if mask is None:
            return read_image(image)
        with _opened(mask) as cut:
            return read_image(image, cut)


@contextmanager
def _opened(path: Path) -> Iterator[bpy.types.Image]:
    """The image in the file `path`, gone from Blender's data afterwards."""
    try:
        image = bpy.data.images.load(str(path), check_existing=False)
    except RuntimeError as error:
        raise FileError(f"'{path.name}' cannot be opened: {_reason(path)}. Choose another file.") from error
    try:
        yield image
    finally:
        bpy.data.images.remove(image)


def _reason(path: Path) -> str:
    if not path.is_file():
        return "there is no such file"
    return "it is empty" if path.stat().st_size == 0 else "it is no image that Blender knows"


def _pixels(image: bpy.types.Image) -> np.ndarray:
    width, height = (int(pixels) for pixels in numbers(image.size))
    if width * height == 0 or len(numbers(image.pixels)) == 0:
        raise SceneError(f"The image '{image.name}' has no pixels: {_why_empty(image)}.")
    if width * height > MOST and not image.is_dirty:
        return _scaled_down(image)
    values = np.empty(len(numbers(image.pixels)), np.float32)
    image.pixels.foreach_get(values)
    values = values.reshape(height, width, -1)[::-1]
    rgb, alpha = _channels(values)
    if image.alpha_mode == "NONE":
        alpha = np.ones_like(alpha)
    if image.is_float:  # half and full floats, and files of 16 bits, are kept as light, times alpha
        rgb = np.nan_to_num(rgb, posinf=1.0)
        if image.alpha_mode == "PREMUL" or image.alpha_mode == "STRAIGHT":
            rgb = rgb / np.where(alpha > 0, alpha, 1.0)
        if image.colorspace_settings is None or not image.colorspace_settings.is_data:
            rgb = to_srgb(rgb)
    picture = np.concatenate([rgb, alpha], 2)
    return np.round(255 * np.clip(np.nan_to_num(picture), 0.0, 1.0)).astype(np.uint8)


def _channels(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colour (H, W, 3) and alpha (H, W, 1) of 1 to 4 channels."""
    count = values.shape[2]
    alpha = values[:, :, count - 1 :] if count in (2, 4) else np.ones((*values.shape[:2], 1), np.float32)
    return (values[:, :, :3] if count >= 3 else np.repeat(values[:, :, :1], 3, axis=2)), alpha


def _scaled_down(image: bpy.types.Image) -> np.ndarray:
    width, height = (int(pixels) for pixels in numbers(image.size))
    share = (MOST / (width * height)) ** 0.5
    copy = copy_of(image)
    try:
        copy.scale(max(int(width * share), 1), max(int(height * share), 1))
        return _pixels(copy)
    finally:
        bpy.data.images.remove(copy)


def _why_empty(image: bpy.types.Image) -> str:
    if image.type == "RENDER_RESULT":
        return "Blender does not hand out a render. Save it to a file first"
    if image.source in {"FILE", "SEQUENCE", "MOVIE", "TILED"} and image.packed_file is None:
        path = Path(bpy.path.abspath(image.filepath, library=image.library))
        return f"its file '{path.name}' {'cannot be read' if path.is_file() else 'is missing'}. Choose another one"
    return "it is empty. Choose another one"
