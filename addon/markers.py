"""Joint markers: a dot for each joint over the 3D view while joints are edited, in every window.

They are a gizmo group: Blender asks whether they are wanted before it draws, so nothing stays behind when edit mode is
left, whatever the way: Done, Tab, an undo, another file, a deleted armature.
"""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from .operators.base import go_on_with
from .operators.job import user_is_busy
from .scene.characters import active_armature
from .session import jobs
from .typed import armature_data, record_of, settings_of

PAUSE = 0.05  # seconds after a change before weights follow


class BONEWRIGHT_GT_joints(bpy.types.Gizmo):
    """All joints of the armature in edit mode; pressing one drags it"""

    bl_idname = "BONEWRIGHT_GT_joints"
    __slots__ = ("hovered",)

    def setup(self) -> None:
        self.hovered = -1

    def draw(self, context: bpy.types.Context) -> None:
        from .scene.adjust.aim import eye_of
        from .scene.adjust.joints import read_looks
        from .scene.adjust.overlay import draw_joints
        from .scene.adjust.picking import places_in_world

        armature, eye = context.edit_object, eye_of(context)
        if armature is None or eye is None:
            return
        looks = read_looks(armature_data(armature))
        hovered = self.hovered if self.is_highlight or self.is_modal else -1
        draw_joints(eye, places_in_world(armature, looks), looks, hovered, context.preferences.system.ui_scale)
        _notice(armature)

    def test_select(self, context: bpy.types.Context, location: Sequence[int] | None) -> int:
        from .scene.adjust.picking import pick

        armature, before = context.edit_object, self.hovered
        picked = None
        if armature is not None and location is not None:
            picked = pick(context, armature, (location[0], location[1]))
        self.hovered = -1 if picked is None else picked.joint
        if self.hovered != before and context.area is not None:
            context.area.tag_redraw()
        return -1 if picked is None else 0  # all joints are one part: that of the operator


class BONEWRIGHT_GGT_joints(bpy.types.GizmoGroup):
    """Joint markers"""

    bl_idname = "BONEWRIGHT_GGT_joints"
    bl_label = "Joint Markers"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"PERSISTENT", "SHOW_MODAL_ALL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        item = context.edit_object
        if item is None or item.type != "ARMATURE" or context.mode != "EDIT_ARMATURE":
            return False
        return settings_of(context.scene).markers and record_of(item).adjusted

    def setup(self, context: bpy.types.Context) -> None:
        gizmo = self.gizmos.new(BONEWRIGHT_GT_joints.bl_idname)
        gizmo.use_draw_modal = True
        gizmo.use_tooltip = False  # its name stands beside the dot
        gizmo.target_set_operator("bonewright.move_joint")


def _notice(armature: bpy.types.Object) -> None:
    """Called while drawing, where nothing may be changed: have weights follow soon if the bones are elsewhere."""
    from .scene.adjust import live

    if live.is_behind(armature) and not bpy.app.timers.is_registered(_follow):
        bpy.app.timers.register(_follow, first_interval=PAUSE)


def _follow() -> float | None:
    """Start binding as soon as the user's hand and the worker are free; seconds until it is tried again, or None."""
    from .scene.adjust import live

    context = bpy.context
    for window in context.window_manager.windows:
        area = next((area for area in window.screen.areas if area.type == "VIEW_3D"), None)
        if area is None:
            continue
        with context.temp_override(window=window, area=area):
            armature = active_armature(bpy.context)
            if armature is None or armature.mode != "EDIT" or not live.is_behind(armature):
                continue
            if jobs.running() is not None or user_is_busy(bpy.context):
                return PAUSE
            go_on_with("follow_joints")
            return None
    return None


_CLASSES = (BONEWRIGHT_GT_joints, BONEWRIGHT_GGT_joints)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Leave no timer and no weights behind."""
    import sys

    if bpy.app.timers.is_registered(_follow):
        bpy.app.timers.unregister(_follow)
    live = sys.modules.get(f"{__package__}.scene.adjust.live")  # never imported where nobody has edited joints
    if live is not None:
        live.end()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
