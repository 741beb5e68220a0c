"""ModelsResource-RigNet on disk."""

from pathlib import Path

import numpy as np
import pytest

from training.datasets.readers.common import DamagedSourceError, Skipped
from training.datasets.readers.rignet import list_items, read_attention
from training.datasets.rigged_glb import as_armature

OBJ = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 1 1\nf 1 2 3\nf 3 2 4\n"
# The child is listed before its parent; vertex 1 names a joint twice; the shares of vertex 2 are not of sum 1.
RIG = """joints tip 0 1 0
joints base 0 0 0.5
root base
skin 0 base 1.0
skin 1 tip 0.25 base 0.5 tip 0.25
skin 2 tip 0.5
skin 3 tip 0.75 base 0.25
hier base tip
"""


def write(folder: Path, name: str, rig: str = RIG, obj: str = OBJ, suffix: str = "") -> None:
    for kind, ending, text in (("obj", "obj", obj), ("rig_info", "txt", rig)):
        path = folder / f"{kind}{suffix}" / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_character_has_its_joints_parents_and_weights_in_this_projects_frame(tmp_path: Path) -> None:
    write(tmp_path, "12")
    (tmp_path / "val_final.txt").write_text("12\n")
    (item,) = list_items(tmp_path, [])
    assert (item.name, item.split) == ("12", "val")
    assert item.load_rig is not None
    rig = item.load_rig()
    assert rig.names == ("base", "tip")
    assert rig.parents.tolist() == [-1, 0]
    assert rig.joints.tolist() == [[0, -0.5, 0], [0, 0, 1]]
    assert rig.mesh.vertices[3].tolist() == [0, -1, 1]
    assert rig.skin.dense(2).tolist() == [[1, 0], [0.5, 0.5], [0, 1], [0.25, 0.75]]
    assert as_armature(rig).names == ("base", "tip")


def test_what_is_missing_or_listed_and_not_there_is_named(tmp_path: Path) -> None:
    write(tmp_path, "7")
    write(tmp_path, "8")
    (tmp_path / "obj" / "8.obj").unlink()
    (tmp_path / "train_final.txt").write_text("7\n9\n")
    skipped: list[Skipped] = []
    assert [item.name for item in list_items(tmp_path, skipped)] == ["7"]
    assert skipped == [
        Skipped("8", "'obj/8.obj' is missing"),
        Skipped("9", "'obj/9.obj' is missing and 'rig_info/9.txt' is missing"),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("hier base tip", "hier base hand"), "'hand'"),
        (("skin 3", "skin 9"), "vertex 9 of 4"),
        (("skin 3 tip 0.75 base 0.25\n", ""), "1 of 4 vertices have no weight"),
        (("hier base tip\n", ""), "root"),
        (("root base", "root tip"), "root"),
        (("joints tip 0 1 0", "joints tip 0 1"), "inhomogeneous"),
        (("skin 0 base 1.0", "skin 0 base -1.0"), "negative"),
        (("joints tip", "joints base"), "same name"),
    ],
)
def test_a_damaged_rig_says_what_is_wrong(change: tuple[str, str], reason: str, tmp_path: Path) -> None:
    write(tmp_path, "7", RIG.replace(*change))
    (item,) = list_items(tmp_path, [])
    assert item.load_rig is not None
    with pytest.raises(DamagedSourceError, match=reason):
        item.load_rig()


def test_the_remeshed_characters_and_their_attention(tmp_path: Path) -> None:
    write(tmp_path, "7", suffix="_remesh")
    (tmp_path / "pretrain_attention").mkdir()
    (tmp_path / "pretrain_attention" / "7.txt").write_text("0\n1\n0.5\n0\n")
    assert [item.name for item in list_items(tmp_path, [], remeshed=True)] == ["7"]
    assert read_attention(tmp_path, "7").tolist() == [0, 1, 0.5, 0]
    with pytest.raises(DamagedSourceError, match="'8'"):
        read_attention(tmp_path, "8")
    assert np.isfinite(read_attention(tmp_path, "7")).all()
