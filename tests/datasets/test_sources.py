"""Public data sets as the source of a build: read in order, one item in memory, every name once."""

import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import trimesh

from training.datasets.builders.build import build
from training.datasets.builders.make import Rigs, Skeletons
from training.datasets.builders.sources import NoInputError, Read
from training.datasets.readers import imagecas
from training.datasets.readers.common import Skipped
from training.datasets.store.errors import SkippedError
from training.datasets.store.reading import Dataset

TWICE = "there is another item of this name before it; only that one is taken"


def model(name: str, *, height: float = 2.0, ballast: int = 0) -> dict[str, object]:
    """A tetrahedron with two joints, and `ballast` bytes that a reader carries along."""
    return {
        "vertices": np.array([[0, height, 0], [0.4, 0, 0.2], [-0.4, 0, 0.2], [0, 0, -0.2]], np.float64),
        "faces": np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int64),
        "joints": np.array([[0, 0, 0], [0, 0.5 * height, 0]], np.float64),
        "bones": np.array([[0, 1]]),
        "root_index": 0,
        "uuid": name,
        "pc_w_norm": np.zeros(ballast, np.uint8),
        "joint_names": ["root", "tip"],
        "skinning_weights_value": np.ones(4),
        "skinning_weights_row": np.arange(4, dtype=np.int32),
        "skinning_weights_col": np.array([1, 0, 0, 0], np.int32),
    }


def save(path: Path, *models: dict[str, object]) -> None:
    np.savez_compressed(path, np.array(models, object))


def test_the_second_of_two_items_of_one_name_is_told_and_left_out(tmp_path: Path) -> None:
    save(tmp_path / "a_test.npz", model("dog"), model("cat"), model("dog", height=3))
    save(tmp_path / "b_train.npz", model("cat"), model("cow"))
    source = Read("articulation-xl", tmp_path)
    assert source.names == ("dog", "cat", "cow")
    assert source.skipped == [Skipped("dog", TWICE), Skipped("cat", TWICE)]
    build(tmp_path / "out", source, Rigs())
    data = Dataset(tmp_path / "out")
    assert data.names == ["dog", "cat", "cow"]
    assert [data.labels(name)["split"] for name in data.names] == ["test", "test", "train"]
    assert source.mesh("dog").vertices[:, 2].max() == 2


def test_meshes_of_one_name_and_two_endings_are_told(tmp_path: Path) -> None:
    for ending in ("obj", "stl"):
        trimesh.creation.box().export(tmp_path / f"s0001_liver.{ending}")
    source = Read("medshapenet", tmp_path)
    assert source.names == ("s0001_liver",)
    assert source.skipped == [Skipped("s0001_liver", TWICE)]


def test_labels_of_one_number_in_two_folders_are_told(tmp_path: Path) -> None:
    for folder in ("1-200", "201-400"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "7.label.nii.gz").write_bytes(b"")
    skipped: list[Skipped] = []
    assert [item.name for item in imagecas.list_items(tmp_path, skipped)] == ["7"]
    assert skipped == [Skipped("201-400/7.label.nii.gz", "there is another '7.label.nii.gz' before it")]


def test_items_may_be_asked_for_in_any_order_and_in_other_processes(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", *(model(str(k), height=1 + k) for k in range(5)), model("2", height=9))
    source = pickle.loads(pickle.dumps(Read("articulation-xl", tmp_path)))
    for k in (0, 3, 3, 1, 4, 2, 2, 0):
        assert source.mesh(str(k)).vertices[:, 2].max() == 1 + k
    with pytest.raises(SkippedError, match="no longer in the data set"):
        source.mesh("none")
    assert source.labels("4")["category"] == "unknown"


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save(tmp_path / "in" / "a_train.npz", *(model(str(k), height=1 + k) for k in range(4)))
    for processes in (0, 2):
        source = Read("articulation-xl", tmp_path / "in")
        build(tmp_path / str(processes), source, Skeletons(points=50), processes=processes, per_shard=2)
    alone, shared = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / str(k)).rglob("*.*")) if path.is_file()}
        for k in (0, 2)
    )
    assert alone == shared


def test_a_build_holds_one_model_in_memory_not_all(tmp_path: Path) -> None:
    count, ballast = 60, 400_000
    save(tmp_path / "a.npz", *(model(str(k), ballast=ballast) for k in range(count)))
    tracemalloc.start()
    try:
        built = build(tmp_path / "out", Read("articulation-xl", tmp_path), Rigs())
        assert built.items == count
        assert tracemalloc.get_traced_memory()[1] < 0.4 * count * ballast
    finally:
        tracemalloc.stop()


def test_a_folder_with_nothing_in_it_is_an_error(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", {**model("x"), "joints": np.zeros(5)})
    with pytest.raises(NoInputError, match="No item of format 'articulation-xl'"):
        print(Read("articulation-xl", tmp_path).names)
