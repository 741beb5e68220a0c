"""The command line as a user runs it: a process, its exit code, what it prints and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from blender_tests.scenes import add_ball, rig_of
from bonewright.addon.scene.attach import apply_rig
from bonewright.addon.scene.files import old_armatures, open_file
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.weights import read_weights
from tools.package import ROOT
from tools.sample import make_creature, write_obj

COMMAND = [sys.executable, "-m", "tools.rig"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def bonewright_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`bonewright ...` as it is where the package is installed."""
    code = "from tools.package import as_package; as_package(); from bonewright.addon.cli import main; exit(main())"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def creature(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("creature") / "creature.obj"
    write_obj(path, *make_creature(cells=60))
    return path


@pytest.fixture(scope="module")
def batch(creature: Path) -> tuple[Path, subprocess.CompletedProcess[str], bytes]:
    """A folder with a good file twice and two bad ones, rigged with everything on; the run; the input as it was."""
    source = creature.parent / "in"
    (source / "sub").mkdir(parents=True)
    content = creature.read_bytes()
    (source / "creature.obj").write_bytes(content)
    (source / "sub" / "狐 größer.obj").write_bytes(content)
    (source / "broken.glb").write_bytes(b"glTF but not really")
    (source / "points.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    out = creature.parent / "out"
    options = ("--format", "glb,blend", "--picture", "--jobs", 2, "--report", out / "report.json")
    return out, run(source, "-o", out, *options), content


def test_one_bad_file_fails_the_run_but_not_the_others(batch) -> None:
    out, done, _ = batch
    assert done.returncode == 1, done.stderr
    for stem in ("creature", "sub/狐 größer"):
        for suffix in (".glb", ".blend", ".png"):
            assert (out / (stem + suffix)).stat().st_size > 0


def test_each_failure_is_one_line_that_names_the_file(batch) -> None:
    _, done, _ = batch
    lines = done.stderr.splitlines()
    assert sum(line.startswith("broken.glb: ") for line in lines) == 1
    assert sum(line.startswith("points.obj: ") for line in lines) == 1
    assert "2 of 4 files rigged." in lines
    assert "Traceback" not in done.stderr + done.stdout


def test_nothing_half_written_is_left_and_the_input_is_unchanged(batch) -> None:
    out, _, content = batch
    assert not [path for path in out.rglob("*") if "partial" in path.name or "journal" in path.name]
    assert (out.parent / "in" / "creature.obj").read_bytes() == content


def test_the_report_has_a_record_of_every_file(batch) -> None:
    out, _, _ = batch
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert (report["rigged"], report["failed"]) == (2, 2)
    good = [entry for entry in report["files"] if entry["status"] == "ok"]
    bad = [entry for entry in report["files"] if entry["status"] == "failed"]
    assert {entry["error_type"] for entry in bad} <= {"FileError", "SceneError", "EmptyMeshError"}
    for entry in good:
        assert entry["valid"]
        assert len(entry["bones"]) > 5
        assert sum(bone["parent"] is None for bone in entry["bones"]) == 1


def test_every_vertex_of_the_result_is_bound_to_the_one_armature(batch) -> None:
    out, _, _ = batch
    item = open_file(out / "creature.blend")[0]
    armature = old_armatures()[0]
    assert item.parent == armature
    assert [modifier.object for modifier in item.modifiers] == [armature]
    names = [bone.name for bone in armature.data.bones]
    weights = read_weights(read_mesh([item]).parts, len(item.data.vertices), names)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-4)
    assert (weights > 0).sum(1).max() <= 4


def test_the_picture_shows_something_in_each_of_its_three_panels(batch) -> None:
    image = bpy.data.images.load(str(batch[0] / "creature.png"))
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    panels = np.split(pixels.reshape(height, width, 4)[..., :3], 3, axis=1)
    assert all(panel.std() > 0.05 for panel in panels)
    assert np.abs(panels[0] - panels[1]).mean() > 0.01
    assert np.abs(panels[0] - panels[2]).mean() > 0.005


def test_the_same_request_gives_the_same_bytes(creature: Path, tmp_path: Path) -> None:
    digests = []
    for name in ("one.glb", "two.glb"):
        done = run(creature, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        digests.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_an_existing_result_is_kept_without_force_and_replaced_with_it(creature: Path, tmp_path: Path) -> None:
    out = tmp_path / "creature.glb"
    out.write_text("mine")
    refused = run(creature, "-o", out)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert out.read_text() == "mine"
    forced = run(creature, "-o", out, "--force")
    assert forced.returncode == 0, forced.stderr
    assert out.read_bytes()[:4] == b"glTF"


def test_a_missing_file_is_one_line_and_exit_code_one(tmp_path: Path) -> None:
    done = run(tmp_path / "no.obj", "-o", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no.obj" in done.stderr


def test_a_request_without_sense_is_exit_code_two(creature: Path, tmp_path: Path) -> None:
    assert run(creature, "-o", tmp_path / "x.docx", "--format", "docx").returncode == 2
    assert run(creature, "-o", tmp_path / "x.glb", "--kind", "table").returncode == 2
    assert run(creature, "-o", tmp_path / "x.glb", "--jobs", "0").returncode == 2


def test_a_file_that_takes_too_long_is_given_up_by_name(creature: Path, tmp_path: Path) -> None:
    done = run(creature, "-o", tmp_path / "x.glb", "--timeout", 0.02)
    assert done.returncode == 1
    assert "took longer than 0.02 seconds" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_armature_in_the_input_is_replaced_when_asked_and_the_report_says_so(tmp_path: Path) -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    item = add_ball("Körper", Matrix.LocRotScale((0, 0, 3), None, (1, 1, -2)))
    source = read_mesh([item])
    apply_rig(rig_of(source.mesh.vertices), source, "Old")
    path = tmp_path / "old.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    refused = run(path, "-o", tmp_path / "new.blend")
    assert refused.returncode == 1
    assert "the armature 'Old'. Add --replace-rig" in refused.stderr
    done = run(path, "-o", tmp_path / "new.blend", "--report", tmp_path / "report.json", "--replace-rig")
    assert done.returncode == 0, done.stderr
    assert "'Old' of the input was replaced" in (tmp_path / "report.json").read_text(encoding="utf-8")
    meshes = open_file(tmp_path / "new.blend")
    assert [item.name for item in old_armatures()] == ["old_rig"]
    assert not {"lower", "upper"} & {group.name for group in meshes[0].vertex_groups}
    np.testing.assert_allclose(read_mesh(meshes).mesh.vertices, source.mesh.vertices, atol=1e-5)


def test_without_binding_there_is_an_armature_and_no_weights(creature: Path, tmp_path: Path) -> None:
    done = run(creature, "-o", tmp_path / "bones.blend", "--no-bind")
    assert done.returncode == 0, done.stderr
    item = open_file(tmp_path / "bones.blend")[0]
    assert len(old_armatures()) == 1
    assert not item.vertex_groups
    assert not item.modifiers


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_stops_everything_and_leaves_nothing_half_written(creature: Path, tmp_path: Path) -> None:
    copies = [creature.parent / f"copy{number}.obj" for number in range(20)]  # too many to be done by then
    for copy in copies:
        copy.write_bytes(creature.read_bytes())
    command = [*COMMAND, *map(str, copies), "-o", str(tmp_path), "--picture"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # shells make background jobs deaf to it
    )
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped" in errors
    assert "Traceback" not in errors
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_what_was_done_is_on_record_even_when_the_run_is_killed(creature: Path, tmp_path: Path) -> None:
    copies = [tmp_path / f"copy{number}.obj" for number in range(20)]
    for copy in copies:
        copy.write_bytes(creature.read_bytes())
    report = tmp_path / "out" / "report.json"
    journal = report.with_name("report.json.journal")
    process = subprocess.Popen(
        [*COMMAND, *map(str, copies), "-o", str(report.parent), "--report", str(report)], cwd=ROOT
    )
    while not (journal.exists() and journal.read_bytes().count(b"\n")):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not report.exists()
    for line in journal.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert record["status"] == "ok"
        assert (report.parent / Path(record["input"]).with_suffix(".glb").name).exists()
