"""The same verbs in Blender's own menus."""

from collections.abc import Callable
from typing import cast

import bpy

from .typed import layout_of


def _object_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    layout = layout_of(menu)
    layout.separator()
    layout.operator("bonewright.generate", icon="OUTLINER_OB_ARMATURE")


def _armature_add_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    layout = layout_of(menu)
    layout.separator()
    layout.operator("bonewright.generate", text="For Selected Meshes (Bonewright)", icon="OUTLINER_OB_ARMATURE")


def _mesh_add_menu(menu: bpy.types.Menu, context: bpy.types.Context) -> None:
    layout = layout_of(menu)
    layout.separator()
    layout.operator("bonewright.generate_shape", text="Bonewright Shape", icon="MESH_MONKEY")


Drawing = Callable[[object], None]  # as the stubs have it; Blender hands the menu over too
_ENTRIES = (
    (bpy.types.VIEW3D_MT_object, cast("Drawing", _object_menu)),
    (bpy.types.VIEW3D_MT_mesh_add, cast("Drawing", _mesh_add_menu)),
    (bpy.types.VIEW3D_MT_armature_add, cast("Drawing", _armature_add_menu)),
)


def register() -> None:
    for menu, entry in _ENTRIES:
        menu.append(entry)


def unregister() -> None:
    for menu, entry in reversed(_ENTRIES):
        menu.remove(entry)
