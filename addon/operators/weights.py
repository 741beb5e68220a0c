"""The weights file, with the networks that are too large for the extension: fetch, install, show, remove."""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ...inference.errors import BonewrightError
from ...inference.progress import Progress
from .. import tasks
from ..networks import expected_weights, installed_weights, users_weights, weights_address
from ..preferences import preferences
from ..session import jobs
from ..typed import OperatorMixin, Returned, layout_of
from .base import go_on_with
from .install import TaskOperator
from .polls import is_free

if TYPE_CHECKING:
    from ..preferences import BONEWRIGHT_AP_preferences

WIDTH = 620  # of the box that tells what will be installed
LETTERS = 100  # of a line in it
OFFLINE = "Online access is off. Switch it on in Preferences > System > Network, or install from disk"


class _Told(OperatorMixin):
    """Tells what is in the weights file and waits for OK, where there is a window."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        return context.window_manager.invoke_props_dialog(self, width=WIDTH)

    def draw(self, context: bpy.types.Context) -> None:
        column = layout_of(self).column(align=True)
        for line in self.lines():
            for text in textwrap.wrap(line, LETTERS, subsequent_indent="    "):
                column.label(text=text)

    def lines(self) -> list[str]:
        """What is to be known before."""
        return []


class BONEWRIGHT_OT_fetch_weights(_Told, TaskOperator, bpy.types.Operator):
    """Download the weights file and install it into your user folder; Blender can be used meanwhile"""

    bl_idname = "bonewright.fetch_weights"
    bl_label = "Download and Install"
    title = "Fetching the weights file"

    @classmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        address = weights_address(chosen.weights_address)
        if not address:
            return "Nobody has told where the weights file lies. Type its address in, or install from disk"
        if not bpy.app.online_access and not address.startswith("file://"):
            return OFFLINE
        return ""

    def lines(self) -> list[str]:
        known, chosen = expected_weights(), _preferences()
        return [f"From {weights_address(chosen.weights_address)}", *(known.told() if known else [])]

    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        known, address, root = expected_weights(), weights_address(chosen.weights_address), Path(users_weights())
        size, digest = (known.size, known.sha256) if known else (0, "")
        jobs.close()  # the worker keeps networks of an older one loaded

        def work(progress: Progress) -> str:
            from ...inference.networks.download import download
            from ...inference.networks.weights_file import install

            with tempfile.TemporaryDirectory(prefix="bonewright-weights-") as folder:
                file = Path(folder) / "weights.zip"
                download(address, file, size, digest, progress.part(0.0, 0.9))
                return _done(install(file, root, progress.part(0.9, 1.0)))

        return work


class BONEWRIGHT_OT_install_weights(_Told, TaskOperator, bpy.types.Operator):
    """Install this weights file into your user folder"""

    bl_idname = "bonewright.install_weights"
    bl_label = "Install Weights File"
    title = "Installing the weights file"

    filepath: StringProperty(name="File", description="The weights file", subtype="FILE_PATH", options={"SKIP_SAVE"})

    @classmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        return ""

    def lines(self) -> list[str]:
        return list(_told_of(self.filepath))

    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        path, root = Path(bpy.path.abspath(self.filepath)), Path(users_weights())
        jobs.close()

        def work(progress: Progress) -> str:
            from ...inference.networks.weights_file import install

            return _done(install(path, root, progress))

        return work


class BONEWRIGHT_OT_choose_weights(bpy.types.Operator):
    """Choose a weights file on this computer; what is in it is shown before it is installed"""

    bl_idname = "bonewright.choose_weights"
    bl_label = "Install from Disk"

    filepath: StringProperty(name="File", description="The weights file", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.zip", options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if tasks.running():
            cls.poll_message_set("Wait for what is under way, or cancel it")
            return False
        return is_free(cls)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> Returned:
        go_on_with("install_weights", filepath=self.filepath)
        return {"FINISHED"}


class BONEWRIGHT_OT_remove_weights(TaskOperator, bpy.types.Operator):
    """Delete what the weights file has brought into your user folder"""

    bl_idname = "bonewright.remove_weights"
    bl_label = "Remove"
    title = "Removing the weights file"

    @classmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        return "" if installed_weights() else "It is not installed"

    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        root = Path(users_weights())
        jobs.close()

        def work(progress: Progress) -> str:
            from ...inference.networks.weights_file import remove

            remove(root)
            return "The weights file is removed"

        return work


def _done(version: str) -> str:
    return f"The weights file {version} is installed"


def _preferences() -> BONEWRIGHT_AP_preferences:
    chosen = preferences()
    assert chosen is not None
    return chosen


@lru_cache(maxsize=2)
def _told_of(filepath: str) -> tuple[str, ...]:
    """Of a file that the user has chosen; a box is drawn often."""
    from ...inference.networks.weights_file import look_into

    try:
        told = look_into(Path(bpy.path.abspath(filepath))).told()
    except BonewrightError as error:
        return (str(error),)
    known = expected_weights()
    if known is not None and f"SHA-256 {known.sha256}" not in told:
        return (
            *told,
            "This is not the file that this build of Bonewright was made with; it may be of another version.",
        )
    return tuple(told)


CLASSES = (
    BONEWRIGHT_OT_fetch_weights,
    BONEWRIGHT_OT_install_weights,
    BONEWRIGHT_OT_choose_weights,
    BONEWRIGHT_OT_remove_weights,
)
