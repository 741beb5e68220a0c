"""Pictures as files without any library: Blender's own Python has only NumPy. The same pixels give the same bytes."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np

from inference.images.png import png_bytes as png_bytes

_EXR_TYPES = {0: np.dtype("<u4"), 1: np.dtype("<f2"), 2: np.dtype("<f4")}


def npz_bytes(**arrays: np.ndarray) -> bytes:
    """A compressed .npz; NumPy writes no dates into it."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def to_bytes(values: np.ndarray) -> np.ndarray:
    """0..1 to uint8, rounded."""
    return (np.clip(values, 0, 1) * 255 + 0.5).astype(np.uint8)


def srgb(linear: np.ndarray) -> np.ndarray:
    """Linear to sRGB, 0..1."""
    clipped = np.clip(linear, 0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055)


def read_exr(path: Path) -> dict[str, np.ndarray]:
    """The channels, each (H, W), of an uncompressed single-part OpenEXR file with scan lines, as Blender writes it."""
    data = path.read_bytes()
    magic, version = struct.unpack_from("<II", data)
    if magic != 20000630 or version & ~0x4FF:  # 0x400 allows long names; tiles, depth and parts are none of ours
        raise ValueError(f"'{path.name}' is not an OpenEXR file with plain scan lines.")
    header, place = _exr_header(data, 8)
    if header["compression"] != b"\0":
        raise ValueError(f"'{path.name}' is compressed.")
    x_low, y_low, x_high, y_high = struct.unpack("<4i", header["dataWindow"])
    width, height = x_high - x_low + 1, y_high - y_low + 1
    channels = _exr_channels(header["channels"])
    row = np.dtype([("y", "<i4"), ("bytes", "<i4"), *((name, kind, (width,)) for name, kind in channels)])
    lines = np.frombuffer(data, row, height, place + 8 * height)  # a table of 8-byte offsets lies between
    upright = np.argsort(lines["y"])
    return {name: lines[name][upright].astype(np.float32) for name, _ in channels}


def _exr_header(data: bytes, place: int) -> tuple[dict[str, bytes], int]:
    attributes: dict[str, bytes] = {}
    while data[place] != 0:
        name_end = data.index(b"\0", place)
        kind_end = data.index(b"\0", name_end + 1)
        (length,) = struct.unpack_from("<i", data, kind_end + 1)
        attributes[data[place:name_end].decode()] = data[kind_end + 5 : kind_end + 5 + length]
        place = kind_end + 5 + length
    return attributes, place + 1


def _exr_channels(data: bytes) -> list[tuple[str, np.dtype]]:
    channels, place = [], 0
    while data[place] != 0:
        end = data.index(b"\0", place)
        (kind,) = struct.unpack_from("<i", data, end + 1)
        channels.append((data[place:end].decode(), _EXR_TYPES[kind]))
        place = end + 17  # type, linear flag and padding, x and y sampling
    return channels
