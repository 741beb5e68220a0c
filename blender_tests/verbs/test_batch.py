"""The batch of the panel: fifty assets with two that fail, cancelled and taken up again; and selected objects."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import bpy
import pytest

from blender_tests.clicks import select
from blender_tests.figure import add_figure
from bonewright.addon.session import batch
from tests.gltf.documents import creature, plain
from tools.package import ROOT

pytestmark = pytest.mark.usefixtures("extension")
BROKEN = ("asset07.glb", "asset31.glb")


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a checkout: Blender as a module cannot start itself."""
    script = str(ROOT / "tools" / "rig.py")
    monkeypatch.setattr(batch, "workers", lambda: lambda engine: [sys.executable, script, "--worker", engine])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Fifty small creatures, two of them broken."""
    folder = tmp_path / "library"
    folder.mkdir()
    points, corners = creature(12)
    for number in range(50):
        path = folder / f"asset{number:02}.glb"
        good = plain(points * (1 + 0.01 * number), corners).glb()
        path.write_bytes(b"no mesh at all" if path.name in BROKEN else good)
    return folder


def ask(library: Path, out: Path, **more: object) -> None:
    options = bpy.context.scene.bonewright
    options.method, options.bind = "geometric", False
    asked = options.batch
    asked.source, asked.folder, asked.out, asked.gallery = "FOLDER", str(library), str(out), False
    for name, value in more.items():
        setattr(asked, name, value)


def wait(until: Callable[[], bool], seconds: float = 500.0) -> float:
    """Do what the timer of the window does until something is true; the longest that one look took."""
    longest, end = 0.0, time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, batch.state()
        begun = time.monotonic()
        batch.tick()
        longest = max(longest, time.monotonic() - begun)
        time.sleep(0.02)
    return longest


def over() -> bool:
    return not batch.state().busy


def test_fifty_assets_are_cancelled_and_taken_up_again_and_two_fail_with_a_reason(library: Path, tmp_path: Path):
    out = tmp_path / "out"
    ask(library, out)
    assert bpy.ops.bonewright.batch() == {"FINISHED"}
    assert not bpy.ops.bonewright.batch.poll(), "one at a time"
    wait(lambda: batch.state().over >= 12)
    assert bpy.ops.bonewright.cancel_batch() == {"FINISHED"}
    asked = time.monotonic()
    wait(over)
    assert time.monotonic() - asked < 30, "cancelling does not wait for the rest"
    first = batch.state()
    assert first.cancelled
    assert 12 <= first.over < 50
    kept = {name: (out / name).stat().st_mtime_ns for name in _made(out)}

    assert bpy.ops.bonewright.batch() == {"FINISHED"}
    wait(over)
    state = batch.state()
    assert not state.failed, state.message
    assert not state.cancelled
    assert (len(state.rows), state.over, state.failures) == (50, 50, 2)
    assert {row.shown for row in state.rows if row.stand == "failed"} == set(BROKEN)
    assert all(row.text for row in state.rows if row.stand == "failed"), "each failure has its reason"
    assert _made(out) == {path.name for path in library.iterdir()} - set(BROKEN)
    assert {name: (out / name).stat().st_mtime_ns for name in kept} == kept, "nothing is done twice"
    shown = bpy.context.window_manager.bonewright.rows
    assert [row.name for row in shown] == [row.shown for row in state.rows]
    assert {row.stand for row in shown if row.name in BROKEN} == {"failed"}

    assert bpy.ops.bonewright.batch(failed=True) == {"FINISHED"}
    wait(over)
    assert batch.state().failures == 2, "they fail again, and the others are still known"
    assert batch.state().over == 50


def _made(out: Path) -> set[str]:
    return {path.name for path in out.glob("*.glb")}


def test_selected_objects_are_rigged_as_files_and_the_scene_stays_as_it_is(tmp_path: Path):
    figures = [add_figure(f"Figure{number}", details=1) for number in range(2)]
    select(*figures)
    ask(tmp_path, tmp_path / "out", source="SELECTED")
    bpy.context.scene.bonewright.bind = True
    assert bpy.ops.bonewright.batch() == {"FINISHED"}
    wait(over)
    state = batch.state()
    assert [row.stand for row in state.rows].count("failed") == 0, state
    assert _made(tmp_path / "out") == {"Figure0.glb", "Figure1.glb"}
    assert {item.name for item in bpy.data.objects} == {"Figure0", "Figure1"}
    assert set(bpy.context.selected_objects) == set(figures)
    bpy.context.window_manager.bonewright.active = 1
    assert bpy.ops.bonewright.batch_bring() == {"FINISHED"}
    assert any(item.type == "ARMATURE" for item in bpy.data.objects)


def test_what_makes_no_sense_is_said_before_anything_begins(tmp_path: Path):
    assert not bpy.ops.bonewright.batch.poll()
    ask(tmp_path / "none", tmp_path / "out")
    with pytest.raises(RuntimeError, match="There is no folder"):
        bpy.ops.bonewright.batch()
    ask(tmp_path, tmp_path)
    with pytest.raises(RuntimeError, match="Choose another folder"):
        bpy.ops.bonewright.batch()
    assert not bpy.ops.bonewright.batch_gallery.poll()
