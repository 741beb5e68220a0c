"""VTK's polygon files: points, triangles, lines and their values. XML (.vtp) in every encoding, and the older .vtk.

VTK itself would be some hundred megabytes for what is two hundred lines here.
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

XML_TYPES = {
    "Int8": "i1",
    "UInt8": "u1",
    "Int16": "i2",
    "UInt16": "u2",
    "Int32": "i4",
    "UInt32": "u4",
    "Int64": "i8",
    "UInt64": "u8",
    "Float32": "f4",
    "Float64": "f8",
}
OLD_TYPES = {
    "char": "i1",
    "unsigned_char": "u1",
    "short": "i2",
    "unsigned_short": "u2",
    "int": "i4",
    "unsigned_int": "u4",
    "long": "i8",
    "unsigned_long": "u8",
    "vtkidtype": "i8",
    "vtktypeint64": "i8",
    "vtktypeint32": "i4",
    "float": "f4",
    "double": "f8",
}


@dataclass(frozen=True)
class Polydata:
    """What is used of a file."""

    points: np.ndarray  # (P, 3) float64
    triangles: np.ndarray  # (T, 3) int64; larger polygons are cut into fans
    segments: np.ndarray  # (E, 2) int64, the steps of the lines
    segment_values: dict[str, np.ndarray] = field(default_factory=dict)  # (E,) the value of the line each belongs to


def read_polydata(path: Path) -> Polydata:
    """The polygons and lines of a .vtp or .vtk file."""
    data = path.read_bytes()
    if data[:14] == b"# vtk DataFile":
        return _read_old(data)
    return _read_xml(data)


def _cut(connectivity: np.ndarray, ends: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Cells, given by all their points and where each cell ends, as triangles or segments and the cell of each."""
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    counts = ends - starts
    width = 3 if kind == "triangles" else 2
    pieces = np.maximum(counts - (width - 1), 0)
    cell = np.repeat(np.arange(len(ends)), pieces)
    step = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = starts[cell]
    if kind == "triangles":
        corners = [connectivity[at], connectivity[at + step + 1], connectivity[at + step + 2]]
    else:
        corners = [connectivity[at + step], connectivity[at + step + 1]]
    return np.stack(corners, 1).astype(np.int64), cell


def _read_xml(data: bytes) -> Polydata:
    # Raw appended bytes are no XML: they are taken out before the rest is parsed.
    raw = b""
    found = re.search(rb"<AppendedData[^>]*encoding=\"raw\"[^>]*>\s*_", data)
    if found:
        end = data.rindex(b"</AppendedData>")
        raw, data = data[found.end() : end], data[: found.end()] + data[end:]
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise ValueError(f"it is no XML ({error})") from error
    piece = root.find("PolyData/Piece")
    if root.get("type") != "PolyData" or piece is None:
        raise ValueError("it holds no PolyData")
    reader = _XmlArrays(root, raw)
    points = reader.array(piece, "Points/DataArray").reshape(-1, 3).astype(np.float64)
    triangles, _ = _cut(*reader.cells(piece, "Polys"), "triangles")
    connectivity, ends = reader.cells(piece, "Lines")
    segments, line = _cut(connectivity, ends, "segments")
    # Values of cells stand for points, then lines, then polygons.
    before = len(reader.cells(piece, "Verts")[1])
    values = {}
    for node in piece.iterfind("CellData/DataArray"):
        if int(node.get("NumberOfComponents", "1")) == 1:
            values[node.get("Name", "")] = reader.decode(node)[before : before + len(ends)][line]
    return Polydata(points, triangles, segments, values)


