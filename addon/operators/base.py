"""What every operator shares: a named error is told to the user, and what changes the scene is one undo step."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, Literal, NamedTuple, TypeVar

import bpy
from bpy.props import StringProperty

from ...inference.errors import BonewrightError, Cancelled, UnexpectedError
from ..errors import SceneError
from ..scene.characters import active_armature
from ..session import jobs
from ..typed import OperatorMixin, Returned
from .polls import has_armature

KeptT = TypeVar("KeptT")
_MODULE = "bonewright"
AND_UNDO = True  # which Blender takes by its place only


class Told(NamedTuple):
    """What the user is told in the status bar and the Info log."""

    text: str
    level: Literal["INFO", "WARNING"] = "INFO"


class SceneOperator(OperatorMixin):
    """Mix into an operator that changes the scene at once."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @abstractmethod
    def act(self, context: bpy.types.Context) -> None:
        """Do it. Raises a named error where it cannot be done."""

    def execute(self, context: bpy.types.Context) -> Returned:
        try:
            self.act(context)
        except BonewrightError as error:
            return fail(self, error)
        return {"FINISHED"}


class ArmatureOperator(SceneOperator):
    """Mix into an operator that changes the armature at hand."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_armature(cls, context)

    def act(self, context: bpy.types.Context) -> None:
        armature = active_armature(context)
        if armature is None:
            raise SceneError("No armature is at hand. Select one, or a mesh that is bound to one.")
        self.change(context, armature)

    @abstractmethod
    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        """Do it to `armature`. Raises a named error where it cannot be done."""


class ApplyOperator(SceneOperator, Generic[KeptT]):
    """Mix into the operator that puts into the scene what another one has computed, by `apply_by`.

    Its redo panel applies the same result again without computing it, and one Ctrl Z takes it back.
    """

    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012
    token: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    kept: type[KeptT]  # what is applied
    forgotten = "This result is not remembered any more. Make it again."

    def act(self, context: bpy.types.Context) -> None:
        result = jobs.kept(self.token)
        if not isinstance(result, self.kept):
            raise SceneError(self.forgotten)
        self.apply(context, result)

    @abstractmethod
    def apply(self, context: bpy.types.Context, result: KeptT) -> None:
        """Put `result` into the scene. Raises a named error where that is not possible."""


def apply_by(operator: str, result: object, *, undo: bool = AND_UNDO, **properties: object) -> None:
    """Keep `result` and have an `ApplyOperator` put it into the scene, as a step of its own in the undo history.

    Without `undo`, it belongs to the step before it.
    """
    try:
        getattr(getattr(bpy.ops, _MODULE), operator)("EXEC_DEFAULT", undo, token=jobs.keep(result), **properties)
    except RuntimeError as error:  # what it reported comes as an exception
        raise SceneError(str(error).removeprefix("Error: ").strip()) from error


def go_on_with(operator: str, **properties: object) -> None:
    """Start another job where its button could be pressed: beside everything else where there is a window."""
    found = getattr(getattr(bpy.ops, _MODULE), operator)
    if found.poll():
        found("INVOKE_DEFAULT", **properties)


def fail(operator: bpy.types.Operator, error: BonewrightError) -> Returned:
    """Tell the user; CANCELLED, so that no empty undo step is left."""
    if isinstance(error, Cancelled):
        operator.report({"INFO"}, "Cancelled")
        return {"CANCELLED"}
    if isinstance(error, UnexpectedError) and error.trace:
        print(error.trace)
    operator.report({"ERROR"}, str(error))
    return {"CANCELLED"}
