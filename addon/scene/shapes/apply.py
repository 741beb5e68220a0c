"""A shape that a network has drawn into the scene: its mesh, centre lines, armature and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import bpy

from ....inference.anatomy import Shape
from ....inference.frames import Frame
from ....inference.images.placing import foot_of
from ...typed import record_of
from ..apply import keep_report, limited, remember
from ..attach import apply_rig, remove_armatures
from ..characters import armatures_for
from ..meshes import Part, SceneMesh, write_mesh
from ..objects import remove_with_data
from ..previews.curves import write_curves
from ..previews.marks import clear_previews, mark_preview

CURVE_THICKNESS = 0.15


@dataclass(frozen=True)
class Parts:
    """What of a shape to make."""

    curves: bool
    armature: bool
    influences: int  # the most bones that move a vertex; 0: the mesh is not bound


def add_shape(
    context: bpy.types.Context, shape: Shape, frame: Frame, name: str, parts: Parts, home: bpy.types.Collection
) -> bpy.types.Object:
    """Make the objects of `shape`, which is seen in `frame`; the mesh."""
    surface = frame.out(shape.surface)
    item = write_mesh(surface, name, home, foot_of(surface))
    if parts.armature and shape.rig is not None:
        rig = frame.out(shape.rig)
        skin = limited(rig.skin, parts.influences) if rig.skin is not None and parts.influences else None
        source = SceneMesh(surface, (Part(item.name, 0, len(surface.vertices)),))
        armature = apply_rig(replace(rig, skin=skin), source, f"{item.name}_rig", home)
        record_of(armature).made = True
        armature.show_in_front = True
        remember(armature, source.parts)
        context.view_layer.update()
        keep_report(armature, rig.report, source)
    if parts.curves and len(shape.curves.points):
        shown = write_curves(frame.out(shape.curves), f"{item.name}_curves", home, CURVE_THICKNESS)
        mark_preview(shown, "curves", item.name)
    return item


def remove_shape(context: bpy.types.Context, item: bpy.types.Object) -> None:
    """Remove the mesh of a shape with all that was made for it."""
    clear_previews(context.scene, "curves", item.name)
    remove_armatures(armatures_for([item]))
    remove_with_data(item)


def select_shapes(context: bpy.types.Context, items: Sequence[bpy.types.Object]) -> None:
    """Select these and nothing else; the first is the active one."""
    for other in context.view_layer.objects:
        other.select_set(state=other in items)
    context.view_layer.objects.active = items[0]
