"""What in a picture is the object: by its alpha, or by a plain background that goes round it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from ..anatomy import Crop
from ..errors import BackgroundError, EmptyPictureError
from .crop import crop_of, object_in
from .picture import as_rgba

LONGEST = 768  # pixels of the picture along its longer side when backgrounds are looked for
FRAME = 0.01  # share of the longer side that the frame is wide which shows the background
LIKE, LIKE_MOST = 7.0, 24.0  # colour difference (CIE 1976) up to which a pixel is background, on even and on noisy ones
SPREADS = 4.0  # the same in standard deviations of the background
NOISE_BLUR = 1.2  # pixels by which noisy pictures are smoothed
PLAIN = 0.55  # share of the frame that must be alike; the object may hide the rest
HOLE, CERTAINLY = 5e-4, 0.6  # a hole takes this share of the picture, and is this much more alike
SPECK = 2e-3  # parts below this share of the largest are noise
ADVICE = "Save it with a transparent background or give a mask."


def found_in(pictures: Sequence[np.ndarray]) -> tuple[list[np.ndarray], tuple[Crop, ...]]:
    """Pictures of any sort with nothing but the object in them, and the squares around it."""
    cut = [cut_out(as_rgba(picture)) for picture in pictures]
    return cut, tuple(crop_of(picture[:, :, 3]) for picture in cut)


def cut_out(picture: np.ndarray) -> np.ndarray:
    """The picture (H, W, 4) uint8 with an alpha that is the object's alone."""
    if not object_in(picture[:, :, 3]).all():
        return picture
    found = np.where(_before_plain(picture[:, :, :3]), np.uint8(255), np.uint8(0))
    return np.concatenate([picture[:, :, :3], found[:, :, None]], 2)


def _before_plain(colours: np.ndarray) -> np.ndarray:
    """Which pixels (H, W) of `colours` (H, W, 3) uint8 stand out from the background."""
    height, width = colours.shape[:2]
    step = -(-max(height, width) // LONGEST)
    small = _lab(colours[::step, ::step])
    distance, limit = _unlike(small)
    if limit > LIKE:  # noise hides what differs less
        distance, limit = _unlike(ndimage.gaussian_filter(small, (NOISE_BLUR, NOISE_BLUR, 0)))
    behind = _reached(distance <= limit) | _holes(distance, limit)
    there = _without_specks(~behind)
    if not there.any():
        raise EmptyPictureError(f"The picture shows no object: all of it looks like background. {ADVICE}")
    rows, columns = (np.minimum(np.arange(n) // step, m - 1) for n, m in zip((height, width), there.shape, strict=True))
    return there[np.ix_(rows, columns)]


def _unlike(lab: np.ndarray) -> tuple[np.ndarray, float]:
    """How far each pixel's colour is from the background's, (H, W), and how far that may be."""
    height, width = lab.shape[:2]
    edge = max(1, round(FRAME * max(height, width)))
    framed = np.ones((height, width), bool)
    framed[edge : height - edge, edge : width - edge] = False
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    place = np.stack([np.ones_like(x), x, y], 2)
    there, seen = place[framed], lab[framed]
    model = np.zeros((3, 3))
    model[0] = _commonest(seen)
    for _ in range(4):  # light may fall off evenly to one side; what the object hides is left out
        gap = np.linalg.norm(seen - there @ model, axis=1)
        alike = gap <= LIKE_MOST
        if alike.mean() < PLAIN:
            raise BackgroundError(f"What is behind the object is not plain. {ADVICE}")
        model = np.linalg.lstsq(there[alike], seen[alike], rcond=None)[0]
        if np.ptp(place[[0, 0, -1, -1], [0, -1, 0, -1]] @ model, axis=0).max() > 3 * LIKE_MOST:
            raise BackgroundError(f"What is behind the object is not plain. {ADVICE}")
    gap = np.linalg.norm(seen - there @ model, axis=1)
    spread = float(np.median(gap)) / 1.54  # the median length of three normal numbers
    limit = min(max(LIKE, SPREADS * spread), LIKE_MOST)
    if (gap <= limit).mean() < PLAIN:
        raise BackgroundError(f"What is behind the object is not plain. {ADVICE}")
    return np.linalg.norm(lab - place @ model, axis=2), limit


def _commonest(colours: np.ndarray) -> np.ndarray:
    """The middle of the fullest box of colours (N, 3)."""
    boxes = np.floor(colours / LIKE_MOST).astype(np.int64)
    _, label, count = np.unique(boxes, axis=0, return_inverse=True, return_counts=True)
    near = colours[label.reshape(-1) == np.argmax(count)].mean(0)
    return np.median(colours[np.linalg.norm(colours - near, axis=1) <= LIKE_MOST], axis=0)


def _reached(alike: np.ndarray) -> np.ndarray:
    """What of `alike` hangs together with the picture's border."""
    label = _labels(np.pad(alike, 1, constant_values=True))
    return (label == label[0, 0])[1:-1, 1:-1]


def _holes(distance: np.ndarray, limit: float) -> np.ndarray:
    """Background that is seen through the object: enclosed, not small, and surely alike."""
    inner = (distance <= limit) & ~_reached(distance <= limit)
    label = _labels(inner)
    size = np.bincount(label.ravel())
    mean = np.bincount(label.ravel(), distance.ravel()) / np.maximum(size, 1)
    hole = (size >= max(HOLE * distance.size, 4)) & (mean <= CERTAINLY * limit)
    hole[0] = False
    return hole[label]


def _without_specks(there: np.ndarray) -> np.ndarray:
    label = _labels(there, np.ones((3, 3)))
    size = np.bincount(label.ravel())
    size[0] = 0
    return (size >= max(SPECK * size.max(), 1))[label] & there


def _labels(mask: np.ndarray, around: np.ndarray | None = None) -> np.ndarray:
    """A number for each connected part of `mask`, 0 outside."""
    label = np.zeros(mask.shape, np.int32)
    ndimage.label(mask, around, output=label)
    return label


def _lab(colours: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of sRGB colours (H, W, 3) uint8: equal steps look equally different."""
    linear = _LINEAR[colours] @ _TO_XYZ.T
    f = np.where(linear > 0.008856, np.cbrt(linear), 7.787 * linear + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


_SHARE = np.arange(256) / 255
_LINEAR = np.where(_SHARE <= 0.04045, _SHARE / 12.92, ((_SHARE + 0.055) / 1.055) ** 2.4)
# Linear sRGB to XYZ over the white point D65.
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
) / np.array([[0.95047], [1.0], [1.08883]])
