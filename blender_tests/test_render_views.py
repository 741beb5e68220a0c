"""Views by a real headless Blender: what they hold, that they agree with the torch renderer, and that work is kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import trimesh

from inference.engine.pool import NO_LIMITS
from inference.errors import BadRequestError, BonewrightError
from tools.bench.images.rendering import agreement, read_view
from tools.render_views import Options, render
from training.rendering.blender_process import (
    Blender,
    BlenderError,
    ask_blender,
    blender_program,
    command_line,
    why_not,
)
from training.rendering.items import plan_items
from training.rendering.views import Machine, Settings

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("torch")

VIEWS = (0, 27)
SMALL = Settings(size=64, samples=4, smooth=0, views=VIEWS)
MACHINE = Machine(processes=1)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a torus and, in a folder of its own, a box; y is up in the latter's format."""
    folder = tmp_path_factory.mktemp("shapes")
    trimesh.creation.torus(0.4, 0.12, 48, 24).export(folder / "torus.ply")
    (folder / "more").mkdir()
    trimesh.creation.box((0.2, 1.0, 0.4)).export(folder / "more" / "box.obj")
    return folder


@pytest.fixture(scope="module")
def views(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both shapes, seen by Workbench or what stands in for it."""
    out = tmp_path_factory.mktemp("views")
    assert render(Options(out, (shapes,), settings=SMALL, machine=MACHINE)) == 0
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_view_has_a_picture_a_silhouette_depth_normals_and_its_camera(views: Path) -> None:
    names = {path.name for path in (views / "torus").iterdir()}
    assert names == {"manifest.json"} | {
        f"{view}{end}" for view in ("00", "27") for end in (".png", "_silhouette.png", ".npz", ".json")
    }
    with Image.open(views / "torus" / "27.png") as picture:
        assert (picture.mode, picture.size) == ("RGBA", (64, 64))
        pixels = np.asarray(picture)
    seen = read_view(views / "torus", "27")
    np.testing.assert_array_equal(pixels[..., 3] / 255, seen.coverage)
    assert pixels[seen.coverage == 1][:, :3].std() > 3  # lit from somewhere
    np.testing.assert_allclose(np.linalg.norm(seen.normals[seen.depth > 0], axis=1), 1, atol=2e-3)
    camera = json.loads((views / "torus" / "27.json").read_text())["camera"]
    assert (camera["azimuth"], camera["elevation"], camera["size"]) == (45, 30, 64)


def test_an_obj_stands_upright(views: Path) -> None:
    rows, columns = np.nonzero(read_view(views / "more" / "box", "00").coverage > 0.5)
    assert np.ptp(rows) > 3 * np.ptp(columns)


@pytest.mark.parametrize("engine", ["workbench", "cycles"])
def test_blender_and_torch_see_the_same(engine: str, shapes: Path, tmp_path: Path) -> None:
    if reason := why_not(engine):
        pytest.skip(f"{engine} cannot draw here: {reason}")
    settings = Settings(size=96, engine=engine, samples=16, smooth=0, views=(3, 40))
    render(Options(tmp_path, (shapes / "torus.ply",), settings=settings, machine=MACHINE))
    (item,) = plan_items([shapes / "torus.ply"], [], range(0))
    found = agreement(item, settings, tmp_path)
    assert found.edge_worst_px < 0.15
    assert found.iou > 0.98
    assert found.same_hits > 0.999
    assert found.depth_99 < 2e-4
    assert found.normal_median < 1


def test_a_second_run_keeps_everything_and_damage_is_mended_to_the_same_bytes(views: Path, shapes: Path) -> None:
    before = contents(views / "torus")
    (views / "torus" / "27.png").write_bytes(b"half a pic")
    (views / "torus" / "00.json").unlink()
    stamp = (views / "more" / "box" / "00.npz").stat().st_mtime_ns
    assert render(Options(views, (shapes,), settings=SMALL, machine=MACHINE)) == 0
    assert contents(views / "torus") == before
    assert (views / "more" / "box" / "00.npz").stat().st_mtime_ns == stamp
    assert json.loads((views / "report.json").read_text()) == {"failed": {}, "items": 2, "kept": 2, "rendered": 2}


def test_a_killed_run_is_taken_up_where_it_was(views: Path, shapes: Path, tmp_path: Path) -> None:
    more = [*map(str, VIEWS), "5", "6", "7", "8", "30", "31"]
    flags = ["--size", "64", "--samples", "4", "--smooth", "0", "--processes", "1", "--views", *more]
    command = [sys.executable, "-m", "tools.render_views", str(shapes), "--out", str(tmp_path), *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(tmp_path.rglob("0?.json")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("0?.json")}
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert len(list(tmp_path.rglob("manifest.json"))) == 2
    assert not list(tmp_path.rglob("*.part*"))
    for path, stamp in done.items():
        assert path.stat().st_mtime_ns == stamp
    assert (tmp_path / "torus" / "27.npz").read_bytes() == (views / "torus" / "27.npz").read_bytes()


def test_bad_files_are_named_and_the_others_are_rendered(
    shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {
        "broken.ply": b"ply\nformat binary",
        "broken.glb": b"glTF____" * 8,
        "empty.stl": b"",
        "folder.blend": b"BLENDER",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    files = (shapes / "torus.ply", *(tmp_path / name for name in bad if name != "broken.glb"), tmp_path / "broken.glb")
    with pytest.raises(BadRequestError, match="share a folder"):
        render(Options(tmp_path / "out", files, settings=SMALL, machine=MACHINE))
    (tmp_path / "broken.glb").rename(tmp_path / "torn.glb")
    files = (*files[:-1], tmp_path / "torn.glb")
    assert render(Options(tmp_path / "out", files, settings=SMALL, machine=MACHINE)) == 1
    told = capsys.readouterr().err.replace("\n", "")
    failed = json.loads((tmp_path / "out" / "report.json").read_text())["failed"]
    assert set(failed) == {"broken", "torn", "empty", "folder"}
    assert all(path.name in told for path in files[1:])
    assert (tmp_path / "out" / "torus" / "manifest.json").exists()


def test_a_folder_of_other_settings_is_refused(views: Path, shapes: Path) -> None:
    with pytest.raises(BadRequestError, match="size 64 instead of 32"):
        render(Options(views, (shapes,), settings=Settings(size=32, samples=4, smooth=0, views=VIEWS)))


def test_a_changed_file_is_rendered_again(shapes: Path, tmp_path: Path) -> None:
    path = tmp_path / "shape.ply"
    options = Options(tmp_path / "out", (path,), settings=SMALL, machine=MACHINE)
    trimesh.creation.box((1, 1, 1)).export(path)
    assert render(options) == 0
    first = contents(tmp_path / "out" / "shape")
    trimesh.creation.box((1, 0.2, 1)).export(path)
    assert render(options) == 0
    assert contents(tmp_path / "out" / "shape")["27.npz"] != first["27.npz"]


def test_a_blender_that_dies_is_told_and_the_next_request_starts_another(shapes: Path) -> None:
    for command in ("/nowhere/blender", "false"):
        with pytest.raises(BlenderError, match="Blender could not be started"):
            ask_blender(Blender(blender_program(command), NO_LIMITS), {})
    assert why_not("cycles", "false")


def test_the_program_is_started_without_a_window_and_with_factory_settings() -> None:
    assert command_line("'/a b/blender' --log x")[:4] == ["/a b/blender", "--log", "x", "--background"]


def test_a_cluster_without_ray_says_what_to_install(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BonewrightError, match="pip install"):
        render(Options(tmp_path, (shapes,), settings=SMALL, address="auto"))
