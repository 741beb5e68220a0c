"""Bonewright as a package: what its page shows is true, and the wheel holds all it needs without Blender."""

from __future__ import annotations

import doctest
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.gltf.documents import plain
from tools.sample import make_creature

ROOT = Path(__file__).resolve().parents[1]


def fox() -> tuple[np.ndarray, np.ndarray]:
    return make_creature(cells=40)


def fox_file(folder: Path) -> Path:
    vertices, triangles = fox()
    path = folder / "fox.glb"
    path.write_bytes(plain(np.stack([vertices[:, 0], vertices[:, 2], -vertices[:, 1]], 1), triangles).glb())
    return path


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as a wheel holds it, and a Blender that must not be imported."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("bonewright-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (folder / "bpy.py").write_text("raise SystemExit('Blender was imported')\n")
    return folder


def test_the_wheel_holds_the_code_and_the_networks_and_nothing_else(package: Path) -> None:
    names = {path.name for path in package.iterdir()}
    assert {name for name in names if not name.endswith((".whl", ".dist-info"))} == {"bonewright", "bpy.py"}
    weights = {path.name for path in (package / "bonewright" / "inference" / "weights").iterdir()}
    assert weights == {path.name for path in (ROOT / "inference" / "weights").iterdir()}


def test_the_page_about_the_library_tells_the_truth(package: Path, tmp_path: Path) -> None:
    fox_file(tmp_path)
    code = f"""
import doctest, pathlib, sys
sys.path.append({str(ROOT)!r})
from tests.test_library import fox
names = dict(fox=fox, folder=pathlib.Path({str(tmp_path)!r}))
failed, tried = doctest.testfile({str(ROOT / "docs" / "library.md")!r}, module_relative=False, globs=names)
print(failed, tried)
"""
    done = subprocess.run([sys.executable, "-c", code], env=environment(package), capture_output=True, text=True)
    failed, tried = done.stdout.splitlines()[-1].split()
    assert failed == "0", done.stdout
    assert int(tried) == len(doctest.DocTestParser().get_examples((ROOT / "docs" / "library.md").read_text("utf-8")))


def test_the_command_rigs_a_file_without_blender(package: Path, tmp_path: Path) -> None:
    source, target, report = fox_file(tmp_path), tmp_path / "out" / "fox.glb", tmp_path / "report.json"
    command = [sys.executable, "-m", "bonewright", "rig", str(source), "-o", str(target), "--report", str(report)]
    done = subprocess.run(command, env=environment(package), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(report.read_text())["files"]
    assert (record["engine"], record["kind"], record["meshes"]) == ("gltf", "quadruped", ["Fox"])
    assert target.read_bytes()[:4] == b"glTF"


def environment(package: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(package)}
