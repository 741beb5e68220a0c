"""Names and export: bones named as other programs name them, and files that engines import."""

# Blender's stubs know nothing of what is registered at run time and make nearly everything optional:
# pyright: reportIncompatibleMethodOverride=false, reportInvalidTypeForm=false, reportOptionalMemberAccess=false

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ...inference.errors import BonewrightError
from ..errors import SceneError
from ..scene.characters import active_armature, meshes_of
from .job import fail, has_armature

CONVENTIONS = (
    ("bonewright", "Bonewright", "hips, spine, upper_arm.L: Blender's own style"),
    ("rigify", "Rigify", "spine, spine.001, upper_arm.L: Rigify's human"),
    ("mixamo", "Mixamo", "mixamorig:Hips, mixamorig:LeftArm"),
    ("unreal", "Unreal", "pelvis, spine_01, upperarm_l"),
    ("humanoid", "Unity / VRM", "Hips, Spine, LeftUpperArm"),
)
FORMATS = (
    ("GLB", "glTF", "One binary glTF file: Godot, Unity, Unreal, the web"),
    ("FBX", "FBX", "Unity and Unreal"),
)


class BONEWRIGHT_OT_rename_bones(bpy.types.Operator):
    """Rename the bones as another program names them; weights and animation follow"""

    bl_idname = "bonewright.rename_bones"
    bl_label = "Rename Bones"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    convention: EnumProperty(name="Names", description="Whose names to use", items=CONVENTIONS)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...inference.rigging.bones.conventions import translate
        from ..scene.armatures import read_armature
        from ..scene.renaming import rename_bones
        from ..scene.selecting import leave_modes

        armature = active_armature(context)
        assert armature is not None
        leave_modes(context)
        try:
            if armature.library is not None or armature.data.library is not None:
                raise SceneError(f"'{armature.name}' is linked from another file. Make it local first.")
            bones = read_armature(armature)
            changes = translate(bones.names, bones.parents, self.convention)
        except BonewrightError as error:
            return fail(self, error)
        rename_bones(armature, changes)
        self.report({"INFO"}, f"{len(changes)} bones renamed")
        return {"FINISHED"}


class BONEWRIGHT_OT_make_metarig(bpy.types.Operator):
    """Make a Rigify metarig that fits like this armature; press Rigify's own Generate Rig on it next"""

    bl_idname = "bonewright.make_metarig"
    bl_label = "Make Rigify Metarig"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_armature(cls, context):
            return False
        if not hasattr(bpy.types.PoseBone, "rigify_type"):
            cls.poll_message_set("Switch on the add-on Rigify in the preferences")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.export.metarig import make_metarig
        from ..scene.selecting import leave_modes, make_active

        armature = active_armature(context)
        assert armature is not None
        leave_modes(context)
        place = armature.users_collection[0] if armature.users_collection else context.scene.collection
        try:
            metarig = make_metarig(armature, place)
        except BonewrightError as error:
            return fail(self, error)
        make_active(context, metarig)
        return {"FINISHED"}


class BONEWRIGHT_OT_export(bpy.types.Operator):
    """Write armature and meshes to a file that game engines import: one root, unit scale, no leaf bones"""

    bl_idname = "bonewright.export"
    bl_label = "Export Character"

    format: EnumProperty(name="Format", description="Kind of file", items=FORMATS)
    animations: BoolProperty(name="Animations", description="Write the actions too", default=True)
    filepath: StringProperty(subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.glb;*.fbx", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        armature = active_armature(context)
        if armature is None or not meshes_of(armature):
            cls.poll_message_set("Select an armature with meshes, or one of its meshes")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        armature = active_armature(context)
        assert armature is not None
        folder = Path(bpy.data.filepath).parent if bpy.data.filepath else Path.home()
        self.filepath = str(folder / f"{armature.name}.{self.format.lower()}")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.export.engine import export_character

        armature = active_armature(context)
        assert armature is not None
        path = Path(bpy.path.abspath(self.filepath)).with_suffix(f".{self.format.lower()}")
        try:
            if not self.filepath:
                raise SceneError("Name the file to write.")
            export_character(context, armature, meshes_of(armature), path, animations=self.animations)
        except BonewrightError as error:
            return fail(self, error)
        self.report({"INFO"}, f"Written: {path}")
        return {"FINISHED"}


CLASSES = (BONEWRIGHT_OT_rename_bones, BONEWRIGHT_OT_make_metarig, BONEWRIGHT_OT_export)
