"""Add Motion, Load Motion: a motion that is computed, or one from a file, for the character at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, StringProperty

from ...errors import SceneError
from ...scene.controls.pairs import plain_of
from ...typed import Returned
from ..base import ArmatureOperator
from ..polls import has_character

if TYPE_CHECKING:
    from ....inference.anatomy import Clip

CYCLES = (
    ("walk", "Walk", "On two legs or on four; feet stay where they stand"),
    ("run", "Run", "A run on two legs, a trot on four"),
    ("idle", "Idle", "It stands, breathes and looks around"),
    ("wave", "Wave", "It raises its right arm and waves"),
    ("fly", "Fly", "Wings beat"),
    ("swim", "Swim", "A wave runs through the body"),
)
_IN_PLACE = "Leave out how far the body goes, as games do that move it themselves"


class MotionOperator(ArmatureOperator):
    """Mix into an operator that makes actions for the character at hand."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_character(cls, context)

    def invoke_play(self, context: bpy.types.Context, done: Returned) -> Returned:
        """Play what was made, where there is a window."""
        if "FINISHED" in done and context.screen is not None and not context.screen.is_animation_playing:
            bpy.ops.screen.animation_play()
        return done

    def apply_clips(
        self, context: bpy.types.Context, armature: bpy.types.Object, clips: list[Clip], *, loops: bool
    ) -> None:
        """An action for each clip; the first one is played."""
        from ...scene.animation.write import write_clip
        from ...scene.poses.motion import end_motion, in_motion
        from ...scene.selecting import leave_modes

        leave_modes(context)
        if in_motion(armature):
            end_motion(context.scene, armature)
        actions = [write_clip(context.scene, armature, clip, loops=loops) for clip in reversed(clips)]
        for action in actions:
            action.use_fake_user = True  # it stays in the file when another one is played
        seconds = (len(clips[0].turns) - 1) / clips[0].rate
        others = f", and {len(actions) - 1} more actions" if len(actions) > 1 else ""
        self.report({"INFO"}, f"'{actions[-1].name}': {seconds:.1f} s{others}")


class BONEWRIGHT_OT_add_motion(MotionOperator, bpy.types.Operator):
    """Make an action that is computed for this body: nothing is loaded"""

    bl_idname = "bonewright.add_motion"
    bl_label = "Add Motion"

    cycle: EnumProperty(name="Motion", description="What the character does", items=CYCLES)
    seconds: FloatProperty(name="Seconds", description="How long, in whole rounds", default=4.0, min=0.1, max=120.0)
    in_place: BoolProperty(name="In Place", description=_IN_PLACE, default=False)

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ....inference.animation.cycles.make import CYCLES as KNOWN
        from ....inference.animation.cycles.make import make_cycle
        from ...scene.animation.write import rate_of, target_of

        plain = plain_of(armature) or armature
        cycle = KNOWN[[name for name, *_ in CYCLES].index(self.cycle)]
        clip = make_cycle(target_of(plain), cycle, self.seconds, rate_of(context.scene), in_place=self.in_place)
        self.apply_clips(context, plain, [clip], loops=cycle not in ("walk", "run") or self.in_place)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        return self.invoke_play(context, self.execute(context))


class BONEWRIGHT_OT_load_motion(MotionOperator, bpy.types.Operator):
    """Read a motion from a BVH, FBX or glTF file and have the character move like that, with its feet on the ground"""

    bl_idname = "bonewright.load_motion"
    bl_label = "Load Motion"

    filepath: StringProperty(subtype="FILE_PATH")
    filter_glob: StringProperty(default="*.bvh;*.fbx;*.glb;*.gltf", options={"HIDDEN"})
    in_place: BoolProperty(name="In Place", description=_IN_PLACE, default=False)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ....inference.animation.retarget import retarget
        from ...scene.animation.read import read_clips
        from ...scene.animation.write import rate_of, target_of

        if not self.filepath:
            raise SceneError("Name the file with the motion.")
        plain = plain_of(armature) or armature
        name, rate = plain.name, rate_of(context.scene)
        clips = read_clips(context, Path(bpy.path.abspath(self.filepath)))
        target = target_of(bpy.data.objects[name])
        made = [retarget(clip, target, rate, in_place=self.in_place) for clip in clips]
        self.apply_clips(context, bpy.data.objects[name], made, loops=False)


CLASSES = (BONEWRIGHT_OT_add_motion, BONEWRIGHT_OT_load_motion)
