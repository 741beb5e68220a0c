"""Export, and Make Rigify Metarig: the character for game engines, the armature for Rigify."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ..errors import SceneError
from ..scene.characters import active_armature, meshes_of
from ..typed import Returned
from .base import ArmatureOperator
from .polls import has_armature, has_character

FORMATS = (
    ("GLB", "glTF", "One binary glTF file: Godot, Unity, Unreal, the web"),
    ("FBX", "FBX", "Unity and Unreal"),
    ("VRM", "VRM", "People with spring bones for what swings: VRM 1.0"),
)

AXES = (
    ("OWN", "As They Are", "Those that the bones have in Blender"),
    ("MIXAMO", "Mixamo", "As Mixamo's characters have them: y along the bone"),
    ("UNREAL", "Unreal", "As Unreal's mannequin has them: x along the bone, the right side the other way round"),
)
UNITS = (
    ("M", "Metre", "As Blender and glTF have it"),
    ("CM", "Centimetre", "As Unreal and Maya have it"),
)


class BONEWRIGHT_OT_make_metarig(ArmatureOperator, bpy.types.Operator):
    """Make a Rigify metarig that fits like this armature; press Rigify's own Generate Rig on it next"""

    bl_idname = "bonewright.make_metarig"
    bl_label = "Make Rigify Metarig"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_armature(cls, context):
            return False
        if not hasattr(bpy.types.PoseBone, "rigify_type"):
            cls.poll_message_set("Switch on the add-on Rigify in the preferences")
            return False
        return True

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..scene.controls.metarig import make_metarig
        from ..scene.selecting import leave_modes, make_active

        leave_modes(context)
        place = armature.users_collection[0] if armature.users_collection else context.scene.collection
        make_active(context, make_metarig(armature, place))


class BONEWRIGHT_OT_export(ArmatureOperator, bpy.types.Operator):
    """Write armature and meshes to a file that game engines import: one root, unit scale, no leaf bones"""

    bl_idname = "bonewright.export"
    bl_label = "Export Character"
    bl_options = set()  # noqa: RUF012

    format: EnumProperty(name="Format", description="Kind of file", items=FORMATS)
    axes: EnumProperty(name="Rest Axes", description="How the bones' own axes look", items=AXES)
    root: BoolProperty(
        name="Root on the Ground", description="Put all bones below one that stands on the ground", default=False
    )
    unit: EnumProperty(name="Unit", description="What a length of 1 is in the file", items=UNITS)
    animations: BoolProperty(name="Animations", description="Write the actions too", default=True)
    filepath: StringProperty(subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.glb;*.fbx;*.vrm", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_character(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        armature = active_armature(context)
        assert armature is not None
        folder = Path(bpy.data.filepath).parent if bpy.data.filepath else Path.home()
        self.filepath = str(folder / f"{armature.name}.{self.format.lower()}")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..scene.export.converted import Manner
        from ..scene.export.engine import export_character

        if not self.filepath:
            raise SceneError("Name the file to write.")
        path = Path(bpy.path.abspath(self.filepath)).with_suffix(f".{self.format.lower()}")
        manner = Manner(self.axes.lower(), self.root, 100.0 if self.unit == "CM" else 1.0)
        export_character(context, armature, meshes_of(armature), path, animations=self.animations, manner=manner)
        self.report({"INFO"}, f"Written: {path}")


CLASSES = (BONEWRIGHT_OT_make_metarig, BONEWRIGHT_OT_export)
