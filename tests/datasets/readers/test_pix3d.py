"""Pix3D on disk."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.datasets.readers.common import DamagedSourceError, NoSourceError, Skipped
from training.datasets.readers.pix3d import list_items

# A quarter turn around the model's up, and two metres away.
TURN = [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]


def entry(number: str, **changes: object) -> dict[str, object]:
    return {
        "img": f"img/bed/{number}.png",
        "mask": f"mask/bed/{number}.png",
        "model": "model/bed/IKEA/model.obj",
        "category": "bed",
        "img_size": [64, 48],
        "rot_mat": TURN,
        "trans_mat": [0.0, 0.5, 2.0],
        "focal_length": 35.0,
        "bbox": [1, 2, 30, 40],
        "truncated": False,
        "occluded": "true",
        "slightly_occluded": False,
    } | changes


def write(folder: Path, entries: list[object]) -> None:
    for kind in ("img", "mask", "model"):
        (folder / kind / "bed").mkdir(parents=True)
    (folder / "model" / "bed" / "IKEA").mkdir()
    (folder / "model" / "bed" / "IKEA" / "model.obj").write_text("v 0 0 0\nv 0 1 0\nv 0 0 -1\nf 1 2 3\n")
    for number in ("0001", "0002", "0003"):
        Image.new("RGB", (64, 48)).save(folder / "img" / "bed" / f"{number}.png")
        Image.new("L", (64, 48), 255).save(folder / "mask" / "bed" / f"{number}.png")
    (folder / "pix3d.json").write_text(json.dumps(entries))


def test_a_photograph_has_its_model_mask_camera_and_tags(tmp_path: Path) -> None:
    write(tmp_path, [entry("0001")])
    (tmp_path / "pix3d_s1_test.json").write_text(json.dumps({"images": [{"file_name": "img/bed/0001.png"}]}))
    (item,) = list_items(tmp_path, [])
    assert (item.name, item.category, item.split, item.tags) == ("bed/0001", "bed", "test", {"occluded"})
    assert item.load_mesh is not None
    mesh = item.load_mesh()
    assert mesh.vertices.tolist() == [[0, 0, 0], [0, 0, 1], [0, -1, 0]]
    (view,) = item.views
    assert view.box == (1, 2, 30, 40)
    assert view.silhouette().all()
    assert view.camera is not None
    # By hand: x = -f X / Z + 32 and y = -f Y / Z + 24 with (X, Y, Z) = TURN (x, y, z) + (0, 0.5, 2), f = 70 pixels.
    expected = [[32, 24 - 70 * 0.25, 2], [32, 24 - 70 * 0.75, 2], [32 + 70 * 0.5, 24 - 70 * 0.25, 2]]
    assert view.camera.project(mesh.vertices) == pytest.approx(np.array(expected))


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    flat = entry("0002", rot_mat=[[1, 0], [0, 1]])
    bare = {key: value for key, value in entry("0003").items() if key != "focal_length"}
    write(tmp_path, [entry("0001"), entry("0009"), flat, bare, "nothing", entry("0001", category="sofa")])
    skipped: list[Skipped] = []
    assert [item.name for item in list_items(tmp_path, skipped)] == ["bed/0001", "bed/0001#2"]
    assert {one.name: one.reason for one in skipped} == {
        "bed/0009": "'img/bed/0009.png, mask/bed/0009.png' is missing",
        "bed/0002": "its rot_mat and trans_mat are no placement",
        "bed/0003": "it has no 'focal_length'",
        "entry 4": "its entry in pix3d.json is no record",
    }


def test_a_damaged_model_is_told_when_it_is_read_and_a_damaged_list_at_once(tmp_path: Path) -> None:
    write(tmp_path, [entry("0001")])
    (tmp_path / "model" / "bed" / "IKEA" / "model.obj").write_text("v 0 0 0\nf 1 2 3\n")
    (item,) = list_items(tmp_path, [])
    assert item.load_mesh is not None
    with pytest.raises(DamagedSourceError, match=r"'bed/0001'.*vertex 3 of 1"):
        item.load_mesh()
    (tmp_path / "pix3d.json").write_text("[{")
    with pytest.raises(NoSourceError, match="not a JSON file"):
        list_items(tmp_path, [])
