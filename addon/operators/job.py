"""What every operator that asks the worker shares: it starts a job, stays out of the way, and hands the result on."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import bpy

from ...inference.errors import BonewrightError
from ..session import jobs
from ..session.state import Dismissed
from ..typed import OperatorMixin, Returned
from .base import Told, fail
from .polls import has_meshes

if TYPE_CHECKING:
    from ...inference.requests import Job
    from ..session.state import Level

_BUSY = (
    "BONEWRIGHT_OT_move_joint",
    "TRANSFORM_OT",
    "MESH_OT",
    "ARMATURE_OT",
    "POSE_OT",
    "SCULPT_OT",
    "PAINT_OT",
    "OBJECT_OT",
    "CURVE_OT",
)


ResultT = TypeVar("ResultT")


class JobOperator(OperatorMixin, Generic[ResultT]):
    """Mix into an operator that computes: `execute` waits for the result, `invoke` leaves Blender to the user."""

    title = "Working"
    about: tuple[str, ...] = ()
    """Names of the objects without which the result is of no use, once the job is made."""
    _number = 0
    _returned: Returned = {"CANCELLED"}  # noqa: RUF012 replaced, never changed

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_meshes(cls, context)

    @abstractmethod
    def make_job(self, context: bpy.types.Context) -> Job[ResultT]:
        """Read the scene. Raises a named error where it cannot be used."""

    @abstractmethod
    def take(self, context: bpy.types.Context, result: ResultT) -> Told:
        """The result is there: change the scene, in one undo step, and say what has come of it.

        Raises a named error where it cannot.
        """

    def execute(self, context: bpy.types.Context) -> Returned:
        try:
            told = self.take(context, jobs.do_now(self.make_job(context)))
        except BonewrightError as error:
            return fail(self, error)
        if told.text:  # reports of operators that `take` calls reach no user
            self.report({told.level}, told.text)
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        self._number = jobs.start(self.title, self, context)
        if not jobs.is_under_way(self._number):
            return {"CANCELLED"}
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        jobs.look(self._number, self, context, busy=user_is_busy(context))
        # what there is to undo was pushed by the operator that `take` has called
        return {"PASS_THROUGH"} if jobs.is_under_way(self._number) else self._returned

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator: another file is opened, or the window is closed."""
        jobs.end(self._number)

    def read(self, context: bpy.types.Context) -> tuple[Job[object], tuple[str, ...]]:
        """The job, and what it is about."""
        return self.make_job(context), self.about

    def apply(self, context: bpy.types.Context, result: object) -> tuple[Level, str]:
        """The result, which is that of the job that was made here."""
        told = self.take(context, cast("ResultT", result))
        self._returned = {"FINISHED"}
        return told.level, told.text

    def allowed(self, context: bpy.types.Context) -> bool:
        """Whether the button could still be pressed, if this job were not under way."""
        return type(self).poll(context)

    def tell(self, level: Level, text: str) -> None:
        """Into the status bar and the Info log."""
        self.report({level}, text)


def user_is_busy(context: bpy.types.Context) -> bool:
    """In the middle of a drag or a stroke, in any window, nothing may change under the user's hand."""
    windows = context.window_manager.windows
    running = (item for window in windows for item in window.modal_operators)
    return any(item is not None and item.bl_idname.startswith(_BUSY) for item in running)  # None: its class is gone


class BONEWRIGHT_OT_cancel(bpy.types.Operator):
    """Stop what Bonewright is doing; nothing is changed"""

    bl_idname = "bonewright.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return jobs.running() is not None

    def execute(self, context: bpy.types.Context) -> Returned:
        jobs.cancel()
        return {"FINISHED"}


class BONEWRIGHT_OT_dismiss(bpy.types.Operator):
    """Close this message"""

    bl_idname = "bonewright.dismiss"
    bl_label = "Close"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def execute(self, context: bpy.types.Context) -> Returned:
        jobs.send(Dismissed())
        return {"FINISHED"}


CLASSES = (BONEWRIGHT_OT_cancel, BONEWRIGHT_OT_dismiss)
