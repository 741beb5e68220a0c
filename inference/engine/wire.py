"""Frames over a pipe: a fixed prefix, a JSON header, the raw bytes of the arrays. Nothing in a frame is executed."""

from __future__ import annotations

import dataclasses
import json
import math
import struct
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import numpy as np

from .. import anatomy
from .. import requests as jobs
from ..errors import ProtocolError

PROTOCOL = 15
"""Raised whenever a message or a noun changes; both ends must agree."""

_MAGIC = b"BONE"
_PREFIX = struct.Struct("<4sHxxI")  # magic, protocol, length of the header
_MOST_HEADER = 256 << 20
_MOST_BODY = 64 << 30
_CHUNK = 1 << 20

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True)
class Hello:
    """The worker is up."""

    python: str
    numpy: str


@dataclass(frozen=True)
class Ask:
    """Do this job."""

    ticket: int
    job: jobs.Job[object]


@dataclass(frozen=True)
class Cancel:
    """Stop that job."""

    ticket: int


@dataclass(frozen=True)
class Step:
    """How far that job is."""

    ticket: int
    fraction: float
    message: str


@dataclass(frozen=True)
class Done:
    """What came of that job."""

    ticket: int
    result: object


@dataclass(frozen=True)
class Failed:
    """Why nothing came of that job."""

    ticket: int
    error: str  # name of a class in errors.py, or "" for one that nobody expected
    message: str
    trace: str  # "" for named errors


Message = Hello | Ask | Cancel | Step | Done | Failed
_MESSAGES = (Hello, Ask, Cancel, Step, Done, Failed)


def _dataclasses_of(module: types.ModuleType) -> list[type]:
    return [item for item in vars(module).values() if isinstance(item, type) and dataclasses.is_dataclass(item)]


_CLASSES: dict[str, Callable[..., object]] = {
    cls.__name__: cls for cls in (*_dataclasses_of(anatomy), *_dataclasses_of(jobs), *_MESSAGES)
}


def write_message(stream: IO[bytes], message: Message) -> None:
    """Send `message`; returns when the last byte is in the pipe."""
    arrays: list[np.ndarray] = []
    content = _pack(message, arrays)
    shapes = [[array.dtype.str, list(array.shape)] for array in arrays]
    header = json.dumps({"content": content, "arrays": shapes}, separators=(",", ":")).encode()
    _write_all(stream, memoryview(_PREFIX.pack(_MAGIC, PROTOCOL, len(header)) + header))
    for array in arrays:
        _write_all(stream, np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def read_message(stream: IO[bytes]) -> Message | None:
    """The next message, or None when the other end has closed the pipe."""
    prefix = bytearray(_PREFIX.size)
    if not _read_all(stream, memoryview(prefix)):
        return None
    magic, protocol, length = _PREFIX.unpack(prefix)
    if magic != _MAGIC:
        raise ProtocolError(f"What came over the pipe is no Bonewright message: {bytes(prefix)!r}.")
    if protocol != PROTOCOL:
        raise ProtocolError(
            f"The worker speaks protocol {protocol}, this Bonewright speaks {PROTOCOL}. Restart after an update."
        )
    if length > _MOST_HEADER:
        raise ProtocolError(f"A message header of {length} bytes is too long.")
    raw = bytearray(length)
    if not _read_all(stream, memoryview(raw)):
        raise ProtocolError("The pipe closed in the middle of a message.")
    try:
        header = json.loads(raw)
        arrays = [_empty(dtype, shape) for dtype, shape in header["arrays"]]
        content = header["content"]
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"A message could not be read: {error}.") from error
    for array in arrays:
        if array.nbytes and not _read_all(stream, array.reshape(-1).view(np.uint8).data):
            raise ProtocolError("The pipe closed in the middle of a message.")
    message = _unpack(content, arrays)
    if not isinstance(message, _MESSAGES):
        raise ProtocolError(f"A {type(message).__name__} is no message.")
    return message


def _pack(value: object, arrays: list[np.ndarray]) -> Plain:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise TypeError(f"An array of {value.dtype} cannot be sent.")
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic):
        return _pack(value.item(), arrays)
    if isinstance(value, tuple | list):
        return [_pack(item, arrays) for item in value]
    if dataclasses.is_dataclass(value) and _CLASSES.get(type(value).__name__) is type(value):
        fields = {field.name: _pack(getattr(value, field.name), arrays) for field in dataclasses.fields(value)}
        return {"class": type(value).__name__, "fields": fields}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"A {type(value).__name__} cannot be sent.")


def _unpack(content: Plain, arrays: list[np.ndarray]) -> object:
    """The inverse of `_pack`; every sequence comes back as a tuple, as the nouns want it."""
    if isinstance(content, list):
        return tuple(_unpack(item, arrays) for item in content)
    if not isinstance(content, dict):
        return content
    try:
        if "array" in content:
            index = content["array"]
            assert isinstance(index, int)
            return arrays[index]
        name, fields = content["class"], content["fields"]
        assert isinstance(name, str)
        assert isinstance(fields, dict)
        return _CLASSES[name](**{key: _unpack(item, arrays) for key, item in fields.items()})
    except (KeyError, IndexError, TypeError, AssertionError) as error:
        raise ProtocolError(f"A message could not be understood: {error!r}.") from error


def _empty(dtype: str, shape: list[int]) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind not in "biuf" or any(not isinstance(n, int) or n < 0 for n in shape):
        raise ProtocolError(f"An array of {dtype} {shape} cannot be received.")
    if math.prod(shape) * kind.itemsize > _MOST_BODY:
        raise ProtocolError(f"An array of {shape} is too large.")
    return np.empty(shape, kind)


def _write_all(stream: IO[bytes], view: memoryview) -> None:
    """Raw pipes may take less than offered; small chunks keep a cancelled sender from holding a large one."""
    while view:
        view = view[stream.write(view[:_CHUNK]) :]


def _read_all(stream: IO[bytes], view: memoryview) -> bool:
    """Fill `view`. False when the pipe ended before its first byte."""
    wanted = len(view)
    while view:
        count = stream.readinto(view[:_CHUNK])  # type: ignore[attr-defined]
        if not count:
            if len(view) == wanted:
                return False
            raise ProtocolError("The pipe closed in the middle of a message.")
        view = view[count:]
    return True
