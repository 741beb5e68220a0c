"""The command that counts a data set."""

from pathlib import Path

import pytest
import trimesh

from tools.list_dataset import Format, Options, main
from training.datasets.readers import FORMATS


def test_it_counts_by_category_and_split_and_names_what_is_left_out(tmp_path: Path, capsys) -> None:
    for name in ("train/s0001_liver.stl", "train/s0002_liver.stl", "s0003_spleen.stl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        trimesh.creation.icosphere(1).export(tmp_path / name)
    (tmp_path / "s0004_liver.stl").write_bytes(b"solid nothing")
    assert main(Options("medshapenet", tmp_path)) == 0
    assert "left out" not in capsys.readouterr().out
    assert main(Options("medshapenet", tmp_path, read=True)) == 0
    text = capsys.readouterr().out
    assert [line.split() for line in text.splitlines() if "│ liver " in line] == [
        ["│", "liver", "│", "2", "│", "0", "│", "2", "│"]
    ]
    assert "1 left out:" in text
    assert "s0004_liver: " in text


def test_an_empty_folder_is_told_in_one_sentence(tmp_path: Path, capsys) -> None:
    assert main(Options("pix3d", tmp_path)) == 1
    assert "expected as a folder with pix3d.json" in capsys.readouterr().out.replace("\n", " ")


def test_every_reader_can_be_named() -> None:
    assert set(FORMATS) == set(Format.__args__)


@pytest.mark.parametrize("limit", [1, 2])
def test_it_stops_where_it_is_told_to(limit: int, tmp_path: Path, capsys) -> None:
    for name in "abc":
        trimesh.creation.icosphere(1).export(tmp_path / f"{name}.stl")
    assert main(Options("medshapenet", tmp_path, limit=limit)) == 0
    assert f"│ {limit}" in capsys.readouterr().out
