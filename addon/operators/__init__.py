"""One file per verb the user sees."""

import bpy

from . import adjust, bind, environment, generate, names, test
from . import from_picture as see
from . import preview as look

_CLASSES: tuple[type[bpy.types.Operator], ...] = (
    *generate.CLASSES,
    *see.CLASSES,
    *look.CLASSES,
    *adjust.CLASSES,
    *bind.CLASSES,
    *test.CLASSES,
    *names.CLASSES,
    *environment.CLASSES,
)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
