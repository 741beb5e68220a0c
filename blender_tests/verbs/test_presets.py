"""Presets by Blender's own system, the one that new files begin with, and characters as assets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_tests.clicks import generate
from bonewright import addon
from bonewright.addon import presets


@pytest.fixture(autouse=True)
def extension(blender: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Switched on as Blender does it, with a folder of the user's that is empty."""
    monkeypatch.setenv("BLENDER_USER_SCRIPTS", str(tmp_path))
    monkeypatch.setattr(bpy.utils, "user_resource", lambda *_, path="", create=False: _made(tmp_path / path))
    monkeypatch.setattr(bpy.utils, "preset_paths", lambda folder: [str(_made(tmp_path / "presets" / folder))])
    addon.register()
    entry = bpy.context.preferences.addons.new()
    entry.module = "bonewright"
    yield
    bpy.context.preferences.addons.remove(entry)
    addon.unregister()


def _made(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def test_a_preset_keeps_every_option_and_gives_it_back():
    options = bpy.context.scene.bonewright
    options.kind, options.influences, options.batch.at_once, options.shape.strength = "biped", 7, 3, 0.75
    assert bpy.ops.bonewright.preset(name="Game Heroes") == {"FINISHED"}
    options.kind, options.influences, options.batch.at_once, options.shape.strength = "auto", 4, 1, 0.1
    (path,) = presets.files()
    assert bpy.ops.script.execute_preset(filepath=str(path), menu_idname="BONEWRIGHT_PT_presets") == {"FINISHED"}
    assert (options.kind, options.influences, options.batch.at_once) == ("biped", 7, 3)
    assert options.shape.strength == pytest.approx(0.75)
    told = path.read_text()
    assert all(name in told for name in presets.kept())
    assert "options.picture" not in told, "images belong to the file"


def test_new_files_begin_with_the_chosen_preset_and_saved_ones_keep_their_options(tmp_path: Path):
    bpy.context.scene.bonewright.influences = 9
    bpy.ops.bonewright.preset(name="Nine")
    bpy.context.scene.bonewright.influences = 2
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.context.preferences.addons["bonewright"].preferences.preset = "Nine"
    bpy.ops.wm.read_homefile(use_empty=True)
    assert bpy.context.scene.bonewright.influences == 9
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    assert bpy.context.scene.bonewright.influences == 2


def test_a_character_is_one_asset_with_a_picture_and_stays_where_it_is(figure: bpy.types.Object):
    armature = generate()
    homes = [item.name for item in armature.users_collection]
    assert bpy.ops.bonewright.mark_asset() == {"FINISHED"}
    (marked,) = [item for item in bpy.data.collections if item.asset_data is not None]
    assert set(marked.objects) == {armature, figure}
    assert set(homes) <= {item.name for item in armature.users_collection}
    assert "Biped" in marked.asset_data.description
    assert "Bonewright" in marked.asset_data.tags
    pixels = np.empty(4 * int(np.prod(list(marked.preview.image_size))), np.float32)
    marked.preview.image_pixels_float.foreach_get(pixels)
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 20, "it shows something"
    assert bpy.ops.bonewright.mark_asset() == {"FINISHED"}
    assert len([item for item in bpy.data.collections if item.asset_data is not None]) == 1
