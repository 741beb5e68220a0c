"""The circle of Willis: label volumes, VTK's files in all their encodings, centre lines with radii."""

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from nibabel.loadsave import save
from nibabel.nifti1 import Nifti1Image

from training.datasets.readers.common import DamagedSourceError, Skipped
from training.datasets.readers.cow import list_items, read_centre_lines, read_segments
from training.datasets.readers.vtk_polydata import read_polydata

POINTS = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [0, 0, 2]], np.float32)
FACES = np.array([0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2], np.int64)
TRIANGLES = FACES.reshape(4, 3).tolist()


def encode(data: bytes, how: str) -> bytes:
    """VTK's bytes of an array: a header with sizes, then the data, in blocks of 32 bytes where compressed."""
    if "zlib" not in how:
        return struct.pack("<I", len(data)) + data
    parts = [data[i : i + 32] for i in range(0, len(data), 32)]
    packed = [zlib.compress(part) for part in parts]
    header = struct.pack(f"<{3 + len(parts)}I", len(parts), 32, len(data) % 32, *map(len, packed))
    return header + b"".join(packed)


def as_text(stored: bytes, how: str, data: bytes) -> bytes:
    """base64, where the header of compressed data is padded on its own."""
    if "zlib" not in how:
        return base64.b64encode(stored)
    length = 4 * (3 + -(-len(data) // 32))
    return base64.b64encode(stored[:length]) + base64.b64encode(stored[length:])


class Vtp:
    """A small writer of .vtp files."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.appended = b""

    def array(self, name: str, values: np.ndarray, width: int = 1) -> str:
        kind = {"f4": "Float32", "f8": "Float64", "i4": "Int32", "i8": "Int64"}[values.dtype.str[1:]]
        start = f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{width}"'
        if self.how == "ascii":
            return f'{start} format="ascii">{" ".join(map(str, values.reshape(-1)))}</DataArray>'
        data = values.tobytes()
        stored = encode(data, self.how)
        if self.how.startswith("binary"):
            return f'{start} format="binary">\n  {as_text(stored, self.how, data).decode()}\n</DataArray>'
        at = len(self.appended)
        self.appended += stored if "raw" in self.how else as_text(stored, self.how, data)
        return f'{start} format="appended" offset="{at}"/>'

    def write(self, path: Path, *, polys: bool, lines: np.ndarray, radii: np.ndarray) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = ""
        for name, connectivity, size in (("Lines", lines, 2), ("Polys", FACES if polys else FACES[:0], 3)):
            offsets = np.arange(size, len(connectivity) + 1, size, dtype=np.int64)
            cells += f"<{name}>{self.array('connectivity', connectivity)}{self.array('offsets', offsets)}</{name}>"
        values = self.array("mis_radius", radii)
        points = self.array("Points", POINTS.reshape(-1), 3)
        compressor = ' compressor="vtkZLibDataCompressor"' if "zlib" in self.how else ""
        start = (
            f'<?xml version="1.0"?><VTKFile type="PolyData" byte_order="LittleEndian" header_type="UInt32"{compressor}>'
        )
        body = f"<PolyData><Piece><CellData>{values}</CellData><Points>{points}</Points>{cells}</Piece></PolyData>"
        tail = b""
        if self.appended:
            coding = "raw" if "raw" in self.how else "base64"
            tail = f'<AppendedData encoding="{coding}">_'.encode() + self.appended + b"</AppendedData>"
        path.write_bytes((start + body).encode() + tail + b"</VTKFile>")


@pytest.mark.parametrize(
    "how", ["ascii", "binary", "binary zlib", "appended", "appended zlib", "appended raw", "appended raw zlib"]
)
def test_a_vtp_file_is_read_in_every_encoding(how: str, tmp_path: Path) -> None:
    lines = np.array([0, 1, 1, 2], np.int64)
    Vtp(how).write(tmp_path / "a.vtp", polys=True, lines=lines, radii=np.array([0.5, 0.25, 9, 9, 9, 9], np.float64))
    polydata = read_polydata(tmp_path / "a.vtp")
    assert polydata.points.tolist() == POINTS.tolist()
    assert polydata.triangles.tolist() == TRIANGLES
    assert polydata.segments.tolist() == [[0, 1], [1, 2]]
    assert polydata.segment_values["mis_radius"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("version", ["3.0", "5.1"])
def test_a_vtk_file_of_before_xml_is_read(version: str, *, binary: bool, tmp_path: Path) -> None:
    def numbers(values: np.ndarray, kind: str) -> bytes:
        if binary:
            return values.astype(">" + kind).tobytes() + b"\n"
        return " ".join(map(str, values.reshape(-1))).encode() + b"\n"

    coding = "BINARY" if binary else "ASCII"
    text = f"# vtk DataFile Version {version}\nmade up\n{coding}\nDATASET POLYDATA\nPOINTS 4 float\n".encode()
    text += numbers(POINTS, "f4")
    if version == "3.0":
        counted = np.concatenate([np.full((4, 1), 3), FACES.reshape(4, 3)], 1)
        text += b"POLYGONS 4 16\n" + numbers(counted, "i4")
    else:
        text += b"POLYGONS 5 12\nOFFSETS vtktypeint64\n" + numbers(np.arange(0, 13, 3), "i8")
        text += b"CONNECTIVITY vtktypeint64\n" + numbers(FACES, "i8")
    (tmp_path / "a.vtk").write_bytes(text)
    polydata = read_polydata(tmp_path / "a.vtk")
    assert polydata.points.tolist() == POINTS.tolist()
    assert polydata.triangles.tolist() == TRIANGLES


def test_published_meshes_and_centre_lines_are_items_by_name(tmp_path: Path) -> None:
    lines = np.array([0, 1, 1, 2, 3, 1], np.int64)
    radii = np.array([0.5, 1.0, 1.5], np.float64)
    Vtp("appended zlib").write(
        tmp_path / "cow_meshes" / "topcow_mr_001.vtp", polys=True, lines=lines[:0], radii=radii[:0]
    )
    Vtp("appended zlib").write(tmp_path / "cow_graphs" / "topcow_mr_001.vtp", polys=False, lines=lines, radii=radii)
    Vtp("ascii").write(tmp_path / "cow_graphs" / "topcow_ct_002.vtp", polys=False, lines=lines, radii=-radii)
    (tmp_path / "cow_meshes" / "topcow_ct_003.vtp").write_text("<VTKFile>")
    by_name = {item.name: item for item in list_items(tmp_path, [])}
    assert list(by_name) == ["topcow_ct_002", "topcow_ct_003", "topcow_mr_001"]
    whole = by_name["topcow_mr_001"]
    assert whole.category == "circle of willis mr"
    assert whole.load_mesh is not None
    assert whole.load_curve is not None
    # x and y of a scanner point right and to the front.
    assert whole.load_mesh().vertices[1:3].tolist() == [[-2, 0, 0], [0, -2, 0]]
    curve = whole.load_curve()
    assert curve.radii.tolist() == [0.5, 1.0, 1.0, 1.5]
    assert curve.edges.tolist() == [[0, 1], [1, 2], [1, 3]]
    assert curve.component.tolist() == [0, 0, 0, 0]
    assert by_name["topcow_ct_002"].load_mesh is None
    with pytest.raises(DamagedSourceError, match=r"topcow_ct_002.*not above 0"):
        read_centre_lines(tmp_path / "cow_graphs" / "topcow_ct_002.vtp")
    load = by_name["topcow_ct_003"].load_mesh
    assert load is not None
    with pytest.raises(DamagedSourceError, match=r"topcow_ct_003.*no XML"):
        load()


def test_label_volumes_have_splits_segments_and_named_gaps(tmp_path: Path) -> None:
    labels = np.zeros((12, 12, 12), np.uint8)
    labels[2:5, 2:9, 3:6] = 1
    labels[5:9, 2:5, 3:6] = 15
    for folder, name in (
        ("cow_seg_labelsTr", "topcow_ct_001"),
        ("imagesTr", "topcow_ct_001_0000"),
        ("imagesTr", "topcow_ct_002_0000"),
        ("cow_seg_labelsTs", "topcow_mr_003_full_LPS_Mask"),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        save(Nifti1Image(labels, np.eye(4)), tmp_path / folder / f"{name}.nii.gz")
    skipped: list[Skipped] = []
    items = list(list_items(tmp_path, skipped))
    assert [(item.name, item.split, item.category) for item in items] == [
        ("topcow_ct_001", "train", "circle of willis ct"),
        ("topcow_mr_003", "test", "circle of willis mr"),
    ]
    assert skipped == [Skipped("topcow_ct_002", "it has a scan but no label volume")]
    parts = read_segments(tmp_path / "cow_seg_labelsTr" / "topcow_ct_001.nii.gz")
    assert list(parts) == ["BA", "3rd-A2"]
    assert items[0].load_mesh is not None
    both = items[0].load_mesh()
    assert np.ptp(both.vertices, axis=0) == pytest.approx([7, 7, 3])
