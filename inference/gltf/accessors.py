"""Accessors <-> arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..anatomy import Array
from ..errors import FileError
from .asset import Asset

SCALARS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
LARGEST = {"<i1": 127.0, "<u1": 255.0, "<i2": 32767.0, "<u2": 65535.0}
MOST = 1 << 27  # numbers that an accessor may claim to hold without a byte for them
VERTEX_DATA = {"target": 34962}  # what a buffer view with attributes of vertices is for
_CODES = {np.dtype(kind): code for code, kind in SCALARS.items()}


def read_accessor(asset: Asset, number: int) -> Array:
    """The elements of an accessor, (count, width); normalised integers become float64."""
    accessor = asset.entries("accessors")[_index(number)]
    kind, width, count = SCALARS[accessor["componentType"]], WIDTHS[accessor["type"]], _index(accessor["count"])
    if "bufferView" in accessor:
        values = _stored(asset, accessor["bufferView"], accessor.get("byteOffset", 0), kind, (count, width))
    elif count * width <= MOST:
        values = np.zeros((count, width), kind)
    else:
        raise ValueError(f"an accessor of {count} elements without data")
    if "sparse" in accessor:
        values = _with_sparse(asset, accessor["sparse"], values)
    if accessor.get("normalized", False):
        return np.maximum(values / LARGEST[kind], -1.0)
    return values


def append_accessor(asset: Asset, values: Array, kind: str, view: Mapping[str, object]) -> int:
    """Add an accessor of type `kind` with `values`, (count, width); `view` says more of its buffer view. Its number."""
    packed = np.ascontiguousarray(values)
    number = asset.append_view(packed.tobytes(), **view)
    entry = {"bufferView": number, "componentType": _CODES[packed.dtype], "count": len(packed), "type": kind}
    return asset.append("accessors", entry)


def _stored(asset: Asset, number: int, offset: int, kind: str, shape: tuple[int, int]) -> Array:
    """An array over the bytes of a buffer view, with its stride."""
    view = asset.entries("bufferViews")[_index(number)]
    content = asset.buffers[_index(view["buffer"])]
    if content is None:
        raise FileError(
            f"'{asset.name}' is compressed with EXT_meshopt_compression, which is not read. "
            "Unpack it first, for example with: npx @gltf-transform/cli copy IN.glb OUT.glb"
        )
    item = np.dtype(kind).itemsize
    tight = item * shape[1]
    stride, start = _index(view.get("byteStride", tight)), _index(view.get("byteOffset", 0))
    end = _index(offset) + (shape[0] - 1) * stride + tight
    if shape[0] and (stride < tight or end > _index(view["byteLength"]) or start + end > len(content)):
        raise ValueError("an accessor that ends after its buffer")
    return np.ndarray(shape, kind, content, start + offset, (stride, item))


def _with_sparse(asset: Asset, sparse: dict, values: Array) -> Array:
    """`values` with some elements replaced."""
    count, where, new = _index(sparse["count"]), sparse["indices"], sparse["values"]
    places = _stored(
        asset, where["bufferView"], where.get("byteOffset", 0), SCALARS[where["componentType"]], (count, 1)
    )
    values = values.copy()
    values[places[:, 0].astype(np.int64)] = _stored(
        asset, new["bufferView"], new.get("byteOffset", 0), values.dtype.str.replace("|", "<"), (count, values.shape[1])
    )
    return values


def _index(number: object) -> int:
    """A number that counts something: a negative one would silently count from the end."""
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"the index {number}")
    return number
