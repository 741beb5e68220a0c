"""Which control rig stands for which plain armature."""

from __future__ import annotations

import bpy

from ...typed import record_of


def plain_of(armature: bpy.types.Object) -> bpy.types.Object | None:
    """The plain armature that a control rig stands for; None for any other armature."""
    return next((item for item in bpy.data.objects if controls_of(item) == armature), None)


def controls_of(item: bpy.types.Object) -> bpy.types.Object | None:
    """The control rig of a plain armature; None where it has none."""
    return record_of(item).controls if item.type == "ARMATURE" else None
