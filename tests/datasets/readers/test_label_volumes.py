"""Segmentations as surfaces: ImageCAS, and what NIfTI headers say about places."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import trimesh
from nibabel.loadsave import save
from nibabel.nifti1 import Nifti1Image

from training.datasets.readers import imagecas
from training.datasets.readers.common import DamagedSourceError, Skipped
from training.datasets.readers.label_volumes import read_labels, surface_of

# Cells of 0.5 x 0.5 x 2 mm, first axis from right to left as most scans are stored, and somewhere in the room.
PLACEMENT = np.array([[-0.5, 0, 0, 30], [0, 0.5, 0, -20], [0, 0, 2.0, 100], [0, 0, 0, 1]])


def write_volume(path: Path, labels: np.ndarray, placement: np.ndarray = PLACEMENT) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Nifti1Image(labels, placement)
    image.header.set_xyzt_units("mm")
    save(image, path)


def block() -> np.ndarray:
    labels = np.zeros((20, 30, 12), np.uint8)
    labels[4:8, 10:20, 3:6] = 1  # 2 x 5 x 6 mm
    return labels


def box_of(vertices: np.ndarray) -> np.ndarray:
    return np.stack([vertices.min(0), vertices.max(0)])


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_surface_lies_where_the_header_says_and_faces_outwards(*, mirrored: bool, tmp_path: Path) -> None:
    labels, placement = block(), PLACEMENT.copy()
    if mirrored:  # the same cells, stored from left to right
        labels, placement = labels[::-1].copy(), placement @ np.diag([-1.0, 1, 1, 1])
        placement[0, 3] = 30 - 0.5 * 19
    write_volume(tmp_path / "a.nii.gz", labels, placement)
    mesh = surface_of(read_labels(tmp_path / "a.nii.gz"))
    # NIfTI: x from 30 - 0.5 * 7.5 to 30 - 0.5 * 3.5 rightwards, y from -15.25 forwards, z upwards.
    assert box_of(mesh.vertices) == pytest.approx(np.array([[-28.25, 10.25, 105], [-26.25, 15.25, 111]]))
    solid = trimesh.Trimesh(mesh.vertices, mesh.triangles)
    assert solid.is_watertight
    assert 0.8 * 60 < solid.volume < 60  # the corners are cut


def test_what_touches_the_border_of_the_volume_is_closed_too(tmp_path: Path) -> None:
    write_volume(tmp_path / "a.nii.gz", np.ones((3, 3, 3), np.int16))
    mesh = surface_of(read_labels(tmp_path / "a.nii.gz"))
    assert trimesh.Trimesh(mesh.vertices, mesh.triangles).is_watertight


def test_metres_become_millimetres_and_floats_whole_numbers(tmp_path: Path) -> None:
    image = Nifti1Image(block().astype(np.float32), np.diag([0.001, 0.001, 0.001, 1]))
    image.header.set_xyzt_units("meter")
    save(image, tmp_path / "a.nii")
    volume = read_labels(tmp_path / "a.nii")
    assert volume.labels.dtype == np.int32
    assert np.ptp(surface_of(volume).vertices, axis=0) == pytest.approx([4, 10, 3])


def test_a_label_that_is_not_there_and_a_film_are_refused(tmp_path: Path) -> None:
    write_volume(tmp_path / "a.nii.gz", block())
    write_volume(tmp_path / "film.nii.gz", np.zeros((4, 4, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="no cell has the label 7"):
        surface_of(read_labels(tmp_path / "a.nii.gz"), (7,))
    with pytest.raises(DamagedSourceError, match="no single volume"):
        read_labels(tmp_path / "film.nii.gz")


def test_imagecas_with_split_and_without_a_label(tmp_path: Path) -> None:
    write_volume(tmp_path / "1-200" / "1.img.nii.gz", block())
    write_volume(tmp_path / "1-200" / "1.label.nii.gz", block())
    write_volume(tmp_path / "1-200" / "2.img.nii.gz", block())
    write_volume(tmp_path / "1-200" / "10.label.nii.gz", np.zeros((4, 4, 4), np.uint8))
    (tmp_path / "1-200" / "11.label.nii.gz").write_bytes((tmp_path / "1-200" / "1.label.nii.gz").read_bytes()[:90])
    (tmp_path / "1-200" / "12.label.nii.gz").write_bytes(b"not a scan")
    table = "FileName,Split-1,Split-2\n1,Training,Testing\n10,Val,Training\n"
    (tmp_path / "imageCAS_data_split.csv").write_text(table)
    skipped: list[Skipped] = []
    items = list(imagecas.list_items(tmp_path, skipped))
    assert [(item.name, item.split) for item in items] == [
        ("1", "train"),
        ("10", "val"),
        ("11", "none"),
        ("12", "none"),
    ]
    assert skipped == [Skipped("2", "'2.label.nii.gz' is missing")]
    assert next(imagecas.list_items(tmp_path, [], fold=2)).split == "test"
    assert items[0].load_mesh is not None
    assert len(pickle.loads(pickle.dumps(items[0])).load_mesh().triangles) > 100
    for item, reason in zip(items[1:], ("no cell has a label", "'11'", "'12'"), strict=True):
        assert item.load_mesh is not None
        with pytest.raises(DamagedSourceError, match=reason):
            item.load_mesh()
