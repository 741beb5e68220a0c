"""What is set once: which Python the worker runs on, and the optional one with torch."""

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty, StringProperty

from ..inference.engine.flavours import Flavour, available
from ..inference.errors import PythonError
from . import tasks
from .networks import (
    PACKAGE,
    expected_weights,
    installed_weights,
    last_device,
    missing_networks,
    users_folder,
    users_weights,
    weights_address,
)
from .typed import layout_of

if TYPE_CHECKING:
    from ..inference.engine.process import Launch
    from ..inference.requests import Device

PYTHONS = (
    ("OWN", "Blender's own", "All that Generate, Bind and Test need is there"),
    ("TORCH", "Installed below", "An environment in your user folder with what your graphics card needs"),
    ("PATH", "Another", "A Python of yours that has torch"),
)
DEVICES = (
    ("auto", "Automatic", "The graphics card where one was set up below, else the CPU"),
    ("cpu", "CPU", "Always the CPU: the same numbers on every computer of its kind"),
    ("gpu", "Graphics card", "Any graphics card that something here can use; the CPU does what it cannot"),
)
_FLAVOURS = available()


def _presets(_: object, context: bpy.types.Context, typed: str) -> list[str]:
    """Names of the presets, for the field to choose from."""
    found = {path.stem for folder in bpy.utils.preset_paths("bonewright") for path in Path(folder).glob("*.py")}
    return sorted(name for name in found if typed.lower() in name.lower())


