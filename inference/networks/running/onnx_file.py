"""ONNX files read by NumPy alone: the nodes of a graph and its constants. What protobuf is, as far as they need it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...errors import WeightsError

Attribute = float | int | bytes | np.ndarray | tuple[float, ...] | tuple[int, ...]
_KINDS = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5  # how protobuf writes a field
_MODEL_GRAPH = 7
_NODE, _INITIALISER, _INPUT, _OUTPUT = 1, 5, 11, 12


@dataclass(frozen=True)
class Node:
    """One operation: names in, names out."""

    operator: str
    inputs: tuple[str, ...]  # an empty name is an input left out
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(frozen=True)
class Given:
    """An input of a network."""

    kind: np.dtype
    sizes: tuple[int | str, ...]  # those that vary by their letter


@dataclass(frozen=True)
class OnnxGraph:
    """Operations in an order in which they can be done."""

    nodes: tuple[Node, ...]
    constants: dict[str, np.ndarray]
    inputs: dict[str, Given]
    outputs: tuple[str, ...]


def read_inputs(data: bytes) -> dict[str, Given]:
    """Only what a model takes, by name."""
    return dict(_value(_bytes(value)) for number, value in _graph(data) if number == _INPUT)


def read_graph(data: bytes) -> OnnxGraph:
    """The graph of a model of ONNX."""
    try:
        found = list(_graph(data))
        constants = dict(_tensor(_bytes(value)) for number, value in found if number == _INITIALISER)
        nodes = tuple(_node(_bytes(value)) for number, value in found if number == _NODE)
        given = dict(_value(_bytes(value)) for number, value in found if number == _INPUT)
        told = tuple(_value(_bytes(value))[0] for number, value in found if number == _OUTPUT)
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise WeightsError(f"The graph of a network cannot be read ({error!r}). Install Bonewright again.") from error
    return OnnxGraph(nodes, constants, given, told)


_Field = int | float | memoryview


def _graph(data: bytes) -> Iterator[tuple[int, _Field]]:
    """The fields of the model's graph."""
    (graph,) = (value for number, value in _fields(memoryview(data)) if number == _MODEL_GRAPH)
    return _fields(_bytes(graph))


def _fields(data: memoryview) -> Iterator[tuple[int, _Field]]:
    """The numbers and values of a message's fields."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, form = key >> 3, key & 7
        if form == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif form == _BYTES:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError("it ends too early")
            yield number, data[at : at + length]
            at += length
        elif form in (_FOUR, _EIGHT):
            size, letter = (4, "<f") if form == _FOUR else (8, "<d")
            yield number, struct.unpack_from(letter, data, at)[0]
            at += size
        else:
            raise ValueError(f"a field of the form {form}")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _whole(value: _Field) -> int:
    """A whole number, which may be negative."""
    number = int(value) if isinstance(value, int | float) else 0
    return number - (1 << 64) if number >= 1 << 63 else number


def _bytes(value: _Field) -> memoryview:
    if not isinstance(value, memoryview):
        raise ValueError("a number where a message should be")
    return value


def _text(value: _Field) -> str:
    return bytes(_bytes(value)).decode()


def _wholes(value: _Field) -> list[int]:
    """Whole numbers one after the other, or only one."""
    if not isinstance(value, memoryview):
        return [_whole(value)]
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(_whole(number))
    return numbers


def _floats(value: _Field) -> list[float]:
    return [float(value)] if isinstance(value, int | float) else np.frombuffer(value, "<f4").tolist()


def _node(data: memoryview) -> Node:
    inputs, outputs, operator, attributes = [], [], "", {}
    for number, value in _fields(data):
        if number == 1:
            inputs.append(_text(value))
        elif number == 2:
            outputs.append(_text(value))
        elif number == 4:
            operator = _text(value)
        elif number == 5:
            name, content = _attribute(_bytes(value))
            attributes[name] = content
        elif number == 7 and _text(value):
            raise ValueError(f"an operator of '{_text(value)}'")
    return Node(operator, tuple(inputs), tuple(outputs), attributes)


def _attribute(data: memoryview) -> tuple[str, Attribute]:
    name, kind, parts = "", 0, {2: 0.0, 3: 0, 4: memoryview(b""), 5: memoryview(b"")}
    floats: list[float] = []
    wholes: list[int] = []
    for number, value in _fields(data):
        if number == 1:
            name = _text(value)
        elif number == 20:
            kind = _whole(value)
        elif number == 7:
            floats += _floats(value)
        elif number == 8:
            wholes += _wholes(value)
        else:
            parts[number] = value
    contents: dict[int, Attribute] = {1: float(parts[2]) if isinstance(parts[2], float) else 0.0, 2: _whole(parts[3])}
    contents |= {3: bytes(_bytes(parts[4])), 6: tuple(floats), 7: tuple(wholes)}
    if kind == 4:
        return name, _tensor(_bytes(parts[5]))[1]
    return name, contents[kind]


def _tensor(data: memoryview) -> tuple[str, np.ndarray]:
    name, kind, sizes, raw = "", 0, [], b""
    floats: list[float] = []
    wholes: list[int] = []
    for number, value in _fields(data):
        if number == 1:
            sizes += _wholes(value)
        elif number == 2:
            kind = _whole(value)
        elif number == 4:
            floats += _floats(value)
        elif number in (5, 7):
            wholes += _wholes(value)
        elif number == 8:
            name = _text(value)
        elif number == 9:
            raw = bytes(_bytes(value))
    form = np.dtype(_KINDS[kind])
    if raw or not (floats or wholes):
        return name, np.frombuffer(raw, form).reshape(sizes)
    if kind == 10:  # halves are kept as the whole numbers that their bits make
        return name, np.array(wholes, np.uint16).view(np.float16).reshape(sizes)
    return name, np.array(floats or wholes, form).reshape(sizes)


def _value(data: memoryview) -> tuple[str, Given]:
    """Name, kind of number and sizes of an input or output."""
    name, kind, sizes = "", 1, []
    for number, value in _fields(data):
        if number == 1:
            name = _text(value)
        elif number == 2:
            for tensor in (_bytes(v) for n, v in _fields(_bytes(value)) if n == 1):
                for n, v in _fields(tensor):
                    if n == 1:
                        kind = _whole(v)
                    elif n == 2:
                        sizes = [_size(_bytes(each)) for m, each in _fields(_bytes(v)) if m == 1]
    return name, Given(np.dtype(_KINDS[kind]), tuple(sizes))


def _size(data: memoryview) -> int | str:
    for number, value in _fields(data):
        return _whole(value) if number == 1 else _text(value)
    return ""
