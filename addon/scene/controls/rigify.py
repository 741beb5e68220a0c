"""Rigify, which ships with Blender: switched on where it is off, and asked for a rig."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ...compat import has_operator
from ...errors import SceneError
from ...typed import armature_data

MODULE = "rigify"


@dataclass(frozen=True)
class Built:
    """What Rigify has made of a metarig."""

    rig: bpy.types.Object
    widgets: bpy.types.Collection | None  # the shapes of its controls
    script: bpy.types.Text | None  # draws its panel


def has_rigify() -> bool:
    """The Rigify add-on is on."""
    return hasattr(bpy.types.PoseBone, "rigify_type")


def switch_on() -> None:
    """Switch Rigify on, for this session and those to come. Raises SceneError where Blender came without it."""
    if has_rigify():
        return
    try:
        bpy.ops.preferences.addon_enable(module=MODULE)
    except RuntimeError as error:
        raise SceneError(
            "Rigify, which builds the controls, could not be switched on. It ships with Blender: "
            f"look for it in Edit > Preferences > Add-ons. {_first_line(error)}"
        ) from error
    if not has_rigify():
        raise SceneError(
            "Rigify, which builds the controls, is missing from this Blender. Official builds have it; "
            "install one, or get Rigify in Edit > Preferences > Add-ons."
        )


def build(metarig: bpy.types.Object, name: str) -> Built:
    """The rig of a metarig that is active and visible; it stays in object mode."""
    data = armature_data(metarig)
    before = set(bpy.data.objects)
    setattr(data, "rigify_rig_basename", name)  # noqa: B010  registered by Rigify
    if not has_operator("pose.rigify_generate"):
        raise SceneError("This Rigify has no 'Generate Rig'. Update Blender.")
    trouble = ""
    try:
        getattr(bpy.ops.pose, "rigify_generate")()  # noqa: B009  registered by Rigify
    except RuntimeError as error:
        trouble = _first_line(error)
    rig = getattr(data, "rigify_target_rig", None)
    widgets, script = getattr(data, "rigify_widgets_collection", None), getattr(data, "rigify_rig_ui", None)
    if trouble or not isinstance(rig, bpy.types.Object):
        for item in set(bpy.data.objects) - before:
            bpy.data.objects.remove(item)
        if isinstance(widgets, bpy.types.Collection):
            bpy.data.collections.remove(widgets)
        raise SceneError(f"Rigify could not build the controls: {trouble or 'it made no rig'}")
    return Built(
        rig,
        widgets if isinstance(widgets, bpy.types.Collection) else None,
        script if isinstance(script, bpy.types.Text) else None,
    )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).removeprefix("Error:").splitlines() if line.strip()]
    return lines[0] if lines else ""
