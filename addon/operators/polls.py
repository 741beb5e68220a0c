"""What operators ask before their button can be pressed. Each tells the user why not."""

from __future__ import annotations

import bpy

from ..scene.characters import active_armature, meshes_of, selected_meshes
from ..session import jobs


def has_armature(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """There is an armature at hand."""
    if active_armature(context) is None:
        cls.poll_message_set("Select an armature, or a mesh that is bound to one")
        return False
    return True


def has_character(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """There is an armature at hand that meshes belong to."""
    armature = active_armature(context)
    if armature is None or not meshes_of(armature):
        cls.poll_message_set("Select an armature with meshes, or one of its meshes")
        return False
    return True


def edits_joints(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """An armature is in edit mode."""
    if context.mode != "EDIT_ARMATURE":
        cls.poll_message_set("Press Edit Joints first")
        return False
    return True


def is_free(cls: type[bpy.types.Operator]) -> bool:
    """No other job is under way."""
    if jobs.running() is not None:
        cls.poll_message_set("Bonewright is still working. Wait for it, or cancel it")
        return False
    return True


def has_meshes(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Meshes are selected, and no other job is under way."""
    if not is_free(cls):
        return False
    if not selected_meshes(context):
        cls.poll_message_set("Select the meshes of one character")
        return False
    return True
