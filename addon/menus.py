"""The same verbs in Blender's own menus."""

# Blender's stubs know nothing of what is registered at run time and make nearly everything optional:
# pyright: reportArgumentType=false, reportOptionalMemberAccess=false

import bpy


def _object_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.operator("bonewright.generate", icon="OUTLINER_OB_ARMATURE")


def _armature_add_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.operator("bonewright.generate", text="For Selected Meshes (Bonewright)", icon="OUTLINER_OB_ARMATURE")


def register() -> None:
    bpy.types.VIEW3D_MT_object.append(_object_menu)
    bpy.types.VIEW3D_MT_armature_add.append(_armature_add_menu)


def unregister() -> None:
    bpy.types.VIEW3D_MT_armature_add.remove(_armature_add_menu)
    bpy.types.VIEW3D_MT_object.remove(_object_menu)
