"""Weights that follow joints: computed beside everything else after each change, written where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...preferences import device
from ...scene.characters import active_armature
from ...typed import settings_of
from ..base import Told, go_on_with
from ..job import JobOperator
from ..polls import is_free

if TYPE_CHECKING:
    from ....inference.anatomy import SkinWeights
    from ....inference.requests import SkinJob


class BONEWRIGHT_OT_follow_joints(JobOperator["SkinWeights"], bpy.types.Operator):
    """Bind what has changed since joints were moved"""

    bl_idname = "bonewright.follow_joints"
    bl_label = "Weights Follow"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    title = "Binding"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ...scene.adjust import live

        if not is_free(cls):
            return False
        armature = active_armature(context)
        if armature is None or not live.is_behind(armature):
            cls.poll_message_set("No joint was moved since the weights were made")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> SkinJob:
        from ....inference.requests import SkinOptions
        from ...scene.adjust import live

        armature = active_armature(context)
        assert armature is not None
        settings = settings_of(context.scene)
        options = SkinOptions(settings.influences, settings.weights, device=device())
        self._name, self._job = armature.name, live.asked(armature, options)
        return self._job

    def take(self, context: bpy.types.Context, result: SkinWeights) -> Told:
        from ....inference.rigging.skin.smooth import smooth_weights
        from ...scene.adjust import live

        armature = bpy.data.objects.get(self._name)
        if armature is None or not live.follows(armature):
            return Told("")
        settings, bones = settings_of(context.scene), len(self._job.armature.names)
        skin = smooth_weights(self._job.mesh, result, bones, settings.smooth, settings.influences)
        count = live.follow(armature, self._job, skin)
        if live.is_behind(armature):
            go_on_with("follow_joints")
        elif armature.mode != "EDIT":  # Done was pressed meanwhile
            live.end()
            bpy.ops.ed.undo_push(message="Bind")
            go_on_with("check", after_bind=True)
        return Told(f"{count} vertices follow the joints" if count else "")


CLASSES = (BONEWRIGHT_OT_follow_joints,)
