"""The command line before any work starts: which files are read, which are written, what is refused."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from bonewright.addon.batch.arguments import add_fields, field_texts, request_from
from bonewright.addon.batch.messages import decode_request, encode_request
from bonewright.addon.batch.plan import FileJob, make_plan, staged
from bonewright.inference.errors import BadRequestError
from bonewright.inference.kinds import ALIASES
from bonewright.inference.requests import RigOptions


def plan(
    *inputs: Path, out: Path, formats: tuple[str, ...] = (), picture: bool = False, force: bool = False
) -> list[FileJob]:
    return make_plan(inputs, out, formats, picture=picture, force=force)


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    path = tmp_path / "fox.obj"
    path.write_text("v 0 0 0\n")
    return path


def test_one_file_goes_to_the_file_named(fox: Path, tmp_path: Path) -> None:
    assert plan(fox, out=tmp_path / "rigged.fbx")[0].outputs == (tmp_path / "rigged.fbx",)


def test_one_file_goes_into_the_folder_named_as_glb(fox: Path, tmp_path: Path) -> None:
    assert plan(fox, out=tmp_path / "results")[0].outputs == (tmp_path / "results" / "fox.glb",)


def test_several_formats_and_a_picture_share_a_name(fox: Path, tmp_path: Path) -> None:
    job = plan(fox, out=tmp_path / "rigged.glb", formats=("blend", "usda"), picture=True)[0]
    assert [path.name for path in job.written] == ["rigged.blend", "rigged.usda", "rigged.png"]


def test_a_folder_is_mirrored_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    for name in ("a.glb", "sub/größe/b.FBX", "sub/notes.txt", "sub/.hidden.obj"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    jobs = plan(source, out=out)
    assert [job.source.relative_to(source).as_posix() for job in jobs] == ["a.glb", "sub/größe/b.FBX"]
    assert [job.outputs[0].relative_to(out).as_posix() for job in jobs] == ["a.glb", "sub/größe/b.glb"]


def test_results_of_an_earlier_run_inside_the_folder_are_no_input(tmp_path: Path) -> None:
    for name in ("a.obj", "out/a.glb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [job.source.name for job in plan(tmp_path, out=tmp_path / "out", force=True)] == ["a.obj"]


def test_files_that_differ_only_in_their_suffix_get_results_of_their_own(tmp_path: Path) -> None:
    for name in ("a.obj", "a.fbx"):
        (tmp_path / name).touch()
    assert {job.outputs[0].name for job in plan(tmp_path, out=tmp_path / "out")} == {"a_obj.glb", "a_fbx.glb"}


def test_two_inputs_that_would_give_one_result_are_both_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.obj").touch()
    jobs = plan(tmp_path / "one", tmp_path / "two", out=tmp_path / "out")
    assert all("several inputs" in job.error for job in jobs)


def test_a_result_that_exists_is_refused_unless_forced(fox: Path, tmp_path: Path) -> None:
    (tmp_path / "fox.glb").touch()
    assert "exists. Add --force" in plan(fox, out=tmp_path / "fox.glb")[0].error
    assert plan(fox, out=tmp_path / "fox.glb", force=True)[0].error == ""


def test_an_input_is_never_overwritten_not_even_by_force(tmp_path: Path) -> None:
    path = tmp_path / "fox.glb"
    path.touch()
    assert "never overwritten" in plan(path, out=path, force=True)[0].error
    assert "never overwritten" in plan(path, out=tmp_path, force=True)[0].error


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    assert "does not exist" in plan(tmp_path / "no.obj", out=tmp_path / "out")[0].error


@pytest.mark.parametrize(("out", "formats"), [("x.glb", ("docx",)), ("x.obj", ()), ("many.glb", ())])
def test_a_request_that_makes_no_sense_is_refused_whole(tmp_path: Path, out: str, formats: tuple[str, ...]) -> None:
    for name in ("a.obj", "b.obj"):
        (tmp_path / name).touch()
    with pytest.raises(BadRequestError):
        plan(tmp_path, out=tmp_path / out, formats=formats)


def test_a_folder_without_meshes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequestError, match="holds no file that can be read"):
        plan(tmp_path, out=tmp_path / "out")


def test_a_result_is_staged_beside_its_place_with_the_same_suffix() -> None:
    place = staged(Path("/somewhere/fox.glb"), "7")
    assert place.parent == Path("/somewhere")
    assert place.suffix == ".glb"
    assert place.name.startswith(".")


def test_every_option_of_the_request_is_an_argument_with_its_help() -> None:
    assert set(field_texts(RigOptions)) == set(asdict(RigOptions()))
    parser = argparse.ArgumentParser()
    add_fields(parser, RigOptions, ALIASES)
    assert request_from(parser.parse_args([]), RigOptions) == RigOptions()
    asked = parser.parse_args(["--kind", "quadruped", "--no-bind", "--influences", "2"])
    assert request_from(asked, RigOptions) == RigOptions(kind="quadruped", bind=False, influences=2)
    assert request_from(parser.parse_args(["--kind", "humanoid"]), RigOptions) == RigOptions(kind="biped")
    assert field_texts(RigOptions)["density"].split()[0] in parser.format_help()


def test_a_request_reaches_the_worker_as_it_was_sent(tmp_path: Path) -> None:
    job = FileJob(tmp_path / "狐 fox.obj", (tmp_path / "ö.glb", tmp_path / "ö.blend"), tmp_path / "ö.png")
    line = json.dumps(encode_request(job, "12"))
    assert decode_request(json.loads(line)) == (job, "12")
