"""Try as ...: other ways to rig the same meshes, shown side by side as small pictures and taken by a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty

from ...inference.verdicts import verdict_line
from ..compat import put
from ..errors import SceneError
from ..scene.characters import selected_meshes
from ..scene.previews import tries
from ..session.jobs import redraw
from ..typed import layout_of, settings_of
from .base import SceneOperator, Told
from .generate import rig_options
from .job import JobOperator
from .polls import has_meshes

if TYPE_CHECKING:
    from ...inference.anatomy import Tried
    from ...inference.requests import TryJob


class BONEWRIGHT_OT_try_as(JobOperator["Tried"], bpy.types.Operator):
    """Look for other kinds, fronts and methods that may fit better, and show up to three of them"""

    bl_idname = "bonewright.try_as"
    bl_label = "Try as ..."
    title = "Trying other ways"

    def make_job(self, context: bpy.types.Context) -> TryJob:
        from ...inference.requests import TryJob
        from ..scene.meshes import read_mesh

        meshes = selected_meshes(context)
        self._first = meshes[0].name
        return TryJob(read_mesh(meshes).mesh, rig_options(settings_of(context.scene), bind=False))

    def take(self, context: bpy.types.Context, result: Tried) -> Told:
        if not result.attempts:
            raise SceneError("Nothing else could be made of this shape. Choose its Kind and its Front yourself.")
        tries.keep(self._first, result)
        redraw(context)
        return Told(f"{len(result.attempts)} other ways to choose from")


class BONEWRIGHT_OT_take_attempt(SceneOperator, bpy.types.Operator):
    """Generate the armature this way"""

    bl_idname = "bonewright.take_attempt"
    bl_label = "Take This"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    index: IntProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_meshes(cls, context)

    def act(self, context: bpy.types.Context) -> None:
        attempts = tries.attempts_for(selected_meshes(context))
        if not 0 <= self.index < len(attempts):
            raise SceneError("These pictures are of something else. Press Try as ... again.")
        attempt = attempts[self.index]
        put(settings_of(context.scene), kind=attempt.kind, front=attempt.front, method=attempt.method)
        tries.forget()
        generate = getattr(bpy.ops, "bonewright").generate  # noqa: B009 registered at run time
        generate("INVOKE_DEFAULT")


def draw_tries(panel: bpy.types.Panel, context: bpy.types.Context) -> None:
    """The button, and beneath it the pictures of what was tried for the selected meshes."""
    layout = layout_of(panel)
    layout.operator("bonewright.try_as", icon="VIEWZOOM")
    attempts = tries.attempts_for(selected_meshes(context))
    if not attempts:
        return
    row = layout.row(align=True)
    for index, attempt in enumerate(attempts):
        column = row.column(align=True)
        column.template_icon(icon_value=tries.icon(index), scale=6.0)
        text = tries.label(attempt)
        put(column.operator("bonewright.take_attempt", text=text), index=index)
        column.label(text=verdict_line(attempt.report.verdict, attempt.report.reasons[:1]))


CLASSES = (BONEWRIGHT_OT_try_as, BONEWRIGHT_OT_take_attempt)
