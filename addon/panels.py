"""The tab in the sidebar of the 3D view: one panel for each step, in working order."""

import bpy

from . import session
from .compat import put
from .operators.export import FORMATS
from .operators.skeletons.rest_pose import STANCES
from .operators.try_as import draw_tries
from .report_box import draw_announcement, draw_report
from .scene.characters import active_armature, is_bound, meshes_of, selected_meshes
from .scene.previews.marks import preview_objects
from .typed import PanelMixin, armature_data, layout_of, record_of, settings_of

_MOST_NAMED = 8  # missing joints that the panel lists


class _Panel(PanelMixin):
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Bonewright"


class BONEWRIGHT_PT_generate(_Panel, bpy.types.Panel):
    bl_label = "Generate Armature"
    bl_idname = "BONEWRIGHT_PT_generate"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        if not draw_progress(layout):
            row = layout.row()
            row.scale_y = 1.6
            row.operator("bonewright.generate", icon="OUTLINER_OB_ARMATURE")
        armature = active_armature(context)
        if armature is not None:
            draw_announcement(layout, context, armature)
        if selected_meshes(context):
            draw_tries(self, context)
        locked = sum("bonewright_locked" in bone for bone in armature_data(armature).bones) if armature else 0
        if locked:
            layout.label(text=f"{locked} locked bones will stay", icon="LOCKED")
        options = settings_of(context.scene)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("kind", "front", "method", "density", "symmetry", "bind"):
            column.prop(options, name)
        row = column.row()
        row.active = options.bind
        row.prop(options, "influences")
        row = column.row()
        row.active = options.bind
        row.prop(options, "weights")
        column.prop(options, "seed")


class BONEWRIGHT_PT_bones(_Panel, bpy.types.Panel):
    bl_label = "Advanced"
    bl_idname = "BONEWRIGHT_PT_bones"
    bl_parent_id = "BONEWRIGHT_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        column = layout_of(self).column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("fingers", "spine", "neck", "toes", "eyes", "jaw", "twist"):
            column.prop(settings_of(context.scene), name)


class BONEWRIGHT_PT_from_picture(_Panel, bpy.types.Panel):
    bl_label = "From View or Image"
    bl_idname = "BONEWRIGHT_PT_from_picture"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        options = settings_of(context.scene)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(options, "subject")
        column.prop(options, "source")
        layout.operator("bonewright.from_view", icon="HIDE_OFF")
        layout.separator()
        column = layout.column()
        column.template_ID(options, "picture", open="image.open")
        row = column.row()
        row.active = options.picture is not None
        row.template_ID(options, "mask", open="image.open", text="Mask")
        row = layout.row()
        row.enabled = options.picture is not None
        put(row.operator("bonewright.from_image", icon="IMAGE_DATA"), filepath="")
        _draw_offer(layout, context)


class BONEWRIGHT_PT_preview(_Panel, bpy.types.Panel):
    bl_label = "Preview"
    bl_idname = "BONEWRIGHT_PT_preview"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        column = layout.column(align=True)
        column.operator("bonewright.spheres", icon="SPHERE")
        _draw_previews(column, context.scene, "spheres")
        column = layout.column(align=True)
        column.operator("bonewright.curves", icon="CURVE_DATA")
        _draw_previews(column, context.scene, "curves")
        _draw_previews(layout.column(align=True), context.scene, "surface")
        layout.label(text="Bone colours:")
        row = layout.row(align=True)
        put(row.operator("bonewright.bone_colours", text="Confidence"), colours="CONFIDENCE")
        put(row.operator("bonewright.bone_colours", text="Limbs"), colours="LIMBS")


class BONEWRIGHT_PT_adjust(_Panel, bpy.types.Panel):
    bl_label = "Adjust"
    bl_idname = "BONEWRIGHT_PT_adjust"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        if context.mode != "EDIT_ARMATURE":
            layout.operator("bonewright.edit_joints", icon="EDITMODE_HLT")
            return
        layout.operator("bonewright.finish_joints", icon="CHECKMARK")
        from .scene.bones.sides import mirrors_in_x

        settings, armature = settings_of(context.scene), context.edit_object
        column = layout.column()
        if armature is not None and mirrors_in_x(armature_data(armature)):
            column.prop(armature_data(armature), "use_mirror_x", text="Mirror Left and Right")
        elif armature is not None:
            column.prop(record_of(armature), "mirror")
        column.prop(settings, "markers")
        below = column.column()
        below.active = settings.markers
        below.prop(settings, "snap")
        below.prop(settings, "straight")
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(settings, "follow")
        column = layout.column(align=True)
        column.operator("bonewright.centre_joints", icon="PIVOT_BOUNDBOX")
        column.operator("bonewright.mirror_bones", icon="MOD_MIRROR")
        column.operator("bonewright.split_bones", icon="MOD_EDGESPLIT")
        column.operator("bonewright.merge_bones", icon="AUTOMERGE_ON")
        column.operator("bonewright.remove_bones", icon="X")
        row = column.row(align=True)
        put(row.operator("bonewright.lock_bones", text="Lock", icon="LOCKED"), locked=True)
        put(row.operator("bonewright.lock_bones", text="Unlock", icon="UNLOCKED"), locked=False)


