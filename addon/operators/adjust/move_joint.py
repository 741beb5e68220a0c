"""Move Joint: drag the dot of a joint; every bone that meets there follows, and the other side with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatVectorProperty, StringProperty
from mathutils import Vector

from ....inference.errors import BonewrightError
from ...errors import SceneError
from ...scene.characters import edited_armature
from ...typed import Returned, armature_data, settings_of
from ..base import fail
from ..polls import edits_joints

if TYPE_CHECKING:
    from ....inference.rigging.bones.joints import JointGraph
    from ...scene.adjust.aim import Aim

ENDS = (("HEAD", "Head", "Where the bone begins"), ("TAIL", "Tail", "Where the bone ends"))
FIRM = 3  # pixels at scale 1 that the mouse may tremble within a click


@dataclass
class _Drag:
    """A drag under way."""

    graph: JointGraph  # the joints as they were when it began
    rolls: list[float]  # and the rolls of the bones
    joint: int
    title: str
    locked: bool
    aim: Aim
    pressed: tuple[int, int]
    offset: tuple[float, float]  # from the mouse to the middle of the dot, where it was pressed
    moving: bool = False


class BONEWRIGHT_OT_move_joint(bpy.types.Operator):
    """Drag a joint: every bone that meets there follows, and the other side with it"""

    bl_idname = "bonewright.move_joint"
    bl_label = "Move Joint"
    bl_options = {"REGISTER", "UNDO", "GRAB_CURSOR", "BLOCKING"}  # noqa: RUF012

    bone: StringProperty(name="Bone", description="A bone that meets the joint", options={"HIDDEN", "SKIP_SAVE"})
    end: EnumProperty(name="End", description="Which end of the bone", items=ENDS, options={"HIDDEN", "SKIP_SAVE"})
    place: FloatVectorProperty(
        name="Place", description="Where the joint goes, in the armature's own coordinates", subtype="TRANSLATION"
    )
    straight: BoolProperty(
        name="Straight Chains", description="Joints between bones of one name stay on a line", default=False
    )

    _drag: _Drag

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return edits_joints(cls, context)

    def execute(self, context: bpy.types.Context) -> Returned:
        from ...scene.adjust.joints import is_locked, joint_at, read_graph, trust_joint

        try:
            armature = edited_armature(context)
            data = armature_data(armature)
            graph = read_graph(data)
            joint = joint_at(data, graph, self.bone, self.end)
            if is_locked(data, graph, joint):
                raise SceneError(f"'{self.bone}' is locked. Unlock it first.")
            self._put(armature, graph, joint)
            trust_joint(armature, graph, joint)
        except BonewrightError as error:
            return fail(self, error)
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        from ...scene.adjust.aim import Aim, eye_of, flesh_of
        from ...scene.adjust.joints import is_locked
        from ...scene.adjust.picking import pick

        armature, eye = edited_armature(context), eye_of(context)
        mouse = (event.mouse_region_x, event.mouse_region_y)
        picked = pick(context, armature, mouse)
        if eye is None or picked is None:
            return {"PASS_THROUGH"}
        data, graph, joint = armature_data(armature), picked.looks.graph, picked.joint
        settings = settings_of(context.scene)
        self._drag = _Drag(
            graph=graph,
            rolls=[bone.roll for bone in data.edit_bones],
            joint=joint,
            title=picked.looks.titles[joint],
            locked=is_locked(data, graph, joint),
            aim=Aim(eye, flesh_of(context, armature), picked.world),
            pressed=mouse,
            offset=(float(picked.pixel[0]) - mouse[0], float(picked.pixel[1]) - mouse[1]),
        )
        self.bone, self.end = _end_of(data, graph, joint)
        self.place = graph.places[joint].tolist()
        self.straight = settings.straight
        other = "keep the depth" if settings.snap else "middle of the limb"
        self._tell(context, f"{self._drag.title}: drag the joint.  Ctrl: {other}.  Esc: back")
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        armature = context.edit_object
        if armature is None or armature.type != "ARMATURE":
            return self._leave(context, {"CANCELLED"})
        if event.type in ("ESC", "RIGHTMOUSE") and event.value == "PRESS":
            self._restore(armature)
            return self._leave(context, {"CANCELLED"})
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            return self._release(context, armature, event)
        if event.type in ("MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "LEFT_CTRL", "RIGHT_CTRL"):
            self._follow(context, armature, event)
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the drag: another file is opened, or the window is closed."""
        self._tell(context, None)

    def _follow(self, context: bpy.types.Context, armature: bpy.types.Object, event: bpy.types.Event) -> None:
        """Bring the joint to the mouse."""
        drag, mouse = self._drag, (event.mouse_region_x, event.mouse_region_y)
        far = max(abs(mouse[0] - drag.pressed[0]), abs(mouse[1] - drag.pressed[1]))
        drag.moving = drag.moving or far > FIRM * context.preferences.system.ui_scale
        if not drag.moving or drag.locked:
            return
        snap = settings_of(context.scene).snap != event.ctrl
        spot = drag.aim.place((mouse[0] + drag.offset[0], mouse[1] + drag.offset[1]), snap=snap)
        self.place = armature.matrix_world.inverted_safe() @ Vector(spot.tolist())
        self._put(armature, drag.graph, drag.joint)
        context.area.tag_redraw()

    def _release(self, context: bpy.types.Context, armature: bpy.types.Object, event: bpy.types.Event) -> Returned:
        from ...scene.adjust.joints import select_joint, trust_joint

        drag = self._drag
        if drag.moving and drag.locked:
            self.report({"WARNING"}, f"'{drag.title}' is locked. Unlock it first")
            return self._leave(context, {"CANCELLED"})
        if drag.moving:
            trust_joint(armature, drag.graph, drag.joint)
        else:
            select_joint(armature_data(armature), drag.graph, drag.joint, extend=event.shift)
        return self._leave(context, {"FINISHED"})

    def _put(self, armature: bpy.types.Object, graph: JointGraph, joint: int) -> None:
        """Move the joint to `place`."""
        import numpy as np

        from ...scene.adjust.joints import move_joint

        move_joint(armature, graph, joint, np.array(self.place, np.float64), straight=self.straight)

    def _restore(self, armature: bpy.types.Object) -> None:
        """Put every bone back to where it was when the drag began."""
        from ...scene.adjust.joints import put_joints
        from ...scene.bones.sides import mirror_off

        data = armature_data(armature)
        put_joints(data, self._drag.graph, self._drag.graph.places)
        with mirror_off(data):
            for bone, roll in zip(data.edit_bones, self._drag.rolls, strict=True):
                bone.roll = roll

    def _leave(self, context: bpy.types.Context, returned: Returned) -> Returned:
        self._tell(context, None)
        return returned

    def _tell(self, context: bpy.types.Context, text: str | None) -> None:
        """Say in the status bar what can be done; None gives it back to Blender."""
        if context.workspace is not None:
            context.workspace.status_text_set(text)
        if context.area is not None:
            context.area.tag_redraw()


def _end_of(data: bpy.types.Armature, graph: JointGraph, joint: int) -> tuple[str, str]:
    """A bone that meets a joint, and with which end; one that begins there where there is one."""
    for end, name in enumerate(("HEAD", "TAIL")):
        for bone, ends in zip(data.edit_bones, graph.ends, strict=True):
            if ends[end] == joint:
                return bone.name, name
    raise SceneError("This joint is gone. Drag another one.")


CLASSES = (BONEWRIGHT_OT_move_joint,)
