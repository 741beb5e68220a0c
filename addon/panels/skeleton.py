"""Rest Pose and Skeleton: another pose to rest in, another skeleton to have."""

import bpy

from ..compat import put
from ..languages import tr
from ..operators.skeletons.rest_pose import STANCES
from ..scene.characters import active_armature
from ..typed import layout_of, record_of, settings_of
from .base import InTab, split_column

_MOST_NAMED = 8  # missing joints that the panel lists


class BONEWRIGHT_PT_skeleton(InTab, bpy.types.Panel):
    bl_label = "Rest Pose and Skeleton"
    bl_idname = "BONEWRIGHT_PT_skeleton"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.label(text="Pose as rest:")
        row = layout.row(align=True)
        for name, label, _ in STANCES:
            put(row.operator("bonewright.pose_as_rest", text=label), stance=name)
        options = settings_of(context.scene)
        column = split_column(layout)
        column.prop(options, "skeleton")
        if options.skeleton == "scene":
            column.prop(options, "skeleton_armature")
        if options.skeleton == "file":
            column.prop(options, "skeleton_file")
            column.operator("bonewright.choose_skeleton", icon="ASSET_MANAGER")
        row = column.row()
        row.active = options.skeleton != "rigify"
        row.prop(options, "keep_pose")
        layout.operator("bonewright.fit_skeleton", icon="ARMATURE_DATA")
        armature = active_armature(context)
        missing = record_of(armature).missing.split("\n") if armature and record_of(armature).missing else []
        if missing:
            layout.label(text=tr("{} joints placed by proportion:", len(missing)), icon="INFO")
            column = layout.column(align=True)
            for name in missing[:_MOST_NAMED]:
                column.label(text=name)
            if len(missing) > _MOST_NAMED:
                column.label(text=tr("and {} more", len(missing) - _MOST_NAMED))


CLASSES = (BONEWRIGHT_PT_skeleton,)
