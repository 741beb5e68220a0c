"""ShapeNet on disk: both versions, the renderings, the lists of splits."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.datasets.readers.common import DamagedSourceError, Skipped
from training.datasets.readers.shapenet import list_items, r2n2_camera

CHAIR = "03001627"
# A needle: up is 2 long, the front 1, and the model's own left 0.5, in each version's axes.
VERSION_1 = "v 0 0 0\nv 1 0 0\nv 0 2 0\nv 0 0 -0.5\nf 1 2 3\nf 1 3 4\n"
VERSION_2 = "v 0 0 0\nv 0 0 -1\nv 0 2 0\nv -0.5 0 0\nf 1 2 3\nf 1 3 4\n"


def write_model(folder: Path, text: str, inner: str = "model.obj") -> None:
    (folder / inner).parent.mkdir(parents=True, exist_ok=True)
    (folder / inner).write_text(text)


def write_renderings(folder: Path, lines: list[str], missing: tuple[int, ...] = ()) -> None:
    folder.mkdir(parents=True)
    (folder / "rendering_metadata.txt").write_text("\n".join(lines) + "\n")
    for i in set(range(len(lines))) - set(missing):
        Image.new("RGBA", (137, 137)).save(folder / f"{i:02d}.png")


def test_version_1_with_renderings_taxonomy_and_splits(tmp_path: Path) -> None:
    core = tmp_path / "ShapeNetCore.v1"
    write_model(core / CHAIR / "a1", VERSION_1)
    write_model(core / CHAIR / "b2", "v 0 0 0\nf 1 2 3\n")
    (core / CHAIR / "c3").mkdir()
    write_model(core / "04460130" / "d4", VERSION_1)
    (core / "taxonomy.json").write_text(json.dumps([{"synsetId": "04460130", "name": "tower,spire"}]))
    (core / "all.csv").write_text(f"id,synsetId,subSynsetId,modelId,split\n1,{CHAIR},{CHAIR},a1,test\n")
    lines = ["0 0 0 1.0 25", "90 30 0 0.8 25", "5 5 0 0.7"]
    write_renderings(tmp_path / "ShapeNetRendering" / CHAIR / "a1" / "rendering", lines, missing=(1,))
    skipped: list[Skipped] = []
    items = list(list_items(tmp_path, skipped))
    assert [(item.name, item.category, item.split) for item in items] == [
        (f"{CHAIR}/a1", "chair", "test"),
        (f"{CHAIR}/b2", "chair", "none"),
        ("04460130/d4", "tower", "none"),
    ]
    assert [one.name for one in skipped] == [
        f"{CHAIR}/a1/rendering/01.png",
        f"{CHAIR}/a1/rendering/02.png",
        f"{CHAIR}/c3",
    ]
    assert items[0].load_mesh is not None
    assert items[0].load_mesh().vertices.tolist() == [[0, 0, 0], [0, -1, 0], [0, 0, 2], [0.5, 0, 0]]
    assert len(items[0].views) == 1
    assert items[0].views[0].pixels().shape == (137, 137, 4)
    assert items[1].load_mesh is not None
    with pytest.raises(DamagedSourceError, match=f"{CHAIR}/b2"):
        items[1].load_mesh()


def test_version_2_stands_the_same_way_and_its_views_have_no_camera(tmp_path: Path) -> None:
    write_model(tmp_path / CHAIR / "a1", VERSION_2, "models/model_normalized.obj")
    write_renderings(tmp_path / "ShapeNetRendering" / CHAIR / "a1" / "rendering", ["0 0 0 1.0 25"])
    skipped: list[Skipped] = []
    (item,) = list_items(tmp_path, skipped)
    assert item.load_mesh is not None
    assert item.load_mesh().vertices.tolist() == [[0, 0, 0], [0, -1, 0], [0, 0, 2], [0.5, 0, 0]]
    assert [view.camera for view in item.views] == [None]
    assert not skipped


def test_renderings_alone_are_items_with_views_only(tmp_path: Path) -> None:
    write_renderings(tmp_path / "ShapeNetRendering" / CHAIR / "a1" / "rendering", ["0 0 0 1.0 25"] * 2)
    (item,) = list_items(tmp_path / "ShapeNetRendering", [])
    assert item.load_mesh is None
    assert len(item.views) == 2


def test_splits_by_views_and_by_lists(tmp_path: Path) -> None:
    for model in "ab":
        write_model(tmp_path / "json" / CHAIR / model, VERSION_1)
        write_model(tmp_path / "lst" / CHAIR / model, VERSION_1)
    views = {"train": {CHAIR: {"a": [0, 1], "b": [5]}}, "test": {CHAIR: {"b": [0, 1, 2]}}}
    (tmp_path / "json" / "my_split.json").write_text(json.dumps(views))
    (tmp_path / "lst" / CHAIR / "val.lst").write_text("a\n")
    (tmp_path / "lst" / CHAIR / "train.lst").write_text("b\n")
    assert [item.split for item in list_items(tmp_path / "json", [])] == ["train", "test"]
    assert [item.split for item in list_items(tmp_path / "lst", [])] == ["val", "train"]


def test_the_camera_starts_in_front_and_goes_round_to_the_models_right() -> None:
    front, right, above = (r2n2_camera(line, 137, 137) for line in ("0 0 0 1 25", "90 0 0 1 25", "0 30 0 0.8 25"))
    # In front of a model its left hand (+X) is on the picture's right, and up is a smaller row.
    column, row, depth = front.project(np.array([[0.1, 0.0, 0.1]]))[0]
    assert depth == pytest.approx(1.75)
    assert column > 68.5 > row
    assert column - 68.5 == pytest.approx(0.1 / 1.75 * 137 * 35 / 32)
    # From its right the front (-Y) is on the picture's right.
    assert right.project(np.array([[0.0, -0.1, 0.0]]))[0, 0] > 68.5
    assert -above.pose[:, :3].T @ above.pose[:, 3] == pytest.approx(
        1.4 * np.array([0, -np.cos(np.pi / 6), np.sin(np.pi / 6)])
    )
