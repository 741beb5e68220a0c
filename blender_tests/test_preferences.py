"""The preferences and their buttons, as a script would use them: which Python the worker runs on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest

from bonewright import addon
from bonewright.addon import session
from bonewright.addon import tasks as chore
from bonewright.addon.preferences import environments, launch, preferences
from bonewright.inference.errors import PythonError


@pytest.fixture(autouse=True)
def extension(blender: None) -> Iterator[None]:
    """Switched on as Blender does it, with an entry in its preferences."""
    addon.register()
    entry = bpy.context.preferences.addons.new()
    entry.module = "bonewright"
    yield
    bpy.context.preferences.addons.remove(entry)
    addon.unregister()


def may_install() -> bool:
    return bpy.ops.bonewright.install_torch.poll()


def test_the_worker_runs_on_blenders_own_python_unless_told_otherwise():
    assert preferences().python == "OWN"
    assert launch().python[0] == sys.executable
    assert not chore.running()
    assert not bpy.ops.bonewright.cancel_task.poll()


def test_without_online_access_torch_is_installed_from_a_folder_only(tmp_path: Path):
    if not hasattr(bpy.context.preferences.system, "use_online_access"):
        pytest.skip("this Blender has no switch for online access")
    system = bpy.context.preferences.system
    before = system.use_online_access
    try:
        system.use_online_access = False
        assert not bpy.app.online_access
        assert not may_install()
        with pytest.raises(RuntimeError, match=r"Online access is off\. Switch it on in Preferences"):
            bpy.ops.bonewright.install_torch()
        preferences().wheels = str(tmp_path)
        assert may_install()
        with pytest.raises(RuntimeError, match="There are no wheels in"):
            bpy.ops.bonewright.install_torch()
    finally:
        system.use_online_access = before
        preferences().wheels = ""
    assert not list(environments().glob("torch-*"))


def test_what_is_not_installed_is_neither_used_nor_removed():
    preferences().python = "TORCH"
    with pytest.raises(PythonError, match="torch is not installed"):
        launch()
    assert not bpy.ops.bonewright.remove_torch.poll()


def test_a_chosen_python_is_checked(tmp_path: Path):
    chosen = preferences()
    assert not bpy.ops.bonewright.check_python.poll()
    chosen.python, chosen.path = "PATH", str(tmp_path / "none")
    with pytest.raises(RuntimeError, match="There is no Python at"):
        bpy.ops.bonewright.check_python()
    with pytest.raises(PythonError, match="There is no Python at"):
        launch()
    chosen.path = sys.executable
    assert launch().python == (sys.executable, "-I")


def test_while_a_chore_runs_there_is_no_other_and_it_ends_with_the_extension():
    started: list[bool] = []

    def work(progress) -> str:
        started.append(True)
        while True:
            progress.step(0.5, "Waiting")

    chore.start("Trying", work)
    assert chore.running()
    assert not may_install()
    assert bpy.ops.bonewright.cancel_task() == {"FINISHED"}
    chore.last().thread.join(1.0)
    assert not chore.running()
    assert (chore.last().message, chore.last().failed) == ("Cancelled", False)
    chore.start("Trying", work)
    thread = chore.last().thread
    addon.unregister()
    assert not thread.is_alive()
    addon.register()
    assert session.running() is None
