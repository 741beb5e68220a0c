"""Test: move every joint through its range, see the report, go to what it warns of."""

# Blender's stubs know nothing of what is registered at run time and make nearly everything optional:
# pyright: reportAttributeAccessIssue=false, reportIncompatibleMethodOverride=false, reportInvalidTypeForm=false

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty, StringProperty

from ...inference.errors import BonewrightError
from .. import session
from ..errors import SceneError
from ..scene.characters import active_armature, is_bound, meshes_of
from .job import JobOperator, apply_by, fail, has_armature

if TYPE_CHECKING:
    from ...inference.anatomy import Report
    from ...inference.requests import JudgeJob
    from ..scene.meshes import SceneMesh


class _ArmatureOperator:
    """Works on the armature at hand."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_armature(cls, context)


class BONEWRIGHT_OT_test_motion(_ArmatureOperator, bpy.types.Operator):
    """Move every joint through its range, one after another, as an action that Restore takes away again"""

    bl_idname = "bonewright.test_motion"
    bl_label = "Test Range of Motion"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.poses.motion import start_motion
        from ..scene.selecting import leave_modes

        armature = active_armature(context)
        assert armature is not None
        leave_modes(context)
        try:
            start_motion(context.scene, armature)
        except BonewrightError as error:
            return fail(self, error)
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        done = self.execute(context)
        if "FINISHED" in done and context.screen is not None and not context.screen.is_animation_playing:
            bpy.ops.screen.animation_play()
        return done


class BONEWRIGHT_OT_end_motion(_ArmatureOperator, bpy.types.Operator):
    """Take the test away: pose, action and frame are as they were before it"""

    bl_idname = "bonewright.end_motion"
    bl_label = "Restore"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..scene.poses.motion import in_motion

        armature = active_armature(context)
        if armature is None or not in_motion(armature):
            cls.poll_message_set("There is no test to take away")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.poses.motion import end_motion

        armature = active_armature(context)
        assert armature is not None
        if context.screen is not None and context.screen.is_animation_playing:
            bpy.ops.screen.animation_cancel(restore_frame=False)
        end_motion(context.scene, armature)
        return {"FINISHED"}


class BONEWRIGHT_OT_check(JobOperator["Report"], bpy.types.Operator):
    """Measure the armature as it is now, with the weights as they are now"""

    bl_idname = "bonewright.check"
    bl_label = "Check Again"
    title = "Checking"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if session.running() is not None:
            cls.poll_message_set("Bonewright is still working. Wait for it, or cancel it")
            return False
        armature = active_armature(context)
        if armature is None or not meshes_of(armature):
            cls.poll_message_set("Select an armature with meshes, or one of its meshes")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> JudgeJob:
        from ...inference.requests import JudgeJob
        from ..scene.armatures import read_armature
        from ..scene.meshes import read_mesh
        from ..scene.weights import read_weights, sparse

        armature = active_armature(context)
        assert armature is not None
        self._name = armature.name
        meshes = sorted(meshes_of(armature), key=lambda item: item.name)
        self._source: SceneMesh = read_mesh(meshes)
        bones = read_armature(armature)
        skin = None
        if is_bound(armature, meshes):
            skin = sparse(read_weights(self._source.parts, len(self._source.mesh.vertices), bones.names))
        return JudgeJob(self._source.mesh, bones, skin)

    def take(self, context: bpy.types.Context, result: Report) -> None:
        apply_by(bpy.ops.bonewright.apply_check, token=session.keep((result, self._source)), name=self._name)


class BONEWRIGHT_OT_apply_check(bpy.types.Operator):
    """Keep the report with the armature"""

    bl_idname = "bonewright.apply_check"
    bl_label = "Check Again"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012

    token: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    name: StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.apply import write_report

        armature, kept = bpy.data.objects.get(self.name), session.kept(self.token)
        if armature is None or not isinstance(kept, tuple):
            return fail(self, SceneError(f"'{self.name}' is gone. Select an armature and check again."))
        report, source = kept
        write_report(armature, report, source.parts)
        return {"FINISHED"}


class BONEWRIGHT_OT_show_warning(bpy.types.Operator):
    """Select the bones or the vertices that this is about"""

    bl_idname = "bonewright.show_warning"
    bl_label = "Show"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    index: IntProperty(options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_armature(context) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.selecting import select_bones, select_vertices

        armature = active_armature(context)
        assert armature is not None
        if not 0 <= self.index < len(armature.bonewright.warnings):
            return {"CANCELLED"}
        warning = armature.bonewright.warnings[self.index]
        try:
            if warning.bones:
                select_bones(context, armature, warning.bones.split("\n"))
            elif warning.vertices:
                line = warning.vertices.split("\n")[0]
                name, numbers = line.split("\t")
                select_vertices(context, name, [int(number) for number in numbers.split()])
            else:
                return {"CANCELLED"}
        except BonewrightError as error:
            return fail(self, error)
        return {"FINISHED"}


CLASSES = (
    BONEWRIGHT_OT_test_motion,
    BONEWRIGHT_OT_end_motion,
    BONEWRIGHT_OT_check,
    BONEWRIGHT_OT_apply_check,
    BONEWRIGHT_OT_show_warning,
)
