"""Check Again: measure the rig as it is by now, and go to what the report warns of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty

from ..errors import SceneError
from ..preferences import device
from ..scene.characters import active_armature, is_bound, meshes_of
from ..scene.verdict import announcement
from ..typed import record_of
from .base import ApplyOperator, ArmatureOperator, Told, apply_by
from .job import JobOperator
from .polls import has_character, is_free

if TYPE_CHECKING:
    from ...inference.anatomy import Report
    from ...inference.requests import JudgeJob
    from ..scene.freshness import State
    from ..scene.meshes import SceneMesh


@dataclass(frozen=True)
class CheckedRig:
    """A report, and what it is about; names, since pointers do not outlive an undo."""

    report: Report
    source: SceneMesh
    armature: str
    state: State  # when it was asked for: what changes meanwhile makes the report out of date


class BONEWRIGHT_OT_check(JobOperator["Report"], bpy.types.Operator):
    """Measure the armature as it is now, with the weights as they are now"""

    bl_idname = "bonewright.check"
    bl_label = "Check Again"
    title = "Checking"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_free(cls) and has_character(cls, context)

    after_bind: BoolProperty(
        name="After Bind", description="Belongs to the undo step of the Bind before it", options={"HIDDEN", "SKIP_SAVE"}
    )

    def make_job(self, context: bpy.types.Context) -> JudgeJob:
        from ...inference.requests import JudgeJob
        from ..scene.armatures import read_armature
        from ..scene.freshness import state_of
        from ..scene.meshes import read_mesh
        from ..scene.weights import read_weights, sparse

        armature = active_armature(context)
        assert armature is not None
        self._name = armature.name
        meshes = sorted(meshes_of(armature), key=lambda item: item.name)
        self._source = read_mesh(meshes)
        self.about = (armature.name, *(part.name for part in self._source.parts))
        self._state = state_of(armature, meshes)
        bones = read_armature(armature)
        skin = None
        if is_bound(armature, meshes):
            skin = sparse(read_weights(self._source.parts, len(self._source.mesh.vertices), bones.names))
        return JudgeJob(self._source.mesh, bones, skin, device())

    def take(self, context: bpy.types.Context, result: Report) -> Told:
        apply_by("apply_check", CheckedRig(result, self._source, self._name, self._state), undo=not self.after_bind)
        armature = bpy.data.objects[self._name]
        return Told(announcement(armature), "INFO" if result.verdict == "good" else "WARNING")


class BONEWRIGHT_OT_apply_check(ApplyOperator[CheckedRig], bpy.types.Operator):
    """Keep the report with the armature"""

    bl_idname = "bonewright.apply_check"
    bl_label = "Check Again"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012

    kept = CheckedRig
    forgotten = "This report is not remembered any more. Check again."

    def apply(self, context: bpy.types.Context, result: CheckedRig) -> None:
        from ..scene.apply import keep_report

        armature = bpy.data.objects.get(result.armature)
        if armature is None:
            raise SceneError(f"'{result.armature}' is gone. Select an armature and check again.")
        keep_report(armature, result.report, result.source, result.state)


class BONEWRIGHT_OT_show_warning(ArmatureOperator, bpy.types.Operator):
    """Select the bones or the vertices that this is about"""

    bl_idname = "bonewright.show_warning"
    bl_label = "Show"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    index: IntProperty(options={"HIDDEN"})

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..scene.selecting import select_bones, select_vertices

        warnings = record_of(armature).warnings
        if not 0 <= self.index < len(warnings):
            raise SceneError(f"'{armature.name}' has no such warning any more. Check again.")
        warning = warnings[self.index]
        if warning.bones:
            select_bones(context, armature, warning.bones.split("\n"))
        elif warning.vertices:
            name, numbers = warning.vertices.split("\n")[0].split("\t")
            select_vertices(context, name, [int(number) for number in numbers.split()])
        else:
            raise SceneError("This warning is about the rig as a whole: there is nothing to select.")


CLASSES = (BONEWRIGHT_OT_check, BONEWRIGHT_OT_apply_check, BONEWRIGHT_OT_show_warning)
