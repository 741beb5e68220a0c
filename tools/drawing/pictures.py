"""Picture files as Pillow reads them: of any colours, turned as their camera was held, the first of several frames."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.package import as_package

as_package()

from bonewright.inference.errors import PictureError  # noqa: E402
from bonewright.inference.images.picture import MOST_PIXELS, as_rgba, with_mask  # noqa: E402

if TYPE_CHECKING:
    from PIL import Image

Read = tuple[np.ndarray, list[str]]  # (H, W, 4) uint8, and what is to be noted


def reader() -> Callable[[Path, Path | None], Read] | None:
    """`read_picture`; None where Pillow is not installed, so that Blender has to read pictures."""
    return read_picture if importlib.util.find_spec("PIL") is not None else None


def read_picture(path: Path, mask: Path | None = None) -> Read:
    """A picture and, in its alpha, the mask for it."""
    picture, notes = _read(path)
    if mask is None:
        return picture, notes
    cut, told = _read(mask)
    return with_mask(picture, cut), notes + told


def _read(path: Path) -> Read:
    from PIL import Image, ImageOps

    # Files that unpack to far more than they hold are refused by size, here and not by Pillow's own limit.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise PictureError(f"'{path.name}' is too large ({width} x {height} pixels). Make it smaller.")
            frames = getattr(image, "n_frames", 1)
            image.load()
            pixels = _pixels(ImageOps.exif_transpose(image))
    except PictureError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, OverflowError) as error:
        # Pillow answers damage with any of these.
        if not path.is_file():
            raise PictureError(f"'{path}' does not exist. Check the path.") from error
        reason = " ".join(str(error).replace(str(path), path.name).split()) or type(error).__name__
        raise PictureError(f"'{path.name}' cannot be read: {reason}. Save it again.") from error
    return as_rgba(pixels), [f"Of the {frames} frames of '{path.name}' the first was used."] if frames > 1 else []


def _pixels(image: Image.Image) -> np.ndarray:
    """Grey, RGB or RGBA pixels of 8 or 16 bits, or floats."""
    if image.mode.startswith("I;16") or image.mode == "I":
        values = np.asarray(image).astype(np.int64)
        return np.clip(values, 0, 65535).astype(np.uint16)
    if image.mode == "F":
        values = np.asarray(image, np.float64)
        most = float(values.max(initial=0.0))
        return values / (255.0 if most > 1.0 else 1.0)
    has_alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