class BONEWRIGHT_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = PACKAGE

    python: EnumProperty(name="Python", description="What the worker process runs on", items=PYTHONS, default="OWN")
    device: EnumProperty(name="Networks on", description="What networks run on", items=DEVICES, default="auto")
    flavour: EnumProperty(
        name="Kind",
        description="What networks are run by, by graphics card",
        items=[(item.name, item.title, item.description) for item in _FLAVOURS]
        or [("none", "None", "There is nothing for this computer")],
    )
    wheels: StringProperty(
        name="Wheels",
        description="Folder of wheels to install from, for computers without a network; empty: download",
        subtype="DIR_PATH",
    )
    path: StringProperty(name="Python", description="The Python to use, an executable file", subtype="FILE_PATH")

    preset: StringProperty(
        name="New Files",
        description="The preset of Bonewright that new files begin with; empty: Bonewright's own choices",
        search=_presets,
    )
    weights_address: StringProperty(
        name="Address",
        description="Where the weights file is fetched from; empty: from where this build of Bonewright lies",
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.use_property_split = True
        layout.prop(self, "preset")
        layout.prop(self, "device")
        if ran := last_device():
            layout.label(text=f"Networks last ran on: {ran}", icon="INFO")
        layout.prop(self, "python", text="Run on")
        if self.python == "TORCH":
            _draw_torch(layout, self)
        elif self.python == "PATH":
            layout.prop(self, "path")
            layout.operator("bonewright.check_python", icon="CHECKMARK")
        _draw_weights(layout, self)
        _draw_task(layout)


def _draw_weights(layout: bpy.types.UILayout, chosen: BONEWRIGHT_AP_preferences) -> None:
    """The weights file: what it is for, how large, whether it is here."""
    version, known = installed_weights(), expected_weights()
    if version is None and known is None and not missing_networks():
        return  # a checkout, where all of it is
    box = layout.column()
    if version is not None:
        row = box.row(align=True)
        row.label(text=f"Weights file {version}, for shapes and surfaces of pictures: installed", icon="CHECKMARK")
        row.operator("bonewright.remove_weights", icon="TRASH")
        return
    size = f" ({known.megabytes}, licence {', '.join(known.licences)})" if known is not None else ""
    box.label(text=f"Weights file{size}: not installed. Shapes and surfaces of pictures need it", icon="INFO")
    if known is not None:
        box.label(text=f"SHA-256 {known.sha256}", icon="BLANK1")
    if not weights_address():
        box.prop(chosen, "weights_address")
    row = box.row(align=True)
    row.operator("bonewright.fetch_weights", icon="IMPORT")
    row.operator("bonewright.choose_weights", icon="FILE_FOLDER")


def _draw_torch(layout: bpy.types.UILayout, chosen: BONEWRIGHT_AP_preferences) -> None:
    layout.prop(chosen, "flavour")
    layout.prop(chosen, "wheels")
    flavour = flavour_of(chosen)
    if flavour is None:
        layout.label(text="There is nothing for this computer", icon="ERROR")
        return
    if not bpy.app.online_access and not chosen.wheels:
        layout.label(text="Online access is off: Preferences > System > Network", icon="INTERNET_OFFLINE")
    row = layout.row(align=True)
    if has_torch(chosen):
        row.label(text=f"{flavour.what} for {flavour.title} is installed", icon="CHECKMARK")
        row.operator("bonewright.remove_torch", icon="TRASH")
    else:
        size = f"{flavour.download:g} GB to download, {flavour.space:g} GB on disk at most"
        row.label(text=f"Not installed: about {size}")
        row.operator("bonewright.install_torch", icon="IMPORT")


def _draw_task(layout: bpy.types.UILayout) -> None:
    """A bar and a Cancel button while something is done, then what came of it."""
    last = tasks.last()
    if last is None:
        return
    if not last.done:
        row = layout.row(align=True)
        row.progress(factor=last.fraction, text=last.message or last.title)
        row.operator("bonewright.cancel_task", text="", icon="X")
        return
    column = layout.column(align=True)
    column.alert = last.failed
    for index, line in enumerate(textwrap.wrap(last.message, 90)):
        column.label(text=line, icon=("ERROR" if last.failed else "INFO") if index == 0 else "BLANK1")


def preferences() -> BONEWRIGHT_AP_preferences | None:
    """The preferences; None where the extension was not switched on by Blender."""
    found = bpy.context.preferences.addons.get(PACKAGE)
    return found.preferences if found is not None else None


def device() -> "Device":
    """What networks are to run on."""
    chosen = preferences()
    return "auto" if chosen is None else chosen.device


def environments() -> Path:
    """The folder that environments are made in."""
    return users_folder("environments")


def flavour_of(chosen: BONEWRIGHT_AP_preferences | None) -> Flavour | None:
    """The build of torch that is chosen."""
    return next((item for item in _FLAVOURS if chosen is not None and item.name == chosen.flavour), None)


def has_torch(chosen: BONEWRIGHT_AP_preferences) -> bool:
    """Whether the chosen build is installed."""
    from ..inference.engine.environment import installed

    flavour = flavour_of(chosen)
    return flavour is not None and installed(environments(), flavour) is not None


def lend_libraries() -> None:
    """Let this process find what was installed for the graphics card, as the worker does."""
    from ..inference.engine.environment import lend

    chosen = preferences()
    flavour = flavour_of(chosen)
    if chosen is not None and chosen.python == "TORCH" and flavour is not None:
        lend(environments(), flavour)


def launch() -> "Launch":
    """How the worker is to be started. Raises `PythonError` where the chosen Python is not there."""
    return replace(_chosen_python(), weights=users_weights())


def _chosen_python() -> "Launch":
    from ..inference.engine.environment import installed
    from ..inference.engine.process import other_python, own_python

    chosen = preferences()
    if chosen is None or chosen.python == "OWN":
        return own_python(bpy.app.python_args)
    if chosen.python == "PATH":
        path = Path(bpy.path.abspath(chosen.path))
        if not path.is_file():
            raise PythonError(f"There is no Python at {path}. Choose another file.")
        return other_python(str(path))
    flavour = flavour_of(chosen)
    python = installed(environments(), flavour) if flavour is not None else None
    if python is None:
        what = "What networks run on" if flavour is None else f"{flavour.what} for {flavour.title}"
        raise PythonError(f"{what} is not installed. Install it in the preferences, or run on Blender's own Python.")
    return other_python(str(python))


def register() -> None:
    bpy.utils.register_class(BONEWRIGHT_AP_preferences)


def unregister() -> None:
    """Whatever is being installed is cancelled."""
    tasks.end()
    bpy.utils.unregister_class(BONEWRIGHT_AP_preferences)
