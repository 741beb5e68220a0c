"""Presets of all options, kept by Blender's own preset system, and the one that new files begin with."""

from pathlib import Path

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel
from bpy.app.handlers import persistent

from .preferences import preferences
from .properties import REMEMBERED

FOLDER = "bonewright"  # of Blender's folder for presets
NONE = "NONE"
_GROUPS = ("", "shape", "seen", "batch")
_KINDS = ("ENUM", "BOOLEAN", "INT", "FLOAT")
_OF_THE_FILE = ("category",)  # what there is to choose from differs


def kept() -> list[str]:
    """What a preset keeps: every option that is no file, object or image, as Python names it."""
    found = []
    options = getattr(bpy.context.scene, REMEMBERED)
    for group in _GROUPS:
        owner = getattr(options, group) if group else options
        names = [prop.identifier for prop in owner.bl_rna.properties if prop.type in _KINDS]
        found += [".".join(filter(None, ("options", group, name))) for name in names if name not in _OF_THE_FILE]
    return found


class BONEWRIGHT_PT_presets(PresetPanel, bpy.types.Panel):
    bl_label = "Bonewright Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "bonewright.preset"


class BONEWRIGHT_OT_preset(AddPresetBase, bpy.types.Operator):  # pyright: ignore[reportIncompatibleMethodOverride]
    """Keep all options of Bonewright under a name, or remove one that was kept"""

    bl_idname = "bonewright.preset"
    bl_label = "Add Preset"
    preset_menu = "BONEWRIGHT_PT_presets"
    preset_subdir = FOLDER
    preset_defines = [f"options = bpy.context.scene.{REMEMBERED}"]  # noqa: RUF012 as Blender takes it

    @property
    def preset_values(self) -> list[str]:
        """What is kept."""
        return kept()


def files() -> list[Path]:
    """Those that there are."""
    return sorted(path for folder in bpy.utils.preset_paths(FOLDER) for path in Path(folder).glob("*.py"))


@persistent
def _begin(*_: object) -> None:
    """A new file begins with the preset that is chosen for that; files that were saved keep what they have."""
    chosen = preferences()
    if bpy.data.filepath or chosen is None or not chosen.preset:
        return
    path = next((path for path in files() if path.stem == chosen.preset), None)
    if path is not None:
        bpy.utils.execfile(str(path))


_CLASSES = (BONEWRIGHT_PT_presets, BONEWRIGHT_OT_preset)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.app.handlers.load_post.append(_begin)


def unregister() -> None:
    if _begin in bpy.app.handlers.load_post:
        bpy.app.handlers.load_post.remove(_begin)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
