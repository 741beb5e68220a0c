"""Blend: a shape between two meshes; the redo panel's slider goes from the one to the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ...properties import INFLUENCES
from ...scene.characters import is_preview
from ...scene.objects import home_of
from ...session import jobs
from ...typed import settings_of
from ..base import ApplyOperator, Told, apply_by
from ..job import JobOperator
from .apply import about_shapes, can_draw, parts_of, shape_options

if TYPE_CHECKING:
    from ....inference.anatomy import Blended, Shape, SkeletalLatent
    from ....inference.requests import BlendJob, ShapeOptions

HALF_WAY = 0.5
STEPS = 100  # the slider's, whose shapes are remembered


@dataclass(frozen=True)
class BlendedShapes:
    """Two latents, and the shapes between them that were looked at."""

    first: SkeletalLatent
    second: SkeletalLatent
    options: ShapeOptions
    of: str  # the object whose place in the outliner they share
    known: dict[int, Shape] = field(default_factory=dict)  # by hundredths of the way

    def at(self, share: float) -> Shape:
        """The shape there; it is drawn now if nobody has looked at it yet."""
        from ....inference.requests import BlendJob

        step = round(share * STEPS)
        if step not in self.known:
            job = BlendJob(self.first, self.second, step / STEPS, self.options)
            self.known[step] = jobs.wait_for(job).shape
        return self.known[step]


class BONEWRIGHT_OT_blend_shapes(JobOperator["Blended"], bpy.types.Operator):
    """Make the shape between two selected meshes, which stay as they are; the redo panel says how near to each"""

    bl_idname = "bonewright.blend_shapes"
    bl_label = "Blend"
    title = "Blending shapes"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not can_draw(cls):
            return False
        if len(_ends(context)) != 2:
            cls.poll_message_set("Select two meshes")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> BlendJob:
        from ....inference.requests import BlendJob
        from ...scene.meshes import read_mesh

        first, second = _ends(context)
        self._names = first.name, second.name
        self._options = shape_options(context.scene)
        return BlendJob(read_mesh([first]).mesh, read_mesh([second]).mesh, HALF_WAY, self._options)

    def take(self, context: bpy.types.Context, result: Blended) -> Told:
        options = settings_of(context.scene)
        known = {round(HALF_WAY * STEPS): result.shape}
        apply_by(
            "apply_blend",
            BlendedShapes(result.first, result.second, self._options, self._names[0], known),
            name="_".join(self._names),
            share=HALF_WAY,
            bind=options.bind,
            influences=options.influences,
        )
        return about_shapes([result.shape])


class BONEWRIGHT_OT_apply_blend(ApplyOperator[BlendedShapes], bpy.types.Operator):
    """Put a shape between two others into the scene"""

    bl_idname = "bonewright.apply_blend"
    bl_label = "Blend"

    share: FloatProperty(
        name="Share",
        description="How near to each: 0 the first by name, 1 the second",
        default=HALF_WAY,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    name: StringProperty(name="Name", description="What the names of all that is made begin with")
    curves: BoolProperty(name="Curves", description="Show the centre lines", default=True)
    armature: BoolProperty(name="Armature", description="Make the armature", default=True)
    bind: BoolProperty(name="Bind", description="Let the armature move the mesh", default=True)
    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)

    kept = BlendedShapes
    forgotten = "These shapes are not remembered any more. Blend them again."

    def apply(self, context: bpy.types.Context, result: BlendedShapes) -> None:
        from ....inference.frames import SAME
        from ...scene.selecting import leave_modes
        from ...scene.shapes.apply import add_shape, select_shapes

        shape = result.at(self.share)
        leave_modes(context)
        home = home_of(context.scene, bpy.data.objects.get(result.of))
        select_shapes(context, [add_shape(context, shape, SAME, self.name, parts_of(self), home)])


def _ends(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The selected meshes, by name."""
    chosen = [item for item in context.selected_objects if item.type == "MESH" and not is_preview(item)]
    return sorted(chosen, key=lambda item: item.name)


CLASSES = (BONEWRIGHT_OT_blend_shapes, BONEWRIGHT_OT_apply_blend)
