"""Add Swinging Parts, Remove Swinging Parts: chains for what hangs, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from ...errors import SceneError
from ...preferences import device
from ...scene.characters import active_armature, check_local, meshes_of
from ...typed import record_of, settings_of
from ..base import ApplyOperator, ArmatureOperator, Told, apply_by
from ..job import JobOperator
from ..polls import has_armature, has_character, is_free

if TYPE_CHECKING:
    from ....inference.anatomy import Array, Swung
    from ....inference.requests import SwingJob
    from ...scene.meshes import SceneMesh


@dataclass(frozen=True)
class Swinging:
    """Chains, and what they are for."""

    swung: Swung
    before: Array  # (V, B) the weights of the meshes
    source: SceneMesh
    armature: str
    bones: tuple[str, ...]


class BONEWRIGHT_OT_add_swinging(JobOperator["Swung"], bpy.types.Operator):
    """Find skirts, loose hair, capes, tails and ears, give those without bones chains that move them alone, and let all of them swing"""  # noqa: E501

    bl_idname = "bonewright.add_swinging"
    bl_label = "Add Swinging Parts"
    title = "Looking for what swings"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_free(cls) or not has_character(cls, context):
            return False
        armature = active_armature(context)
        if armature is not None and len(record_of(armature).springs):
            cls.poll_message_set("Something swings already. Press Remove Swinging Parts first")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> SwingJob:
        from ....inference.requests import SwingJob
        from ...scene.armatures import read_armature
        from ...scene.attach import check_writable
        from ...scene.meshes import read_mesh
        from ...scene.weights import read_weights, sparse

        armature = active_armature(context)
        if armature is None:
            raise SceneError("No armature is at hand. Select one, or a mesh that is bound to one.")
        check_local(armature)
        meshes = meshes_of(armature)
        check_writable(meshes)
        bones = read_armature(armature)
        self._armature, self._bones = armature.name, bones.names
        self._source = read_mesh(meshes)
        self.about = (armature.name, *(part.name for part in self._source.parts))
        self._before = read_weights(self._source.parts, len(self._source.mesh.vertices), bones.names)
        options = settings_of(context.scene)
        return SwingJob(self._source.mesh, bones, sparse(self._before), options.influences, options.seed, device())

    def take(self, context: bpy.types.Context, result: Swung) -> Told:
        if not result.springs:
            return Told(result.told, "WARNING")
        apply_by("apply_swinging", Swinging(result, self._before, self._source, self._armature, self._bones))
        return Told(result.told)


class BONEWRIGHT_OT_apply_swinging(ApplyOperator[Swinging], bpy.types.Operator):
    """Put the chains into the armature"""

    bl_idname = "bonewright.apply_swinging"
    bl_label = "Add Swinging Parts"

    kept = Swinging

    def apply(self, context: bpy.types.Context, result: Swinging) -> None:
        from ...scene.swinging.add import apply_swinging

        apply_swinging(context, result.swung, result.before, result.source, result.armature, result.bones)


class BONEWRIGHT_OT_remove_swinging(ArmatureOperator, bpy.types.Operator):
    """Take out the chains that were added to swing, and what makes tails and ears swing; all weights come back"""

    bl_idname = "bonewright.remove_swinging"
    bl_label = "Remove Swinging Parts"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_armature(cls, context):
            return False
        armature = active_armature(context)
        if armature is None or not len(record_of(armature).springs):
            cls.poll_message_set("Nothing of this armature swings")
            return False
        return True

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...scene.swinging.remove import remove_swinging

        remove_swinging(context, armature)


CLASSES = (BONEWRIGHT_OT_add_swinging, BONEWRIGHT_OT_apply_swinging, BONEWRIGHT_OT_remove_swinging)
