"""Hostile files end in a rig or in an error with a name, within what a process may hold and take."""

from __future__ import annotations

from pathlib import Path

from tools.hostile.__main__ import Options, is_bad, make_files, rig_all


def test_damage_and_bombs_end_in_a_rig_or_a_named_error(tmp_path: Path) -> None:
    for name, options in {
        "damage": Options(count=24, seed=7, bombs=False),
        "bombs": Options(count=30, seconds=20.0, memory=900.0),
    }.items():
        make_files(tmp_path / name / "in", options)
        records = rig_all(tmp_path / name, options)
        assert len(records) == options.count
        assert {path.name: record for path, record in records.items() if is_bad(record, options)} == {}
        kinds = {record["error_type"] for record in records.values() if record["status"] != "ok"}
        assert "FileError" in kinds
        assert any(record["status"] == "ok" for record in records.values())


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("once", "again"):
        make_files(tmp_path / name, Options(count=60, seed=3, bombs=False))
    once, again = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("once", "again"))
    assert once == again
