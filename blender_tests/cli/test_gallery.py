"""The gallery: what is in it, and that a browser opens it from a disk, without a server and without a network."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from blender_tests.cli.test_inputs import fox
from blender_tests.cli.test_run import bonewright_command, run
from bonewright.addon.batch.gallery.make import make_gallery
from bonewright.addon.batch.kept.run_folder import RunFolder
from bonewright.inference.errors import BadRequestError
from tests.gltf.documents import array, opened, shown_points
from tools.validator import issues
from tools.viewer import install

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
BOUND = ("--method", "geometric", "--weights", "geometric", "--engine", "gltf")


def data(site: Path, name: str) -> list:
    """The arguments of the call that a script of data makes."""
    text = (site / name).read_text(encoding="utf-8")
    return json.loads("[" + text[text.index("(") + 1 : text.rindex(")")] + "]")


def dom(page: str, folder: Path) -> str:
    """The document as a browser has it some time after it was opened, with nothing to be had from any network."""
    assert CHROMIUM is not None
    offline = ("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'browser'}")
    command = [CHROMIUM, *FLAGS, *offline, "--virtual-time-budget=20000", "--dump-dom", page]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=True).stdout


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two foxes, of which one has no weights, and a file that is none; rigged with --gallery."""
    install()
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "in").mkdir()
    (folder / "in" / "fox <b>.glb").write_bytes(fox())
    (folder / "in" / "broken.glb").write_bytes(b"glTF but not really")
    done = run(folder / "in", "-o", folder / "out", *BOUND, "--gallery")
    assert done.stdout.splitlines()[-1] == str(folder / "out" / "gallery" / "index.html"), done.stderr
    return folder / "out"


def test_each_result_has_pictures_a_model_and_its_facts(out: Path) -> None:
    site = out / "gallery"
    (columns,) = data(site, "data/index.js")
    assert columns["name"] == ["broken.glb", "fox <b>.glb"]
    assert columns["status"] == ["failed", "ok"]
    first, details = data(site, "data/details-0.js")
    assert first == 0
    assert "is damaged" in details[0]["error"]
    assert details[1]["results"] == [{"name": "fox <b>.glb", "href": "../fox%20%3Cb%3E.glb"}]
    assert (site / "strips" / f"{columns['id'][1]}.png").read_bytes()[:4] == b"\x89PNG"
    assert (site / "index.html").read_text().count("</script>") == 3


def test_the_model_shows_the_bones_and_moves_them_as_the_joints_do(out: Path, tmp_path: Path) -> None:
    """Nothing for Khronos' validator to say; each bone's corners are where its joint takes them."""
    (columns,) = data(out / "gallery", "data/index.js")
    name, text = data(out / "gallery", f"models/{columns['id'][1]}.js")
    model = tmp_path / "model.glb"
    model.write_bytes(base64.b64decode(text))
    assert name == columns["id"][1]
    assert [item for item in issues([model])[0] if item.severity == "error"] == []
    document, binary = opened(model)
    (animation,) = document["animations"]
    bones = document["meshes"][-1]
    assert bones["name"] == "bonewright bones"
    assert len(animation["channels"]) >= 8
    corners = np.concatenate([array(document, binary, part["attributes"]["POSITION"]) for part in bones["primitives"]])
    np.testing.assert_allclose(shown_points(document, binary)[-len(corners) :], corners, atol=1e-5)
    for channel in animation["channels"]:
        keys = array(document, binary, animation["samplers"][channel["sampler"]]["output"])
        rest = document["nodes"][channel["target"]["node"]].get("rotation", (0, 0, 0, 1))
        np.testing.assert_allclose(keys[[0, -1]], [rest, rest], atol=1e-6)
        assert np.abs(keys[6] - keys[0]).max() > 1e-3  # half way


def test_what_is_drawn_already_is_not_drawn_again_and_what_is_gone_goes(out: Path) -> None:
    site = out / "gallery"
    before = {path: path.stat().st_mtime_ns for path in site.glob("strips/*")}
    (site / "strips" / "0123456789abcdef.png").write_bytes(b"of a result that is gone")
    done = bonewright_command("gallery", out)
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in site.glob("strips/*")} == before


def test_a_folder_of_something_else_is_left_alone(out: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday.png").touch()
    with pytest.raises(BadRequestError, match="--site"):
        make_gallery(RunFolder(out).known, out, tmp_path, (), 1, 1000.0)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, as Debian's package has it")
def test_a_browser_opens_it_from_a_disk_without_a_network(out: Path, tmp_path: Path) -> None:
    (columns,) = data(out / "gallery", "data/index.js")
    page = dom(f"{(out / 'gallery' / 'index.html').as_uri()}#open={columns['id'][1]}", tmp_path)
    assert re.search(r"<model-viewer[^>]*data-loaded=\"yes\"", page)
    assert page.count('class="card"') == 2
    failed = dom(f"{(out / 'gallery' / 'index.html').as_uri()}#status=failed&open={columns['id'][0]}", tmp_path)
    assert failed.count('class="card"') == 1
    assert re.search(r'id="reason"[^>]*>[^<]*is damaged', failed)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, as Debian's package has it")
def test_thousands_are_shown_in_pages_that_load_what_they_show(tmp_path: Path) -> None:
    install()
    good = {
        "status": "ok",
        "kind": "biped",
        "verdict": "good",
        "certainty": 0.9,
        "seconds": 1.0,
        "bones": [],
    }
    known = {f"lib/{number:05d}.glb": {**good, "score": number / 10_000} for number in range(10_000)}
    first = make_gallery(known, tmp_path / "out", tmp_path / "site", (), 1, 1000.0)
    page = dom(f"{first.as_uri()}#score-low=0.5&page=3", tmp_path)
    assert "5000 of 10000" in page
    assert page.count('class="card"') == 60
    assert ">05180.glb<" in page
    assert page.count('src="data/details') == 0  # nobody has opened one
    assert (tmp_path / "site" / "data" / "index.js").stat().st_size < 2_000_000
