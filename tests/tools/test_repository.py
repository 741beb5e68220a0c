"""A repository: what is listed, and what becomes of older versions. Blender's own generator lists it."""

from __future__ import annotations

import json
import shlex
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.build_extension import ROOT, manifest
from tools.repository.__main__ import next_version, served, with_version
from tools.repository.publish import INDEX, publish

GENERATE = """
import runpy, sys
sys.argv = [{script!r}, *sys.argv[3:]]  # what Blender does with `--command extension ...`
runpy.run_path({script!r}, run_name="__main__")
"""


@pytest.fixture
def blender(tmp_path: Path) -> str:
    """Blender's generator as it lies in its package, called as Blender is."""
    spec = find_spec("bpy")
    if spec is None or spec.origin is None:
        pytest.skip("there is no Blender here")
    (script,) = Path(spec.origin).parent.glob("*/scripts/addons*/bl_pkg/cli/blender_ext.py")
    starter = tmp_path / "generate.py"
    starter.write_text(GENERATE.format(script=str(script)))
    return shlex.join([sys.executable, str(starter)])


def make(folder: Path, version: str, platform: str = "linux-x64") -> Path:
    """A zip as the build names it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"bonewright-{version}-{platform}.zip"
    with zipfile.ZipFile(folder / "any.zip", "w") as archive:
        wheel = folder / "igl-1.0.0-cp311-cp311-manylinux2014_x86_64.whl"
        archive.writestr(
            "blender_manifest.toml", manifest((ROOT / "blender_manifest.toml").read_text(), platform, [wheel])
        )
        archive.writestr("__init__.py", "")
        archive.writestr(f"wheels/{wheel.name}", b"")
    with_version(folder / "any.zip", path, version)
    (folder / "any.zip").unlink()
    return path


def listed(folder: Path) -> dict[str, str]:
    """Archive -> version, as Blender will read it."""
    entries = json.loads((folder / INDEX).read_text())["data"]
    return {Path(entry["archive_url"]).name: entry["version"] for entry in entries}


def test_each_system_has_its_newest_version_and_the_weights_lie_beside_the_list(tmp_path: Path, blender: str):
    site, dist = tmp_path / "site", tmp_path / "dist"
    first = [make(dist, "0.1.0"), make(dist, "0.1.0", "windows-x64")]
    weights = dist / "bonewright-weights-0.1.0.zip"
    with zipfile.ZipFile(weights, "w") as archive:
        archive.writestr("contents.json", "{}")
    publish(first, [weights], site, blender)
    assert listed(site) == {path.name: "0.1.0" for path in first}
    assert (site / weights.name).read_bytes() == weights.read_bytes()
    assert (site / "index.html").is_file()
    newer = make(dist, "0.1.1")
    publish([newer], [], site, blender)
    assert listed(site) == {newer.name: "0.1.1", first[1].name: "0.1.0"}
    assert not (site / first[0].name).exists()
    assert first[0].exists(), "what was built stays"
    left = {path.name for path in site.iterdir()}
    assert left == {newer.name, first[1].name, weights.name, INDEX, "index.html"}


def test_a_list_that_fails_changes_nothing(tmp_path: Path, blender: str):
    site, dist = tmp_path / "site", tmp_path / "dist"
    publish([make(dist, "0.1.0")], [], site, blender)
    before = (site / INDEX).read_bytes()
    broken = dist / "bonewright-0.1.1-linux-x64.zip"
    broken.write_bytes(b"no zip")
    with pytest.raises(SystemExit):
        publish([broken], [], site, blender)
    assert (site / INDEX).read_bytes() == before
    assert sorted(path.name for path in site.iterdir()) == ["bonewright-0.1.0-linux-x64.zip", "index.html", INDEX]


def test_the_server_gives_what_lies_in_the_folder(tmp_path: Path):
    from urllib.request import urlopen

    (tmp_path / INDEX).write_text("{}")
    with served(tmp_path) as address, urlopen(f"{address}/{INDEX}") as answer:
        assert answer.read() == b"{}"


def test_the_next_version_is_one_step_on():
    assert next_version("0.1.9") == "0.1.10"
