"""What every operator that asks the worker shares: it starts a job, stays out of the way, and hands the result on."""

from __future__ import annotations

import threading
from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

import bpy

from ...inference.errors import BonewrightError, Cancelled
from .. import session
from ..errors import SceneError
from ..typed import OperatorMixin, Returned
from .base import Told, fail
from .polls import has_meshes

if TYPE_CHECKING:
    from ...inference.requests import Job

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
    _running: session.Running[ResultT] | None = None
    _waking: threading.Thread | None = None

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
            self._finish(context, session.do_now(self.make_job(context)))
        except BonewrightError as error:
            return fail(self, error)
        return {"FINISHED"}

    def _finish(self, context: bpy.types.Context, result: ResultT) -> None:
        told = self.take(context, result)  # reports of operators that it calls reach no user
        if told.text:
            self.report({told.level}, told.text)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        self._waking = session.wake()
        try:
            self._running = session.hold(self.title) if self._waking is not None else self._ask(context)
        except BonewrightError as error:
            return fail(self, error)
        session.watch(self._running, context)
        context.window_manager.modal_handler_add(self)
        redraw(context)
        return {"RUNNING_MODAL"}

    def _ask(self, context: bpy.types.Context) -> session.Running[ResultT]:
        return session.start(self.title, self.make_job(context))

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        running = self._running
        if event.type != "TIMER" or running is None:
            return {"PASS_THROUGH"}
        if self._waking is not None:
            return self._awake(context, running)
        if not running.ticket.done:
            redraw(context)
            return {"PASS_THROUGH"}
        if not running.ticket.cancelled and user_is_busy(context):
            return {"PASS_THROUGH"}
        session.end(running)
        redraw(context)
        try:
            self._finish(context, running.ticket.result())
        except BonewrightError as error:
            return fail(self, error)
        # what there is to undo was pushed by the operator that `take` has called
        return {"FINISHED"}

    def _awake(self, context: bpy.types.Context, held: session.Running[ResultT]) -> Returned:
        """Ask for the job as soon as everything is imported, if it is still wanted."""
        assert self._waking is not None
        cancelled = held.ticket.cancelled
        if self._waking.is_alive() and not cancelled:
            return {"PASS_THROUGH"}
        self._waking = None
        session.end(held)
        redraw(context)
        try:
            if cancelled:
                raise Cancelled("Cancelled.")
            if not type(self).poll(context):
                raise SceneError("The selection has changed meanwhile. Select the meshes and start again.")
            self._running = self._ask(context)
        except BonewrightError as error:
            return fail(self, error)
        session.watch(self._running, context)
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator: another file is opened, or the window is closed."""
        if self._running is not None:
            session.end(self._running)


def redraw(context: bpy.types.Context) -> None:
    """Draw the panels again, in every window."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


def user_is_busy(context: bpy.types.Context) -> bool:
    """In the middle of a drag or a stroke, in any window, nothing may change under the user's hand."""
    windows = context.window_manager.windows
    return any(item.bl_idname.startswith(_BUSY) for window in windows for item in window.modal_operators)


class BONEWRIGHT_OT_cancel(bpy.types.Operator):
    """Stop what Bonewright is doing; nothing is changed"""

    bl_idname = "bonewright.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return session.running() is not None

    def execute(self, context: bpy.types.Context) -> Returned:
        session.cancel()
        return {"FINISHED"}


CLASSES = (BONEWRIGHT_OT_cancel,)
