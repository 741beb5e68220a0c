"""The square around an object in a picture, drawn at a network's size: training and use see pictures the same way.

The crop is the whole picture of the camera that networks know.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_matrix

from ..anatomy import Crop
from ..errors import EmptyPictureError

FILL = 0.68  # share of the crop that the longer side of the silhouette's box takes
HALF = 128  # alpha from which a pixel is the object's


def crop_picture(picture: np.ndarray, size: int) -> tuple[np.ndarray, Crop]:
    """RGB times alpha and alpha of the object in `picture` (H, W, 4) uint8: float32 (4, size, size) in 0..1."""
    crop = crop_of(picture[:, :, 3])
    return draw_crop(picture, crop, size), crop


def crop_of(alpha: np.ndarray) -> Crop:
    """The square about the silhouette in `alpha` (H, W) uint8."""
    shown = object_in(alpha)
    columns, rows = (np.flatnonzero(shown.any(axis)) for axis in (0, 1))
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    side = max(right - left, bottom - top) / FILL
    height, width = alpha.shape
    return Crop(float(left + right) / 2, float(top + bottom) / 2, float(side), width, height)


def object_in(alpha: np.ndarray) -> np.ndarray:
    """Which pixels of `alpha` (H, W) uint8 are the object's; there are some."""
    shown = alpha >= HALF
    if not shown.any():
        raise EmptyPictureError("There is no object in the picture: it is transparent everywhere. Choose another one.")
    return shown


def draw_crop(picture: np.ndarray, crop: Crop, size: int) -> np.ndarray:
    """The crop of `picture` (H, W, 4) uint8 as float32 (4, size, size); what lies outside the picture is empty."""
    down, rows = _resampling(crop.y, crop.size, crop.height, size)
    across, columns = _resampling(crop.x, crop.size, crop.width, size)
    part = picture[rows, columns].astype(np.float32) / 255
    part[:, :, :3] *= part[:, :, 3:]
    high, wide = part.shape[:2]
    low = (down @ part.reshape(high, -1)).reshape(size, wide, 4)
    small = across @ np.ascontiguousarray(low.transpose(1, 0, 2)).reshape(wide, -1)
    return np.ascontiguousarray(small.reshape(size, size, 4).transpose(2, 1, 0))


def _resampling(middle: float, side: float, length: int, size: int) -> tuple[csr_matrix, slice]:
    """Weights (size, N) of N pixels along an axis of `length`, and which these are: tents, wide enough not to alias."""
    step = side / size  # pixels of the picture to one of the crop
    reach = max(step, 1.0)
    stride = max(int(step) // 4, 1)  # of a large picture, some pixels say enough
    centres = middle - side / 2 + step * (np.arange(size) + 0.5) - 0.5
    start = np.floor((centres - reach) / stride).astype(np.int64) + 1
    pixel = start[:, None] + np.arange(math.ceil(2 * reach / stride))
    weight = np.maximum(1 - np.abs(stride * pixel - centres[:, None]) / reach, 0.0)
    weight /= weight.sum(1, keepdims=True)
    row = np.broadcast_to(np.arange(size)[:, None], pixel.shape)
    held = (pixel >= 0) & (stride * pixel < length) & (weight > 0)
    first, last = int(pixel[held].min()), int(pixel[held].max())
    matrix = csr_matrix((weight[held].astype(np.float32), (row[held], pixel[held] - first)), (size, last - first + 1))
    return matrix, slice(stride * first, stride * last + 1, stride)