class _XmlArrays:
    """The arrays of an XML file, however they are stored."""

    def __init__(self, root: ElementTree.Element, raw: bytes) -> None:
        self.order = "<" if root.get("byte_order", "LittleEndian") == "LittleEndian" else ">"
        self.header = np.dtype(self.order + XML_TYPES[root.get("header_type", "UInt32")])
        self.compressed = root.get("compressor")
        if self.compressed not in (None, "vtkZLibDataCompressor"):
            raise ValueError(f"it is compressed by {self.compressed}; only zlib can be read")
        appended = root.find("AppendedData")
        self.raw = raw
        text = (appended.text or "").strip() if appended is not None and not raw else ""
        self.appended = re.sub(r"\s", "", text)[1:]  # an underscore marks the start

    def array(self, piece: ElementTree.Element, path: str) -> np.ndarray:
        node = piece.find(path)
        if node is None:
            raise ValueError(f"it has no {path.split('/')[0]}")
        return self.decode(node)

    def cells(self, piece: ElementTree.Element, name: str) -> tuple[np.ndarray, np.ndarray]:
        """All points of the cells of a kind, and where each cell ends."""
        arrays = {node.get("Name"): node for node in piece.iterfind(f"{name}/DataArray")}
        if "connectivity" not in arrays or "offsets" not in arrays:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        return self.decode(arrays["connectivity"]).astype(np.int64), self.decode(arrays["offsets"]).astype(np.int64)

    def decode(self, node: ElementTree.Element) -> np.ndarray:
        scalar = np.dtype(self.order + XML_TYPES[node.get("type", "")])
        stored = node.get("format")
        if stored == "ascii":
            return np.array((node.text or "").split(), dtype=str).astype(scalar)
        if stored == "binary":
            return np.frombuffer(self._text("".join((node.text or "").split())), scalar)
        offset = int(node.get("offset", "0"))
        if self.raw:
            return np.frombuffer(self._bytes(self.raw[offset:]), scalar)
        return np.frombuffer(self._text(self.appended[offset:]), scalar)

    def _text(self, text: str) -> bytes:
        """base64: the header, padded on its own when the data are compressed, then the data."""
        size = self.header.itemsize
        if not self.compressed:
            count = int(np.frombuffer(_base64(text, size), self.header, 1)[0])
            return _base64(text, size + count)[size:]
        blocks = int(np.frombuffer(_base64(text, size), self.header, 1)[0])
        length = (3 + blocks) * size
        if blocks == 0:
            return b""
        sizes = np.frombuffer(_base64(text, length), self.header, 3 + blocks)[3:]
        body = _base64(text[-(-length // 3) * 4 :], int(sizes.sum()))
        return _inflate(body, sizes)

    def _bytes(self, data: bytes) -> bytes:
        size = self.header.itemsize
        first = int(np.frombuffer(data, self.header, 1)[0])
        if not self.compressed:
            return data[size : size + first]
        length = (3 + first) * size
        return _inflate(data[length:], np.frombuffer(data, self.header, 3 + first)[3:])


def _base64(text: str, count: int) -> bytes:
    """The first `count` bytes of a base64 text."""
    data = base64.b64decode(text[: -(-count // 3) * 4])
    if len(data) < count:
        raise EOFError
    return data[:count]


def _inflate(data: bytes, sizes: np.ndarray) -> bytes:
    ends = np.cumsum(sizes.astype(np.int64))
    return b"".join(zlib.decompress(data[int(end - size) : int(end)]) for size, end in zip(sizes, ends, strict=True))


def _read_old(data: bytes) -> Polydata:
    """The format before XML, text or big-endian bytes; the values of cells are left."""
    lines = _OldLines(data)
    version, _, coding, _ = (lines.line() for _ in range(4))
    binary = coding.strip().upper() == "BINARY"
    modern = float(version.split()[-1]) >= 5  # offsets and connectivity instead of counts in between
    points = np.zeros((0, 3))
    cells = {"POLYGONS": (np.zeros(0, np.int64), np.zeros(0, np.int64))}
    cells["LINES"] = cells["POLYGONS"]
    while words := lines.words():
        if words[0] == "POINTS":
            points = lines.numbers(3 * int(words[1]), OLD_TYPES[words[2].lower()], binary=binary).reshape(-1, 3)
        elif words[0] in ("POLYGONS", "LINES", "VERTICES", "TRIANGLE_STRIPS"):
            cells[words[0]] = _old_cells(lines, int(words[1]), int(words[2]), binary=binary, modern=modern)
        elif words[0] in ("CELL_DATA", "POINT_DATA"):
            break
    if cells.get("TRIANGLE_STRIPS"):
        raise ValueError("it has triangle strips, which are not read; store triangles")
    triangles, _ = _cut(*cells["POLYGONS"], "triangles")
    segments, _ = _cut(*cells["LINES"], "segments")
    return Polydata(points.astype(np.float64), triangles, segments)


def _old_cells(
    lines: _OldLines, first: int, second: int, *, binary: bool, modern: bool
) -> tuple[np.ndarray, np.ndarray]:
    if modern:
        offsets = lines.numbers(first, OLD_TYPES[lines.words()[1].lower()], binary=binary)
        connectivity = lines.numbers(second, OLD_TYPES[lines.words()[1].lower()], binary=binary)
        return connectivity.astype(np.int64), offsets[1:].astype(np.int64)
    stored = lines.numbers(second, "i4", binary=binary).astype(np.int64)
    counts, at = np.zeros(first, np.int64), 0
    for i in range(first):  # each cell starts with its own count, so they are followed one by one
        counts[i] = stored[at]
        at += int(counts[i]) + 1
    marks = np.cumsum(counts + 1) - counts - 1
    return np.delete(stored, marks), np.cumsum(counts)


class _OldLines:
    """Lines and numbers, in turn, of a file that mixes both."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def ended(self) -> bool:
        return self.at >= len(self.data)

    def line(self) -> str:
        end = self.data.find(b"\n", self.at)
        end = len(self.data) if end < 0 else end
        text = self.data[self.at : end].decode("latin-1")
        self.at = end + 1
        return text

    def words(self) -> list[str]:
        """The words of the next line that has some; none at the end."""
        while not self.ended:
            if words := self.line().split():
                return words
        return []

    def numbers(self, count: int, scalar: str, *, binary: bool) -> np.ndarray:
        if binary:
            size = count * np.dtype(scalar).itemsize
            values = np.frombuffer(self.data[self.at : self.at + size], ">" + scalar)
            self.at += size
        else:
            words: list[str] = []
            while len(words) < count and not self.ended:
                words += self.line().split()
            values = np.array(words, dtype=str).astype(scalar)
        if len(values) < count:
            raise EOFError
        return values
