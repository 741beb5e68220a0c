"""Articulation-XL 2.0: large arrays of pickled dicts, read one by one and without running what they ask for."""

import io
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from training.datasets.readers.articulation_xl import list_items
from training.datasets.readers.common import Skipped, read_parts
from training.datasets.readers.object_records import stream_records
from training.datasets.readers.rigs import frame_by_joints

NAMES = ["mixamorig_Hips", "mixamorig_Head", "mixamorig_LeftFoot", "mixamorig_RightFoot"]


def record(name: str, *, z_up: bool = False, plural: str = "") -> dict[str, object]:
    """A body of four joints, 2 high; its left is +X, it faces +Z (or, with Z up, -Y)."""
    joints = np.array([[0, 1, 0], [0, 2, 0], [0.3, 0, 0.1], [-0.3, 0, 0.1]], np.float64)
    vertices = np.array([[0, 2, 0.1], [0.4, 0, 0.2], [-0.4, 0, 0.2], [0, 0, -0.2]], np.float64)
    if z_up:
        joints, vertices = (points[:, [0, 2, 1]] * [1, -1, 1] for points in (joints, vertices))
    return {
        "vertices": vertices,
        "faces": np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int64),
        "normals": np.asfortranarray(np.eye(4, 3, dtype=np.float32)),
        "joints": joints,
        "bones": np.array([[0, 1], [0, 2], [0, 3]]),
        "root_index": 0,
        "uuid": name,
        "pc_w_norm": np.zeros((8, 6), np.float16),
        "joint_names": list(NAMES),
        "skinning_weights_value": np.array([1.0, 0.5, 0.25, 1.0, 1.0]),
        f"skinning_weights_row{plural}": np.array([0, 1, 1, 2, 3], np.int32),
        f"skinning_weights_col{plural}": np.array([1, 2, 0, 3, 0], np.int32),
        "skinning_weights_shape": (4, 4),
    }


def save(path: Path, *records: dict[str, object]) -> None:
    np.savez_compressed(path, np.array(records, object))


def test_models_come_with_rig_category_and_split(tmp_path: Path) -> None:
    save(tmp_path / "articulation_xlv2_test.npz", record("a"), record("b", plural="s"))
    (tmp_path / "meta.csv").write_text("uuid,source,category_label\na,x,character\n")
    items = list(list_items(tmp_path, []))
    assert [(item.name, item.split, item.category) for item in items] == [
        ("a", "test", "character"),
        ("b", "test", "unknown"),
    ]
    for item in items:
        assert item.load_rig is not None
        rig = item.load_rig()
        assert rig.names == tuple(NAMES)
        assert rig.parents.tolist() == [-1, 0, 0, 0]
        assert rig.skin.dense(4)[1] == pytest.approx([1 / 3, 0, 2 / 3, 0])


def test_models_that_stand_differently_are_turned_by_the_names_of_their_joints(tmp_path: Path) -> None:
    nameless = record("c") | {"joint_names": [f"bone_{i}" for i in range(4)]}
    save(tmp_path / "articulation_xlv2_train.npz", record("a"), record("b", z_up=True), nameless)
    items = list(list_items(tmp_path, []))
    assert [item.frame.source for item in items] == ["joints", "joints", "assumed"]
    rigs = [item.load_rig() for item in items if item.load_rig is not None]
    for rig in rigs:
        assert rig.joints.tolist() == [[0, 0, 1], [0, 0, 2], [0.3, -0.1, 0], [-0.3, -0.1, 0]]


@pytest.mark.parametrize(
    "names",
    [
        ["Hips", "Head", "Foot.L", "Foot.R"],
        ["lower_body", "head_top", "lower_leg_foot_l", "lower_leg_foot_r"],
        ["Bip01", "Bip01 Head", "Bip01 L Foot", "Bip01 R Foot"],
    ],
)
def test_sides_are_told_however_artists_write_them(names: list[str]) -> None:
    joints = np.array([[0, 0, 1], [0, 0, 2], [0, 0.3, 0], [0, -0.3, 0]], np.float64)
    frame = frame_by_joints(names, joints, np.array([[-0.2, -0.5, 0], [0.2, 0.5, 2]]))
    assert (frame.up, frame.forward, frame.source) == ((0, 0, 1), (1, 0, 0), "joints")


