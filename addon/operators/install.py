"""Install, Remove, Check, Cancel: the buttons of the preferences."""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...inference.errors import BonewrightError
from ...inference.progress import SILENT, Progress
from .. import tasks
from ..preferences import environments, flavour_of, has_torch, preferences
from ..session import jobs
from ..typed import OperatorMixin, Returned
from .base import fail
from .polls import is_free

if TYPE_CHECKING:
    from ..preferences import BONEWRIGHT_AP_preferences


class TaskOperator(OperatorMixin):
    """Does something long beside Blender; at once for scripts without a window."""

    title = "Working"

    @classmethod
    @abstractmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        """Why it cannot be done, "" when it can."""

    @abstractmethod
    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        """What is to be done, without Blender; it returns what to tell the user."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if tasks.running():
            cls.poll_message_set("Wait for what is under way, or cancel it")
            return False
        chosen = preferences()
        if not is_free(cls) or chosen is None:
            return False
        if obstacle := cls.obstacle(chosen):
            cls.poll_message_set(obstacle)
            return False
        return True

    def execute(self, context: bpy.types.Context) -> Returned:
        chosen = preferences()
        assert chosen is not None
        work = self.prepare(chosen)
        if not bpy.app.background:
            tasks.start(self.title, work)
            return {"FINISHED"}
        try:
            self.report({"INFO"}, work(SILENT))
        except BonewrightError as error:
            return fail(self, error)
        return {"FINISHED"}


class BONEWRIGHT_OT_install_torch(TaskOperator, bpy.types.Operator):
    """Install what networks need on this graphics card into your user folder; Blender can be used meanwhile"""

    bl_idname = "bonewright.install_torch"
    bl_label = "Install"
    title = "Installing"

    @classmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        if flavour_of(chosen) is None:
            return "There is nothing for this computer"
        if not bpy.app.online_access and not chosen.wheels:
            return "Online access is off. Switch it on in Preferences > System > Network, or choose a folder of wheels"
        return ""

    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        flavour, root = flavour_of(chosen), environments()
        wheels = Path(bpy.path.abspath(chosen.wheels)) if chosen.wheels else None
        python = (sys.executable, *bpy.app.python_args)
        assert flavour is not None

        def work(progress: Progress) -> str:
            from ...inference.engine.environment import install

            install(root, flavour, wheels, progress, python)
            return f"{flavour.what} for {flavour.title} was tried and works"

        return work


class BONEWRIGHT_OT_remove_torch(TaskOperator, bpy.types.Operator):
    """Delete this environment from your user folder"""

    bl_idname = "bonewright.remove_torch"
    bl_label = "Remove"
    title = "Removing"

    @classmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        return "" if has_torch(chosen) else "It is not installed"

    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        flavour, root = flavour_of(chosen), environments()
        assert flavour is not None
        jobs.close()  # the worker may be running in there

        def work(progress: Progress) -> str:
            from ...inference.engine.environment import remove

            remove(root, flavour)
            return f"{flavour.what} for {flavour.title} is removed"

        return work


class BONEWRIGHT_OT_check_python(TaskOperator, bpy.types.Operator):
    """Run this Python and look whether it has all that is needed"""

    bl_idname = "bonewright.check_python"
    bl_label = "Check"
    title = "Trying this Python"

    @classmethod
    def obstacle(cls, chosen: BONEWRIGHT_AP_preferences) -> str:
        return "" if chosen.path else "Choose a Python first"

    def prepare(self, chosen: BONEWRIGHT_AP_preferences) -> Callable[[Progress], str]:
        path = Path(bpy.path.abspath(chosen.path))

        def work(progress: Progress) -> str:
            from ...inference.engine.interpreter import check_python

            found = check_python(path, progress)
            return f"Python {found.version} with torch {found.torch}: good"

        return work


class BONEWRIGHT_OT_cancel_task(bpy.types.Operator):
    """Stop; what was downloaded is kept for another try"""

    bl_idname = "bonewright.cancel_task"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return tasks.running()

    def execute(self, context: bpy.types.Context) -> Returned:
        tasks.cancel()
        return {"FINISHED"}


CLASSES = (
    BONEWRIGHT_OT_install_torch,
    BONEWRIGHT_OT_remove_torch,
    BONEWRIGHT_OT_check_python,
    BONEWRIGHT_OT_cancel_task,
)
