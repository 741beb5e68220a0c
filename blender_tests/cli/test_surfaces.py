"""What surface is made of pictures, and which two are blended, as the command line is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonewright.addon.batch.engines import Workers
from bonewright.addon.batch.messages import decode_request, encode_request
from bonewright.addon.batch.plan import FileJob, Views
from bonewright.addon.cli import rig_command

NOBODY = Workers([], [])


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = rig_command([*arguments, "--dry-run"], NOBODY, "rig")
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_a_blend_is_one_file_of_two_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.touch()
    second.touch()
    blend = ["--blend", str(first), str(second), "0.5", "-o", str(tmp_path / "c.glb")]
    code, text = told(blend, capsys)
    assert code == 0
    assert "1 of 1 files would be rigged" in text
    for wrong, word in (
        ([*blend, "--surface", "spheres"], "cannot be blended"),
        ([str(first), *blend], "Leave out the other inputs"),
        (["--blend", str(first), str(second), "2", "-o", "c.glb"], "no share"),
        (["--blend", str(first), str(second), "half", "-o", "c.glb"], "no share"),
        (["-o", "c.glb"], "no input"),
        ([str(first), "--surface", "implicit", "--detail", "4", "-o", "c.glb"], "Detail"),
    ):
        code, text = told(wrong, capsys)
        assert code == 2, wrong
        assert word in text, wrong


def test_what_is_asked_of_pictures_reaches_the_worker(tmp_path: Path):
    views = Views((tmp_path / "b.png",), (), (90.0,), refine=False, surface="deformed", detail=128, share=0.25)
    job = FileJob(tmp_path / "a.png", (tmp_path / "a.glb",), views=views)
    assert decode_request(encode_request(job, "1"))[0].views == views
