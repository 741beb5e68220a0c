"""Records of a pickled NumPy array of dicts, one after the other: neither all of them in memory nor any code run.

`numpy.load(..., allow_pickle=True)` builds the whole array (tens of gigabytes for the largest of these files) and runs
whatever the file asks for. Here pickle's instructions are followed one by one: only arrays, numbers, texts, lists and
dicts can come out, a record is handed on as soon as it is complete, and what it was made of is then let go.
"""

from __future__ import annotations

import io
import pickletools
import struct
import tokenize
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar, cast

import numpy as np

Kind = TypeVar("Kind")

MAKERS = {
    ("numpy.core.multiarray", "_reconstruct"): "array",
    ("numpy._core.multiarray", "_reconstruct"): "array",
    ("numpy.core.multiarray", "scalar"): "scalar",
    ("numpy._core.multiarray", "scalar"): "scalar",
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("_codecs", "encode"): "encode",
}
PUTS = {"BINPUT", "LONG_BINPUT", "PUT"}
GETS = {"BINGET", "LONG_BINGET", "GET"}
VALUES = {
    *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT"),
    *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
DAMAGED = "its records are damaged"
# What changed bytes lead to where they are taken for places, sizes and types.
MISREAD = (IndexError, TypeError, AttributeError, OverflowError, MemoryError, struct.error)
LONGEST_KEPT = 64  # bytes: short ones may be named again by a later record


class _Mark:
    """Where a group on the stack starts."""


class _Gone:
    """A thing of an earlier record."""


@dataclass(frozen=True)
class _Maker:
    kind: str


@dataclass
class _Array:
    """An array whose bytes are still to come, then the array."""

    value: np.ndarray | None = None


@dataclass
class _Type:
    value: np.dtype


def stream_records(path: Path, key: str) -> Iterator[dict[str, object]]:
    """The dicts with `key` in the array `arr_0` of an .npz file, in order.

    Raises ValueError, EOFError, zlib.error or BadZipFile where the file is damaged; what came before is good.
    """
    with zipfile.ZipFile(path) as archive, archive.open("arr_0.npy") as member:
        stream = io.BufferedReader(cast(io.RawIOBase, member), 1 << 20)
        count = _skip_header(stream)
        found = 0
        for record in _Unpickler(key).run(stream):
            found += 1
            yield record
        while stream.read(1 << 20):  # the archive compares its checksum at the very end
            pass
        if found != count:
            raise ValueError(f"it promises {count} records and holds {found}")


def _skip_header(stream: IO[bytes]) -> int:
    """How many records an array of objects holds; the stream is then at its pickle."""
    major, _ = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
    try:
        shape, _, scalar = read(stream)
    except (SyntaxError, tokenize.TokenError) as error:
        raise ValueError("its first lines are damaged") from error
    if scalar.kind != "O":
        raise ValueError(f"it holds {scalar} and no records")
    return int(np.prod(shape))


class _Unpickler:
    """Follows a pickle of protocol 2 to 4, which is what NumPy writes."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.stack: list[object] = []
        self.memo: list[object] = []
        self.fresh = -1  # where the memo of the present record starts; -1 before the first record
        self.known: dict[object, object] = {}  # texts and sizes, which many records repeat

    def run(self, stream: IO[bytes]) -> Iterator[dict[str, object]]:
        try:
            for code, argument, _ in pickletools.genops(stream):
                self._step(code.name, argument)
                if code.name not in ("SETITEMS", "SETITEM"):
                    continue
                record = self.stack[-1]
                if isinstance(record, dict) and self.key in record:
                    yield {str(name): _plain(value) for name, value in record.items()}
                    record.clear()
                    self._let_go()
        except MISREAD as error:
            raise ValueError(DAMAGED) from error

    def _step(self, name: str, argument: object) -> None:
        stack = self.stack
        if name in PUTS:
            self._remember(int(str(argument)))
        elif name == "MEMOIZE":
            self._remember(len(self.memo))
        elif name in GETS:
            stack.append(self._recall(int(str(argument))))
        elif name in VALUES:
            stack.append(self._shared(argument))
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            stack.append(_Mark())
        elif name in TUPLES:
            stack.append(self._shared(tuple(self._pop(TUPLES[name]))))
        elif name == "TUPLE":
            stack.append(self._shared(tuple(self._group())))
        elif name == "EMPTY_LIST":
            stack.append([])
        elif name == "EMPTY_DICT":
            self.fresh = len(self.memo) if self.fresh < 0 else self.fresh
            stack.append({})
        elif name in ("APPEND", "APPENDS"):
            items = self._pop(1) if name == "APPEND" else self._group()
            _expect(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = self._pop(2) if name == "SETITEM" else self._group()
            _expect(stack[-1], dict).update(zip(items[::2], items[1::2], strict=True))
        elif name == "GLOBAL":
            self._maker(*str(argument).split(" ", 1))
        elif name == "STACK_GLOBAL":
            self._maker(*map(str, self._pop(2)))
        elif name == "REDUCE":
            maker, arguments = self._pop(2)
            stack.append(_make(_expect(maker, _Maker).kind, _expect(arguments, tuple)))
        elif name == "BUILD":
            _build(stack[-2], _expect(self._pop(1)[0], tuple))
        elif name == "POP":
            self._pop(1)
        elif name not in ("PROTO", "FRAME", "STOP"):
            raise ValueError(f"its records use '{name}', which plain arrays do not need")

    def _shared(self, thing: object) -> object:
        """Equal texts and sizes as one: some hundred thousand names of joints are all alike."""
        return self.known.setdefault(thing, thing) if _is_name(thing) else thing

    def _maker(self, module: str, name: str) -> None:
        kind = MAKERS.get((module, name))
        if kind is None:
            raise ValueError(f"its records ask for {module}.{name}, which plain arrays do not need")
        self.stack.append(_Maker(kind))

    def _pop(self, count: int) -> list[object]:
        if len(self.stack) < count:
            raise ValueError(DAMAGED)
        taken = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return taken

    def _group(self) -> list[object]:
        at = next((i for i in range(len(self.stack) - 1, -1, -1) if isinstance(self.stack[i], _Mark)), None)
        if at is None:
            raise ValueError(DAMAGED)
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    def _remember(self, place: int) -> None:
        if place > len(self.memo) + (1 << 20):
            raise ValueError(DAMAGED)
        self.memo.extend([_Gone] * (place + 1 - len(self.memo)))
        self.memo[place] = self.stack[-1]

    def _recall(self, place: int) -> object:
        thing = self.memo[place]
        if thing is _Gone:
            raise ValueError("a record refers to a part of an earlier one, which was let go")
        return thing

    def _let_go(self) -> None:
        """Forgets the record's own parts; names, types and what makes arrays are named again by later records."""
        for place in range(self.fresh, len(self.memo)):
            thing = self.memo[place]
            kept = _is_name(thing) or isinstance(thing, _Maker | _Type)
            kept = kept or (isinstance(thing, bytes) and len(thing) < LONGEST_KEPT)
            if not kept:
                self.memo[place] = _Gone
        self.fresh = len(self.memo)


def _make(kind: str, arguments: tuple[object, ...]) -> object:
    if kind == "array":
        return _Array()
    if kind == "dtype":
        return _Type(np.dtype(str(arguments[0])))
    if kind == "scalar":
        return np.frombuffer(_raw(arguments[1]), _expect(arguments[0], _Type).value, 1)[0]
    if kind == "encode":  # how protocol 2 writes bytes
        return str(arguments[0]).encode(str(arguments[1]) if len(arguments) > 1 else "latin-1")
    raise ValueError(DAMAGED)


def _build(thing: object, state: tuple[object, ...]) -> None:
    """The bytes of an array, or the byte order of a type."""
    if isinstance(thing, _Type):
        if state[2] is not None or state[3] is not None:
            raise ValueError("its arrays have fields, which plain arrays do not")
        if state[1] == ">":
            thing.value = thing.value.newbyteorder(">")
        return
    array = _expect(thing, _Array)
    _, shape, scalar, columns_first, data = state
    size = tuple(int(str(side)) for side in _expect(shape, tuple))
    if isinstance(data, list):
        flat = np.empty(len(data), object)
        flat[:] = [_plain(value) for value in data]
    else:
        flat = np.frombuffer(_raw(data), _expect(scalar, _Type).value)
    array.value = flat.reshape(size, order="F" if columns_first else "C")


def _is_name(thing: object) -> bool:
    """A text, or the size of an array."""
    return isinstance(thing, str) or (isinstance(thing, tuple) and all(type(part) is int for part in thing))


def _plain(value: object) -> object:
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, list | tuple):
        return type(value)(_plain(part) for part in value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value


def _raw(value: object) -> bytes:
    return _expect(value, bytes)


def _expect(value: object, kind: type[Kind]) -> Kind:
    if not isinstance(value, kind):
        raise ValueError(DAMAGED)
    return value
