"""The preferences and their buttons, as a script would use them: which Python the worker runs on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bpy
import pytest

from blender_tests.clicks import generate
from bonewright import addon
from bonewright.addon import networks
from bonewright.addon import tasks as chore
from bonewright.addon.preferences import environments, launch, preferences
from bonewright.addon.session import jobs
from bonewright.inference.errors import PythonError
from bonewright.inference.networks import shelf
from bonewright.inference.networks import weights_file as weights
from tools.build_extension import build_weights_file


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
    with pytest.raises(PythonError, match=r"is not installed\. Install it in the preferences"):
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
    assert jobs.running() is None


@pytest.fixture
def zipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[weights.WeightsFile]:
    """As in the extension's zip: the larger networks are in the weights file alone, which the build knows."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    for path in shelf.FOLDER.iterdir():
        if not weights.is_larger(path.name):
            (shipped / path.name).symlink_to(path)
    build_weights_file(tmp_path)
    known = replace(weights.look_into(next(tmp_path.glob("*.zip"))), address=next(tmp_path.glob("*.zip")).as_uri())
    (shipped / weights.FACTS).write_bytes(weights.facts_of(known))
    monkeypatch.setattr(shelf, "FOLDER", shipped)
    monkeypatch.setattr(weights.expected, "__defaults__", (shipped,))
    monkeypatch.setenv(shelf.USERS_FOLDER, str(tmp_path / "user"))
    networks.expected_weights.cache_clear()
    yield known
    networks.expected_weights.cache_clear()


def test_the_weights_file_is_fetched_from_its_address_and_removed_again(zipped: weights.WeightsFile):
    assert networks.missing_networks() == networks.NETWORKS
    assert not bpy.ops.bonewright.generate_shape.poll()
    assert not bpy.ops.bonewright.remove_weights.poll()
    assert networks.weights_address() == zipped.address
    assert bpy.ops.bonewright.fetch_weights() == {"FINISHED"}
    assert networks.installed_weights() == zipped.version
    assert networks.missing_networks() == ()
    assert bpy.ops.bonewright.generate_shape.poll()  # the first click, without a restart
    assert bpy.ops.bonewright.remove_weights() == {"FINISHED"}
    assert networks.missing_networks() == networks.NETWORKS


def test_the_weights_file_is_installed_from_disk_and_another_file_is_refused(
    zipped: weights.WeightsFile, tmp_path: Path
):
    assert bpy.ops.bonewright.install_weights(filepath=str(tmp_path / zipped.name)) == {"FINISHED"}
    assert networks.missing_networks() == ()
    (tmp_path / "other.zip").write_bytes(b"something else")
    with pytest.raises(RuntimeError, match="no weights file, or not all of it"):
        bpy.ops.bonewright.install_weights(filepath=str(tmp_path / "other.zip"))
    assert networks.installed_weights() == zipped.version


def test_the_weights_file_lies_beside_the_list_of_the_repository_that_the_extension_came_from():
    for list_address in (
        "https://example.org/ext/index.json",
        "https://example.org/ext/",
        "https://example.org/ext/?v=1",
    ):
        assert networks.beside(list_address, "weights.zip") == "https://example.org/ext/weights.zip"
    assert networks.beside("", "weights.zip") == ""
    assert jobs.running() is None


def test_switching_off_leaves_nothing_behind(figure: bpy.types.Object):
    generate()
    addon.unregister()
    try:
        assert not hasattr(bpy.types.Scene, "bonewright")
        assert not hasattr(bpy.types, "BONEWRIGHT_PT_generate")
        assert jobs.running() is None
        assert len(figure.vertex_groups) > 5
    finally:
        addon.register()
