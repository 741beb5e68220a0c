"""What all readers share: frames, cameras, pictures, meshes of any kind, splits."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from training.datasets.readers import FORMATS
from training.datasets.readers.common import (
    CameraView,
    DamagedSourceError,
    Frame,
    Item,
    NoSourceError,
    Skipped,
    damage_named,
    fold_splits,
    read_parts,
)
from training.datasets.readers.mesh_files import read_mesh_file, read_obj
from training.datasets.readers.shapenet import r2n2_camera

OURS = Frame(up=(0, 0, 1), forward=(0, -1, 0), source="stated")


@pytest.mark.parametrize(
    ("up", "forward"), [((0, 1, 0), (0, 0, 1)), ((0, 1, 0), (0, 0, -1)), ((0, 1, 0), (1, 0, 0)), ((0, 0, 1), (0, 1, 0))]
)
def test_a_frame_puts_its_up_on_z_and_its_front_on_minus_y_without_mirroring(up, forward) -> None:
    frame = Frame(up, forward, "stated")
    assert frame.apply(np.array([up, forward])).tolist() == [[0, 0, 1], [0, -1, 0]]
    assert np.linalg.det(frame.rotation) == pytest.approx(1)


@pytest.mark.parametrize("name", FORMATS)
def test_a_folder_without_the_data_set_is_a_named_error_that_tells_the_layout(name: str, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoSourceError, match="expected as a folder with"):
            list(FORMATS[name](folder, []))


def test_a_damaged_item_is_told_by_name_and_the_rest_goes_on() -> None:
    def broken() -> None:
        with damage_named("b"):
            raise EOFError

    items = [Item("a", "train", "x", OURS), Item("b", "train", "x", OURS), Item("c", "train", "x", OURS)]
    skipped: list[Skipped] = []
    read = read_parts(items, lambda item: broken() if item.name == "b" else item.name, skipped)
    assert [part for _, part in read] == ["a", "c"]
    assert skipped == [Skipped("b", "it ends too early")]


def test_items_can_be_sent_to_other_processes(tmp_path: Path) -> None:
    for place in ("a.obj", "obj/1.obj", "03001627/m/model.obj"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (tmp_path / "rig_info").mkdir()
    (tmp_path / "rig_info" / "1.txt").write_text("joints a 0 0 0\nroot a\nskin 0 a 1\nskin 1 a 1\nskin 2 a 1\n")
    for name in ("shapenet", "rignet", "medshapenet"):
        item = pickle.loads(pickle.dumps(next(FORMATS[name](tmp_path, []))))
        assert len(item.load_mesh().triangles) == 1


def test_a_camera_is_the_same_in_both_its_forms() -> None:
    camera = r2n2_camera("30 20 0 0.9 25", 137, 137)
    point = np.array([0.1, -0.2, 0.3])
    seen = np.linalg.inv(camera.to_world) @ [*point, 1]
    column, row, depth = camera.intrinsics @ (seen[:3] * [1, -1, -1])
    assert camera.project(point[None])[0] == pytest.approx([column / depth, row / depth, depth])


def test_five_folds_give_three_to_train_one_to_validate_and_one_to_test() -> None:
    splits = fold_splits([f"{i:02d}" for i in range(10)])
    assert [list(splits.values()).count(word) for word in ("train", "val", "test")] == [6, 2, 2]
    assert fold_splits(list(splits)[::-1]) == splits


def test_an_obj_keeps_its_vertices_and_cuts_polygons_into_fans(tmp_path: Path) -> None:
    text = "v 0 0 0\nv 1 0 0 0.5 0.5 0.5\nv 1 1 0\nv 0 1 0\nv 9 9 9\nvt 0 0\nf 1/1/1 2/1/1 3//1 4\nv 0 0 1\nf -1 1 2\n"
    (tmp_path / "a.obj").write_text(text)
    vertices, triangles = read_obj(tmp_path / "a.obj")
    assert len(vertices) == 6
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 3], [5, 0, 1]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "a face refers to vertex 9 of 3"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\n", "it has no triangle"),
        ("v 0 0\nf 1 1 1\n", "fewer than three"),
        ("v 0 0 x\nf 1 1 1\n", "could not convert"),
        ("v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "not finite"),
        ("", "no vertex"),
    ],
)
def test_a_broken_obj_says_what_is_wrong(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text(text)
    with pytest.raises(DamagedSourceError, match=reason):
        read_mesh_file(tmp_path / "a.obj", OURS)


@pytest.mark.parametrize("ending", ["stl", "ply", "off", "glb", "obj"])
def test_every_kind_of_mesh_file_gives_the_same_closed_surface(ending: str, tmp_path: Path) -> None:
    trimesh.creation.box((1, 2, 3)).export(tmp_path / f"a.{ending}")
    mesh = read_mesh_file(tmp_path / f"a.{ending}", OURS)
    assert (len(mesh.vertices), len(mesh.triangles)) == (8, 12)
    assert trimesh.Trimesh(mesh.vertices, mesh.triangles).volume == pytest.approx(6)


def test_a_view_takes_its_coverage_from_the_mask_and_refuses_one_of_another_size(tmp_path: Path) -> None:
    Image.new("RGB", (4, 3), (10, 20, 30)).save(tmp_path / "a.png")
    cover = np.zeros((3, 4), np.uint8)
    cover[1, 2] = 255
    Image.fromarray(cover).save(tmp_path / "m.png")
    Image.new("L", (5, 3)).save(tmp_path / "wrong.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    view = CameraView(tmp_path / "a.png", tmp_path / "m.png")
    assert view.pixels()[1, 2].tolist() == [10, 20, 30, 255]
    assert np.argwhere(view.silhouette()).tolist() == [[1, 2]]
    with pytest.raises(DamagedSourceError, match="its mask is"):
        CameraView(tmp_path / "a.png", tmp_path / "wrong.png").pixels()
    with pytest.raises(DamagedSourceError, match=r"broken\.png"):
        CameraView(tmp_path / "broken.png").pixels()
