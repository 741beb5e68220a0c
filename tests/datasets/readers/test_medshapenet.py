"""MedShapeNet on disk."""

from pathlib import Path

import pytest
import trimesh

from training.datasets.readers.common import Skipped, read_parts
from training.datasets.readers.medshapenet import list_items, organ_of


@pytest.mark.parametrize(
    ("stem", "organ"),
    [
        ("s0001_liver.nii.g_1", "liver"),
        ("s0238_femur_right.nii.g_1", "femur"),
        ("000000_tumoredbrain", "tumoredbrain"),
        ("s0677_vertebrae_L3.nii.g_1", "vertebrae_l3"),
        ("s0012_rib_left_5.nii.g_1", "rib_left"),
        ("0042", ""),
        ("0042_1", ""),
        ("heart", ""),
    ],
)
def test_the_organ_is_in_the_files_name_without_side_and_number(stem: str, organ: str) -> None:
    assert organ_of(stem) == organ


def test_files_lie_flat_or_by_organ_and_damaged_ones_are_named(tmp_path: Path) -> None:
    for place in ("s0001_liver.nii.g_1.stl", "Kidney/0042.obj", "train/s0002_liver.stl", "train/heart/7.stl"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        trimesh.creation.icosphere(1).export(tmp_path / place)
    (tmp_path / "s0003_liver.stl").write_bytes(b"")
    (tmp_path / "s0004_liver.stl").write_bytes((tmp_path / "s0001_liver.nii.g_1.stl").read_bytes()[:500])
    skipped: list[Skipped] = []
    items = list(read_parts(list_items(tmp_path, skipped), lambda item: item.load_mesh and item.load_mesh(), skipped))
    assert [(item.name, item.category, item.split) for item, _ in items] == [
        ("Kidney/0042", "kidney", "none"),
        ("s0001_liver.nii.g_1", "liver", "none"),
        ("train/heart/7", "heart", "train"),
        ("train/s0002_liver", "liver", "train"),
    ]
    assert all(mesh is not None and len(mesh.triangles) == 80 for _, mesh in items)
    assert [one.name for one in skipped] == ["s0003_liver", "s0004_liver"]
