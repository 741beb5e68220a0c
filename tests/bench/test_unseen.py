"""Assets of artists never seen: chosen, rigged every way, and counted even when they fail."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tools.bench.unseen.run import Chosen, chosen_assets, read_earlier, unseen
from tools.bench.unseen.tables import show_all
from tools.bench.unseen.ways import AUTO
from training.datasets.folds import FOLDS
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around

from ..skinned_files import write_skinned

NAMES = ("person", "nothing", "packed")
NODES: list[dict[str, object]] = [{"name": "hips", "children": [1]}, {"name": "chest"}]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person of an artist, a file of another one whose triangles have no area, and a person of a pack."""
    folder = tmp_path_factory.mktemp("library")
    mesh = mesh_around(person(), 48)
    y_up = (mesh.vertices @ np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])).astype(np.float32)
    weights = np.tile(np.array([255, 0, 0, 0], np.uint8), (len(y_up), 1))
    joints = np.zeros((len(y_up), 4), np.uint8)
    joints[y_up[:, 1] > np.median(y_up[:, 1]), 0] = 1
    middle = (y_up.min(0) + y_up.max(0)) / 2
    heads = np.array([middle, middle + np.array([0, 0.2, 0])], np.float32)
    for name in NAMES:
        triangles = mesh.triangles.astype(np.uint16)
        if name == "nothing":
            triangles = np.repeat(triangles[:, :1], 3, 1)
        write_skinned(folder / f"{name}.glb", y_up, triangles, joints, weights, NODES, heads)
    sources = "".join(f"rigged/../{name}.glb,biped stylised,CC-BY-4.0,r,p,0,1,2,val\n" for name in NAMES)
    (folder / "SOURCES.csv").write_text("file,kind,licence,repo,path,commit,vertices,joints,split\n" + sources)
    (folder / "rigged").mkdir()
    (folder / "ATTRIBUTION.csv").write_text(
        "file,licence,author,title,source_page\nperson.glb,CC-BY-4.0,Ada,Person,a\nnothing.glb,CC-BY-4.0,Bob,Nothing,b\n"
    )
    (folder / "labels").mkdir()
    labels = "".join(f"{name}.glb,biped,+Z,T,0,hips spine.1\n" for name in NAMES)
    (folder / "labels" / "joints.csv").write_text("file,plan,front,pose,doubt,labels\n" + labels)
    return folder


def test_files_of_many_artists_are_told_from_those_of_one(library: Path) -> None:
    assert [item.name for item in chosen_assets(Chosen(library))] == ["nothing", "person"]
    assert [item.name for item in chosen_assets(Chosen(library, whose="one"))] == ["packed"]
    assert len(chosen_assets(Chosen(library, whose="all"))) == 3


def test_each_file_is_held_out_by_one_fold(library: Path) -> None:
    held = [item.name for fold in range(FOLDS) for item in chosen_assets(Chosen(library, fold=fold))]
    assert sorted(held) == ["nothing", "person"]
    with pytest.raises(SystemExit, match="There is no fold 5"):
        chosen_assets(Chosen(library, fold=5))


def test_what_fails_counts_with_the_worst_of_everything(library: Path, tmp_path: Path) -> None:
    found = unseen(Chosen(library), ("told front",), jobs=2, limit_s=3600, sheet=tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 0
    assets = {asset.name: asset for asset in found.assets}
    good, bad = assets["person"].made[AUTO], assets["nothing"].made[AUTO]
    assert good.up_right
    assert good.front_right
    assert good.kind_right
    assert good.j2j < 40
    assert (bad.j2j, bad.iou, bad.skin_l1, bad.up_right) == (100.0, 0.0, 2.0, False)
    assert "Error" in bad.error
    assert assets["nothing"].made["told front"].j2j == 100.0
    assert found.means["rigs"]["all"]["J2J"]["mean"] == pytest.approx((good.j2j + 100) / 2)

    (tmp_path / "earlier.json").write_text(json.dumps({"results": found.record()}))
    again = show_all(found.assets, read_earlier(tmp_path / "earlier.json"), (AUTO,))
    assert again["against"][AUTO]["j2j"]["count"] == 2
    assert again["against"][AUTO]["j2j"]["mean"] == 0.0


def test_a_way_that_nobody_knows_is_refused(library: Path) -> None:
    with pytest.raises(SystemExit, match="There is no way 'guess'"):
        unseen(Chosen(library), ("guess",))
