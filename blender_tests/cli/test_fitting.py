"""--rest and --skeleton on the command line, with and without Blender."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from blender_tests.cli.test_run import run
from bonewright.inference.gltf.fitting.skeleton import read_template
from bonewright.inference.rigging.skeletons.builtin import builtin
from tools.sample import write_obj
from training.shapes.figures import person
from training.shapes.making.implicit import mesh_around


@pytest.fixture(scope="module")
def hanging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person with the arms down."""
    path = tmp_path_factory.mktemp("person") / "person.obj"
    mesh = mesh_around(person())
    write_obj(path, mesh.vertices, mesh.triangles)
    return path


@pytest.mark.parametrize("engine", ["gltf", "blender"])
def test_the_file_gets_the_mannequins_skeleton(hanging: Path, engine: str, tmp_path: Path):
    out, report = tmp_path / "made.glb", tmp_path / "report.json"
    options = ("--skeleton", "unreal", "--engine", engine, "--method", "geometric", "--kind", "biped")
    done = run(hanging, "-o", out, "--report", report, *options)
    assert done.returncode == 0, done.stderr
    template, found = builtin("unreal"), read_template(out)
    assert set(template.names) <= set(found.names)
    order = [found.names.index(name) for name in template.names]
    np.testing.assert_allclose(found.axes[order], template.axes, atol=1e-4)
    (entry,) = json.loads(report.read_text())["files"]
    assert entry["engine"] == engine
    assert {"root", "pelvis", "hand_l"} <= {bone["name"] for bone in entry["bones"]}
    assert any("placed by proportion" in note for note in entry["notes"])  # it has no fingers


def test_a_skeleton_that_is_none_and_contradictions_end_before_any_work(hanging: Path, tmp_path: Path):
    for options, words in (
        (("--skeleton", "nobody"), "is no skeleton"),
        (("--skeleton", "vrm", "--rest", "t"), "its own rest pose"),
        (("--rest", "a", "--no-bind"), "Leave out --no-bind"),
    ):
        done = run(hanging, "-o", tmp_path / "made.glb", *options)
        assert done.returncode == 2
        assert words in done.stderr
    assert not list(tmp_path.iterdir())
