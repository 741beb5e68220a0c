"""Bind: skin weights for an armature that exists, ours or the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty

from ..preferences import device
from ..properties import INFLUENCES
from ..scene.characters import active_armature, selected_meshes
from ..typed import record_of, settings_of
from .base import ApplyOperator, Told, apply_by, go_on_with
from .job import JobOperator
from .polls import has_meshes

if TYPE_CHECKING:
    from ...inference.anatomy import Armature, SkinWeights
    from ...inference.requests import SkinJob
    from ..scene.meshes import SceneMesh


@dataclass(frozen=True)
class Binding:
    """Weights, and what they are for."""

    skin: SkinWeights
    bones: Armature
    source: SceneMesh
    armature: str


class BONEWRIGHT_OT_bind(JobOperator["SkinWeights"], bpy.types.Operator):
    """Bind the selected meshes to the selected armature; locked vertex groups keep their weights"""

    bl_idname = "bonewright.bind"
    bl_label = "Bind"
    title = "Binding"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_meshes(cls, context):
            return False
        if target_armature(context) is None:
            cls.poll_message_set("Select the armature too")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> SkinJob:
        from ...inference.requests import SkinJob, SkinOptions
        from ..scene.armatures import read_armature
        from ..scene.attach import check_writable
        from ..scene.meshes import read_mesh
        from ..scene.weights import locked_bones, read_weights, sparse

        armature = target_armature(context)
        assert armature is not None
        meshes = selected_meshes(context)
        check_writable(meshes)
        self._armature = armature.name
        self._bones = read_armature(armature)
        self._source = read_mesh(meshes)
        self.about = (armature.name, *(part.name for part in self._source.parts))
        locked = locked_bones(self._source.parts, self._bones.names)
        kept = None
        if locked:
            kept = sparse(read_weights(self._source.parts, len(self._source.mesh.vertices), self._bones.names))
        settings = settings_of(context.scene)
        options = SkinOptions(settings.influences, settings.weights, device=device())
        return SkinJob(self._source.mesh, self._bones, options, locked, kept)

    def take(self, context: bpy.types.Context, result: SkinWeights) -> Told:
        settings = settings_of(context.scene)
        binding = Binding(result, self._bones, self._source, self._armature)
        apply_by("apply_bind", binding, influences=settings.influences, smooth=settings.smooth)
        armature = active_armature(context)
        # a report that there is was about other weights; it is renewed beside everything else
        if armature is not None and record_of(armature).reported:
            go_on_with("check", after_bind=True)
        return Told(f"{len(result.bones)} vertices bound to {len(self._bones.names)} bones")


class BONEWRIGHT_OT_apply_bind(ApplyOperator[Binding], bpy.types.Operator):
    """Write the weights"""

    bl_idname = "bonewright.apply_bind"
    bl_label = "Bind"

    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)
    smooth: IntProperty(name="Smooth", description="Rounds of smoothing along the surface", default=0, min=0, max=50)

    kept = Binding
    forgotten = "These weights are not remembered any more. Bind again."

    def apply(self, context: bpy.types.Context, result: Binding) -> None:
        from ..scene.apply import apply_skin

        apply_skin(context, result.skin, result.bones, result.source, result.armature, self.influences, self.smooth)


def target_armature(context: bpy.types.Context) -> bpy.types.Object | None:
    """The armature to bind to: the one selected, else the one at hand."""
    chosen = [item for item in context.selected_objects if item.type == "ARMATURE"]
    return chosen[0] if len(chosen) == 1 else active_armature(context)


CLASSES = (BONEWRIGHT_OT_bind, BONEWRIGHT_OT_apply_bind)
