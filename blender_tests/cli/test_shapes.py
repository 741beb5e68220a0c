"""Shapes on the command line: what each verb writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonewright.addon.batch.shapes import VERBS, shapes_command
from bonewright.addon.cli import command
from bonewright.inference.networks import shelf
from inference.pipelines.files import read_latent, read_mesh
from tests.ball_networks import SKELETON, use_networks

QUICK = ("--resolution", "32", "--method", "geometric", "--weights", "geometric")


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    use_networks(monkeypatch, tmp_path_factory.getbasetemp() / "balls", shelf)


def do(verb: str, *words: object) -> int:
    options = () if verb == "encode" else QUICK
    return shapes_command(verb, [*map(str, words), *options], verb)


def test_generated_shapes_can_be_encoded_varied_blended_completed_and_decoded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    assert do("generate", "aorta", "--seed", 2, "--count", 2, "--latents", "-o", made) == 0
    assert sorted(path.name for path in made.iterdir()) == [
        "aorta_2_1.glb",
        "aorta_2_1.npz",
        "aorta_2_2.glb",
        "aorta_2_2.npz",
    ]
    assert "bones" in capsys.readouterr().out
    first, second = made / "aorta_2_1.glb", made / "aorta_2_2.npz"
    assert do("encode", first, "-o", tmp_path / "latents") == 0
    assert len(read_latent(tmp_path / "latents" / "aorta_2_1.npz").radii) == SKELETON
    assert do("vary", second, "--category", "aorta", "--strength", 0.1, "-o", tmp_path / "varied.glb") == 0
    assert do("blend", first, second, "--share", "0.25,0.75", "-o", tmp_path / "blends") == 0
    assert len(list((tmp_path / "blends").iterdir())) == 2
    assert do("complete", first, "-o", tmp_path / "whole") == 0
    assert (tmp_path / "whole" / "aorta_2_1_complete.glb").is_file()
    assert do("decode", second, "-o", tmp_path / "again") == 0
    same = read_mesh(tmp_path / "again" / "aorta_2_2.glb").vertices == read_mesh(made / "aorta_2_2.glb").vertices
    assert same.all()


def test_what_makes_no_sense_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert do("generate", "unicorn", "-o", out) == 2
    assert "Choose one of: biped" in capsys.readouterr().err
    assert do("generate", "aorta", "--count", 2, "-o", tmp_path / "one.glb") == 2
    assert do("encode", tmp_path / "a" / "x.glb", tmp_path / "b" / "x.glb", "-o", out) == 2
    kept = tmp_path / "kept.glb"
    kept.write_bytes(b"mine")
    assert do("generate", "aorta", "-o", kept) == 2
    assert "--force" in capsys.readouterr().err
    assert kept.read_bytes() == b"mine"
    assert not out.exists()


def test_a_file_that_fails_does_not_keep_the_others_from_being_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert do("generate", "liver", "-o", tmp_path / "liver.glb") == 0
    assert do("encode", tmp_path / "missing.glb", tmp_path / "liver.glb", "-o", tmp_path / "out") == 1
    assert (tmp_path / "out" / "liver.npz").is_file()
    assert "missing" in capsys.readouterr().err


def test_without_weights_the_command_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shelf, "FOLDER", tmp_path)
    monkeypatch.delenv(shelf.USERS_FOLDER)
    assert do("generate", "aorta", "-o", tmp_path / "out") == 1
    assert "skeldiff-encoder" in capsys.readouterr().err


def test_every_verb_is_a_word_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        with pytest.raises(SystemExit, match="0"):
            command([verb, "--help"], [], "bonewright")
        assert f"usage: bonewright {verb}" in capsys.readouterr().out
    assert command([], [], "bonewright") == 2
    usage = capsys.readouterr().err
    assert all(verb in usage for verb in VERBS)
