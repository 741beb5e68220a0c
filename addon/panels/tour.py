"""The first tour: a button in a scene without a mesh at hand, then one step after another."""

import bpy

from ..languages import tr
from ..scene.characters import active_armature, selected_meshes
from ..scene.tour.sample import facts_of, touring
from ..scene.tour.steps import EXPORT, GENERATE, STEPS, step_of
from .report_box import draw_text


def draw_tour(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What to do next with the sample, or how to get one."""
    sample = touring(context.scene)
    if sample is None:
        if not selected_meshes(context) and active_armature(context) is None:
            layout.operator("bonewright.try_sample", icon="MONKEY")
        return
    step = step_of(facts_of(sample))
    box = layout.box()
    row = box.row()
    row.label(text=tr("First Tour, {} of {}", step + 1, len(STEPS)), icon="HELP")
    row.operator("bonewright.tour_end", text="", icon="X", emboss=False)
    draw_text(box, context, STEPS[step])
    if step == EXPORT:
        box.operator("bonewright.tour_end", icon="CHECKMARK")
    elif step > GENERATE:
        box.operator("bonewright.tour_next", icon="FORWARD")
