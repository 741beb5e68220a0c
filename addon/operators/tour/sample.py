"""Try It on the Sample: a fox in the scene, and step by step what can be done with it."""

from __future__ import annotations

import bpy

from ...scene.tour.steps import STEPS, step_of
from ..base import SceneOperator


class BONEWRIGHT_OT_try_sample(SceneOperator, bpy.types.Operator):
    """Put a fox into the scene, and be told step by step what can be done with it"""

    bl_idname = "bonewright.try_sample"
    bl_label = "Try It on the Sample"

    def act(self, context: bpy.types.Context) -> None:
        from ...scene.tour.sample import add_sample

        add_sample(context)
        if context.area is not None and context.area.type == "VIEW_3D" and not bpy.app.background:
            window = next(region for region in context.area.regions if region.type == "WINDOW")
            with context.temp_override(region=window):
                bpy.ops.view3d.view_selected()


class _TourOperator(SceneOperator):
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ...scene.tour.sample import touring

        return touring(context.scene) is not None


class BONEWRIGHT_OT_tour_next(_TourOperator, bpy.types.Operator):
    """Go on to the next step of the tour"""

    bl_idname = "bonewright.tour_next"
    bl_label = "Next"

    def act(self, context: bpy.types.Context) -> None:
        from ...scene.tour.sample import facts_of, go_on, touring

        sample = touring(context.scene)
        if sample is not None:
            go_on(sample, min(step_of(facts_of(sample)) + 1, len(STEPS) - 1))


class BONEWRIGHT_OT_tour_end(_TourOperator, bpy.types.Operator):
    """End the tour. The fox stays in the scene"""

    bl_idname = "bonewright.tour_end"
    bl_label = "End the Tour"

    def act(self, context: bpy.types.Context) -> None:
        from ...scene.tour.sample import end_tour, touring

        sample = touring(context.scene)
        if sample is not None:
            end_tour(sample)


CLASSES = (BONEWRIGHT_OT_try_sample, BONEWRIGHT_OT_tour_next, BONEWRIGHT_OT_tour_end)
