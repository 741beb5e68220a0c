"""Arrays of any sort of picture, made into the one that everything here takes: (H, W, 4) uint8, straight alpha."""

from __future__ import annotations

import numpy as np

from ..errors import PictureError
from .crop import HALF

MOST_PIXELS = 150_000_000
OPAQUE = 255


def as_rgba(picture: np.ndarray) -> np.ndarray:
    """Grey, grey and alpha, RGB or RGBA, of whole numbers of 8 or 16 bits or of floats from 0 to 1."""
    if picture.ndim == 2:
        picture = picture[:, :, None]
    if picture.ndim != 3 or not 1 <= picture.shape[2] <= 4:
        raise PictureError(f"An array of {picture.shape} is no picture. Give rows, columns and 1 to 4 channels.")
    height, width, channels = picture.shape
    if height == 0 or width == 0:
        raise PictureError("The picture has no pixels. Choose another one.")
    if height * width > MOST_PIXELS:
        raise PictureError(f"The picture is too large ({width} x {height} pixels). Make it smaller.")
    eight = _eight_bits(picture)
    if channels < 3:
        eight = np.concatenate([eight[:, :, :1].repeat(3, 2), eight[:, :, 1:]], 2)
    if eight.shape[2] == 3:
        eight = np.concatenate([eight, np.full((height, width, 1), OPAQUE, np.uint8)], 2)
    return eight


def with_mask(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture with `mask` for its alpha: white (or, if there is any transparency, opaque) is the object."""
    picture, mask = as_rgba(picture), as_rgba(mask)
    if mask.shape != picture.shape:
        sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in (mask, picture)]
        raise PictureError(f"The mask has {sizes[0]} pixels, the picture {sizes[1]}. Make them alike.")
    alpha = mask[:, :, 3] if (mask[:, :, 3] < HALF).any() else mask[:, :, :3].max(2)
    return np.concatenate([picture[:, :, :3], alpha[:, :, None]], 2)


def _eight_bits(picture: np.ndarray) -> np.ndarray:
    kind = picture.dtype
    if kind == np.uint8:
        return picture
    if kind == np.bool_:
        return picture.astype(np.uint8) * np.uint8(OPAQUE)
    if kind.kind == "f":
        if not np.isfinite(picture).all():
            raise PictureError("The picture has values that are not finite numbers. Save it again.")
        return np.round(np.clip(picture, 0.0, 1.0) * 255).astype(np.uint8)
    if kind == np.uint16:
        return np.round(picture / np.float32(257)).astype(np.uint8)
    raise PictureError(f"A picture of {kind} values cannot be read. Use 8 or 16 bits, or floats from 0 to 1.")