def test_a_damaged_model_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    bare = record("bare") | {"skinning_weights_value": np.array([1.0, 0.5, 0.25, 1.0, 0.0])}
    loop = record("two parents") | {"bones": np.array([[0, 1], [2, 1], [0, 2], [0, 3]])}
    short = {key: value for key, value in record("short").items() if key != "joints"}
    outside = record("outside") | {"faces": np.array([[0, 1, 7]])}
    save(tmp_path / "articulation_xlv2_train.npz", record("a"), bare, loop, short, outside, record("z"))
    skipped: list[Skipped] = []
    read = read_parts(list_items(tmp_path, skipped), lambda item: item.load_rig and item.load_rig(), skipped)
    assert [item.name for item, _ in read] == ["a", "z"]
    assert {one.name: one.reason for one in skipped} == {
        "bare": "1 of 4 vertices have no weight",
        "two parents": "joint 1 has two parents",
        "short": "it has no 'joints'",
        "outside": "a face refers to vertex 8 of 4",
    }


def test_a_file_that_is_cut_short_or_changed_is_named(tmp_path: Path) -> None:
    save(tmp_path / "whole.npz", *(record(str(i)) for i in range(40)))
    data = bytearray((tmp_path / "whole.npz").read_bytes())
    (tmp_path / "whole.npz").unlink()
    (tmp_path / "cut.npz").write_bytes(data[: len(data) // 2])
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "changed.npz").write_bytes(data)
    skipped: list[Skipped] = []
    list(list_items(tmp_path, skipped))
    assert {one.name for one in skipped} == {"changed.npz", "cut.npz"}
    assert all(one.reason.startswith("damaged after ") for one in skipped)


def test_changed_bytes_are_never_more_than_a_named_damage(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", *(record(str(i)) for i in range(3)))
    whole = zipfile.ZipFile(tmp_path / "a.npz").read("arr_0.npy")
    rng = np.random.default_rng(0)
    for _ in range(150):
        data = bytearray(whole)
        data[int(rng.integers(80, len(data)))] = int(rng.integers(256))
        with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:  # its checksum fits: only the content is wrong
            archive.writestr("arr_0.npy", bytes(data))
        skipped: list[Skipped] = []
        read = list(read_parts(list_items(tmp_path, skipped), lambda item: item.load_rig and item.load_rig(), skipped))
        assert len(read) == 3 or skipped


def write_pickled(path: Path, data: bytes, count: int) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|O", "fortran_order": False, "shape": (count,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("allow_pickle.npy", b"")
        archive.writestr("arr_0.npy", head.getvalue() + data)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_records_are_what_numpy_would_load(protocol: int, tmp_path: Path) -> None:
    records = np.array([record("a"), record("b") | {"root_index": np.int64(3), "uuid": np.str_("b")}], object)
    write_pickled(tmp_path / "a.npz", pickle.dumps(records, protocol), 2)
    for found, true in zip(stream_records(tmp_path / "a.npz", "vertices"), records, strict=True):
        assert found.keys() == true.keys()
        for key in true:
            assert np.array_equal(np.asarray(found[key]), np.asarray(true[key]))
            assert np.asarray(found[key]).dtype == np.asarray(true[key]).dtype


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('this ran')",)


def test_a_file_that_asks_to_run_something_is_refused(tmp_path: Path) -> None:
    records = np.array([record("a"), record("b") | {"pc_w_norm": Evil()}], object)
    write_pickled(tmp_path / "articulation_xlv2_test.npz", pickle.dumps(records, 3), 2)
    skipped: list[Skipped] = []
    assert [item.name for item in list_items(tmp_path, skipped)] == ["a"]
    assert "builtins" in skipped[0].reason
    assert "exec" in skipped[0].reason


def test_only_one_model_is_in_memory_at_a_time(tmp_path: Path) -> None:
    models = [record(str(i)) | {"pc_w_norm": np.zeros((8192, 6), np.float16)} for i in range(200)]
    save(tmp_path / "a.npz", *models)
    del models
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream_records(tmp_path / "a.npz", "vertices")) == 200
        assert tracemalloc.get_traced_memory()[1] < 6e6  # all of them are 20 MB
    finally:
        tracemalloc.stop()


def test_a_file_of_one_model(tmp_path: Path) -> None:
    np.savez(tmp_path / "dog.npz", **{key: value for key, value in record("dog").items() if key != "uuid"})  # type: ignore[arg-type]
    (item,) = list_items(tmp_path, [])
    assert (item.name, item.split) == ("dog", "none")
    assert item.load_rig is not None
    assert item.load_rig().names == tuple(NAMES)
