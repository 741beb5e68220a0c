"""The tab in the sidebar of the 3D view: one file for each step, in working order."""

import bpy

from . import adjust, animate, batch, bind, from_picture, generate, names, preview, shape, skeleton

_CLASSES: tuple[type[bpy.types.Panel | bpy.types.UIList], ...] = (
    *generate.CLASSES,
    *from_picture.CLASSES,
    *preview.CLASSES,
    *adjust.CLASSES,
    *bind.CLASSES,
    *animate.CLASSES,
    *skeleton.CLASSES,
    *names.CLASSES,
    *shape.CLASSES,
    *batch.CLASSES,
)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
