"""What networks have drawn comes into the scene; what the verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, FloatVectorProperty, IntProperty, StringProperty

from ...networks import HOW_TO_GET, missing_networks
from ...properties import INFLUENCES
from ...scene.objects import home_of
from ...typed import layout_of, settings_of
from ..base import ApplyOperator, Told
from ..generate import rig_options
from ..polls import is_free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....inference.anatomy import Shape
    from ....inference.requests import ShapeOptions
    from ...scene.shapes.apply import Parts

GAP = 0.25  # between shapes in a row, of their width


@dataclass(frozen=True)
class DrawnShapes:
    """Shapes, and what they were made of."""

    shapes: tuple[Shape, ...]
    of: str = ""  # the object they are like, which they stand beside; nothing: they stand where the user wants them
    instead: str = ""  # the skeleton whose earlier shape they replace


class BONEWRIGHT_OT_apply_shapes(ApplyOperator[DrawnShapes], bpy.types.Operator):
    """Put shapes that a network has drawn into the scene"""

    bl_idname = "bonewright.apply_shapes"
    bl_label = "Bonewright Shape"

    name: StringProperty(name="Name", description="What the names of all that is made begin with")
    curves: BoolProperty(name="Curves", description="Show the centre lines", default=True)
    armature: BoolProperty(name="Armature", description="Make the armature", default=True)
    bind: BoolProperty(name="Bind", description="Let the armature move the mesh", default=True)
    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)
    beside: BoolProperty(name="Beside", description="Stand beside the mesh it was made of, not in it", default=True)
    free: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})
    location: FloatVectorProperty(name="Location", description="Where it stands", subtype="TRANSLATION")
    size: FloatProperty(
        name="Size", description="Length of its longest side", default=2.0, min=1e-4, soft_max=100.0, subtype="DISTANCE"
    )

    kept = DrawnShapes
    forgotten = "These shapes are not remembered any more. Make them again."

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.use_property_split = True
        for part in ("name", "curves", "armature", "bind", "influences"):
            layout.prop(self, part)
        for part in ("location", "size") if self.free else ("beside",):
            layout.prop(self, part)

    def apply(self, context: bpy.types.Context, result: DrawnShapes) -> None:
        import numpy as np

        from ....inference.frames import Frame
        from ....inference.images.placing import standing
        from ...scene.selecting import leave_modes
        from ...scene.shapes.apply import add_shape, remove_shape, select_shapes

        leave_modes(context)
        if result.instead:
            for item in [item for item in context.scene.objects if item.get(DRAWN_OF) == result.instead]:
                remove_shape(context, item)
        home = home_of(context.scene, bpy.data.objects.get(result.of))
        widths = [float(np.ptp(shape.surface.vertices[:, 0])) for shape in result.shapes]
        step, made = (1 + GAP) * max(widths), []
        for number, shape in enumerate(result.shapes):
            if self.free:
                along = np.array([1.0, 0.0, 0.0]) * number * (1 + GAP) * self.size
                frame = standing(shape.surface, np.array(self.location, np.float64) + along, self.size)
            else:
                first = 1 if self.beside and not result.instead else 0
                frame = Frame(np.eye(3), 1.0, np.array([(number + first) * step, 0.0, 0.0]))
            made.append(add_shape(context, shape, frame, self.name, parts_of(self), home))
            if result.instead:
                made[-1][DRAWN_OF] = result.instead
        select_shapes(context, made)


DRAWN_OF = "bonewright_drawn_of"  # on a mesh: the skeleton it was drawn around


def parts_of(operator: object) -> Parts:
    """What an operator's redo panel asks for."""
    from ...scene.shapes.apply import Parts

    wanted = {name: getattr(operator, name) for name in ("curves", "armature", "bind", "influences")}
    return Parts(wanted["curves"], wanted["armature"], wanted["influences"] if wanted["bind"] else 0)


def can_draw(cls: type[bpy.types.Operator]) -> bool:
    """Nothing else is under way, and the networks are here."""
    if not is_free(cls):
        return False
    if missing_networks():
        cls.poll_message_set(f"The networks that draw shapes are missing. {HOW_TO_GET}")
        return False
    return True


def shape_options(scene: bpy.types.Scene, *, own_kind: bool = True) -> ShapeOptions:
    """What the panels say about shapes and their rigs; with `own_kind` what the mesh is counts too."""
    from dataclasses import replace

    from ....inference.requests import ShapeOptions

    options = settings_of(scene)
    rig = rig_options(options, bind=True)
    if not own_kind:
        rig = replace(rig, kind="auto", front="auto")
    return ShapeOptions(options.shape.resolution, options.shape.guidance, rig)


def about_shapes(shapes: Sequence[Shape]) -> Told:
    """What has come of it, and why some have no rig."""
    rigged = [shape.rig for shape in shapes if shape.rig is not None]
    bones = ", ".join(str(len(rig.armature.names)) for rig in rigged)
    text = f"{len(shapes)} shape{'s' if len(shapes) > 1 else ''} with {bones or 'no'} bones"
    trouble = next((shape.trouble for shape in shapes if shape.trouble), "")
    if trouble:
        return Told(f"{text}. One has no armature: {trouble}", "WARNING")
    return Told(text, "INFO" if all(rig.report.verdict == "good" for rig in rigged) else "WARNING")


CLASSES = (BONEWRIGHT_OT_apply_shapes,)
