"""A file is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.files import write_whole, written_whole


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "rig.glb"
    write_whole(path, b"old")
    with written_whole(path) as part:
        part.write_bytes(b"new")
        assert part.suffix == ".glb"
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_nothing_is_left_of_a_write_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "rig.glb"
    write_whole(path, b"old")
    with pytest.raises(IsADirectoryError), written_whole(path) as part:
        part.write_bytes(tmp_path.read_bytes())
    assert [file.name for file in tmp_path.iterdir()] == ["rig.glb"]
    assert path.read_bytes() == b"old"


def test_pieces_follow_one_another(tmp_path: Path) -> None:
    write_whole(tmp_path / "checkpoint", b"head\n", memoryview(b"body"))
    assert (tmp_path / "checkpoint").read_bytes() == b"head\nbody"