class BONEWRIGHT_PT_bind(_Panel, bpy.types.Panel):
    bl_label = "Bind"
    bl_idname = "BONEWRIGHT_PT_bind"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.operator("bonewright.bind", icon="MOD_ARMATURE")
        for name in ("influences", "weights", "smooth"):
            layout.prop(settings_of(context.scene), name)


class BONEWRIGHT_PT_test(_Panel, bpy.types.Panel):
    bl_label = "Test"
    bl_idname = "BONEWRIGHT_PT_test"

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        column = layout.column(align=True)
        column.operator("bonewright.test_motion", icon="PLAY")
        column.operator("bonewright.end_motion", icon="LOOP_BACK")
        layout.operator("bonewright.check", icon="CHECKMARK")
        armature = active_armature(context)
        if armature is not None and "bonewright_before_motion" in armature:
            from .scene.poses.motion import current_move

            layout.label(text=current_move(context.scene, armature), icon="ARMATURE_DATA")
        if armature is not None and record_of(armature).reported:
            draw_report(layout, context, armature)


class BONEWRIGHT_PT_skeleton(_Panel, bpy.types.Panel):
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
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
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
            layout.label(text=f"{len(missing)} joints placed by proportion:", icon="INFO")
            column = layout.column(align=True)
            for name in missing[:_MOST_NAMED]:
                column.label(text=name)
            if len(missing) > _MOST_NAMED:
                column.label(text=f"and {len(missing) - _MOST_NAMED} more")


class BONEWRIGHT_PT_names(_Panel, bpy.types.Panel):
    bl_label = "Names and Export"
    bl_idname = "BONEWRIGHT_PT_names"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.operator_menu_enum("bonewright.rename_bones", "convention", text="Rename Bones", icon="SORTALPHA")
        layout.operator("bonewright.make_metarig", icon="OUTLINER_OB_ARMATURE")
        row = layout.row(align=True)
        for name, label, _ in FORMATS:
            put(row.operator("bonewright.export", text=f"Export {label}", icon="EXPORT"), format=name)


def _draw_previews(layout: bpy.types.UILayout, scene: bpy.types.Scene, kind: str) -> None:
    """What there is to look at: a row each, to hide it or to remove it."""
    for item in preview_objects(scene, kind):
        row = layout.row(align=True)
        row.label(text=item.name)
        row.prop(item, "hide_viewport", text="", emboss=False)
        put(row.operator("bonewright.remove_preview", text="", icon="X", emboss=False), name=item.name)


def _draw_offer(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """An armature that was made from a picture of meshes can move them."""
    armature = active_armature(context)
    if armature is None or not record_of(armature).seen:
        return
    meshes = selected_meshes(context)
    if meshes and meshes == sorted(meshes_of(armature), key=lambda item: item.name) and not is_bound(armature, meshes):
        text = f"Bind {meshes[0].name}" if len(meshes) == 1 else f"Bind {len(meshes)} Meshes"
        layout.operator("bonewright.bind", text=text, icon="MOD_ARMATURE")


def draw_progress(layout: bpy.types.UILayout) -> bool:
    """A bar and a Cancel button while a job runs."""
    job = session.running()
    if job is None:
        return False
    ticket = job.ticket
    row = layout.row(align=True)
    row.scale_y = 1.6
    row.progress(factor=ticket.fraction, text=ticket.message or job.title)
    row.operator("bonewright.cancel", text="", icon="X")
    return True


_CLASSES = (
    BONEWRIGHT_PT_generate,
    BONEWRIGHT_PT_bones,
    BONEWRIGHT_PT_from_picture,
    BONEWRIGHT_PT_preview,
    BONEWRIGHT_PT_adjust,
    BONEWRIGHT_PT_bind,
    BONEWRIGHT_PT_test,
    BONEWRIGHT_PT_skeleton,
    BONEWRIGHT_PT_names,
)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
