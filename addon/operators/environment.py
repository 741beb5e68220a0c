"""Install, cancel, remove, check: the buttons of the preferences."""

# Blender's stubs know nothing of what is registered at run time:
# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportIncompatibleMethodOverride=false

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import bpy

from ...inference.errors import BonewrightError
from ...inference.progress import SILENT, Progress
from .. import session
from .. import tasks as chore
from ..preferences import environments, flavour_of, has_torch, preferences
from .job import fail


class BONEWRIGHT_OT_install_torch(bpy.types.Operator):
    """Install torch into an environment in your user folder; Blender can be used meanwhile"""

    bl_idname = "bonewright.install_torch"
    bl_label = "Install"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        chosen = preferences()
        if not _is_free(cls) or chosen is None:
            return False
        if flavour_of(chosen) is None:
            cls.poll_message_set("There is no torch for this computer")
            return False
        if not bpy.app.online_access and not chosen.wheels:
            cls.poll_message_set(
                "Online access is off. Switch it on in Preferences > System > Network, or choose a folder of wheels"
            )
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        chosen = preferences()
        flavour, root = flavour_of(chosen), environments()
        wheels = Path(bpy.path.abspath(chosen.wheels)) if chosen.wheels else None
        assert flavour is not None

        def work(progress: Progress) -> str:
            from ...inference.engine.environment import install

            install(root, flavour, wheels, progress, (sys.executable, *bpy.app.python_args))
            return "torch was tried and works"

        return _do(self, "Installing torch", work)


class BONEWRIGHT_OT_remove_torch(bpy.types.Operator):
    """Delete this environment from your user folder"""

    bl_idname = "bonewright.remove_torch"
    bl_label = "Remove"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        chosen = preferences()
        if not _is_free(cls) or chosen is None:
            return False
        if not has_torch(chosen):
            cls.poll_message_set("It is not installed")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        flavour, root = flavour_of(preferences()), environments()
        assert flavour is not None
        session.close()  # it may be running in there

        def work(progress: Progress) -> str:
            from ...inference.engine.environment import remove

            remove(root, flavour)
            return f"torch for {flavour.title} is removed"

        return _do(self, "Removing torch", work)


class BONEWRIGHT_OT_check_python(bpy.types.Operator):
    """Run this Python and look whether it has all that is needed"""

    bl_idname = "bonewright.check_python"
    bl_label = "Check"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        chosen = preferences()
        if not _is_free(cls) or chosen is None:
            return False
        if not chosen.path:
            cls.poll_message_set("Choose a Python first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(preferences().path))

        def work(progress: Progress) -> str:
            from ...inference.engine.interpreter import check_python

            found = check_python(path, progress)
            return f"Python {found.version} with torch {found.torch}: good"

        return _do(self, "Trying this Python", work)


class BONEWRIGHT_OT_cancel_chore(bpy.types.Operator):
    """Stop; what was downloaded is kept for another try"""

    bl_idname = "bonewright.cancel_chore"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return chore.running()

    def execute(self, context: bpy.types.Context) -> set[str]:
        chore.cancel()
        return {"FINISHED"}


def _is_free(cls: type[bpy.types.Operator]) -> bool:
    if chore.running():
        cls.poll_message_set("Wait for what is under way, or cancel it")
        return False
    if session.running() is not None:
        cls.poll_message_set("Bonewright is still working. Wait for it, or cancel it")
        return False
    return True


def _do(operator: bpy.types.Operator, title: str, work: Callable[[Progress], str]) -> set[str]:
    """Beside Blender where somebody could be waiting for it; at once for scripts without a window."""
    if not bpy.app.background:
        chore.start(title, work)
        return {"FINISHED"}
    try:
        operator.report({"INFO"}, work(SILENT))
    except BonewrightError as error:
        return fail(operator, error)
    return {"FINISHED"}


CLASSES = (
    BONEWRIGHT_OT_install_torch,
    BONEWRIGHT_OT_remove_torch,
    BONEWRIGHT_OT_check_python,
    BONEWRIGHT_OT_cancel_chore,
)
