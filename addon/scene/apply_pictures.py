"""What pictures show into the scene: spheres, curves, the surface and an armature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import bpy

from ...inference.anatomy import Imagined
from ...inference.errors import BonewrightError
from ...inference.images.placing import foot_of
from ...inference.rigging.standing.ground import ground_frame
from ..typed import armature_data, record_of
from .apply import limited, remember, write_report
from .armatures import write_armature
from .attach import apply_rig, remove_armatures
from .characters import armatures_for, armatures_of
from .freshness import note_state
from .meshes import Part, SceneMesh, matrix, write_mesh
from .objects import home_of, remove_with_data
from .previews.curves import write_curves
from .previews.marks import clear_previews, mark_preview
from .previews.spheres import write_spheres
from .selecting import leave_modes, make_active

PARTS = ("spheres", "curves", "volume", "surface", "armature")
CURVE_THICKNESS = 0.15


@dataclass(frozen=True)
class Wanted:
    """What of it to put into the scene, and under which name."""

    name: str
    parts: frozenset[str]  # some of PARTS
    influences: int  # the most bones that move a vertex of the surface; 0: the surface is not bound


def apply_imagined(
    context: bpy.types.Context, imagined: Imagined, meshes: Sequence[bpy.types.Object], wanted: Wanted
) -> bpy.types.Object | None:
    """Make what is wanted of `imagined` (world coordinates) and select the armature; nothing is left of a failure.

    With `meshes`, those that were seen, the armature is for them: the surface is but to look at, and what an earlier
    look at them left is replaced, unless it moves something by now.
    """
    leave_modes(context)
    place = home_of(context.scene, meshes[0] if meshes else None)
    old = [item for item in armatures_for(meshes) if record_of(item).seen and not _moves(item)]
    origin = matrix(meshes[0].matrix_world)[:3, 3] if meshes else foot_of(imagined.surface)
    surface = None
    if "surface" in wanted.parts and not meshes:
        surface = write_mesh(imagined.surface, f"{wanted.name}_surface", place, origin)
    armature = None
    if "armature" in wanted.parts:
        armature = _armature(imagined, surface, meshes, wanted, place)
    remove_armatures(old)
    writers: dict[str, Callable[[str], bpy.types.Object]] = {
        "spheres": lambda name: write_spheres(imagined.spheres, name, place),
        "curves": lambda name: write_curves(imagined.curves, name, place, CURVE_THICKNESS),
    }
    if len(imagined.volume.triangles):
        writers["volume"] = lambda name: _through(write_mesh(imagined.volume, name, place, origin))
    if meshes:
        writers["surface"] = lambda name: _wire(write_mesh(imagined.surface, name, place, origin))
    of = f"{meshes[0].name} seen" if meshes else surface.name if surface is not None else wanted.name
    for kind, write in writers.items():
        if kind in wanted.parts:
            clear_previews(context.scene, kind, of)
            mark_preview(write(f"{wanted.name}_{kind}"), kind, of)
    context.view_layer.update()
    if armature is not None:
        armature.name = armature_data(armature).name = f"{wanted.name}_rig"  # free now where an old one had it
    chosen = armature or surface
    if chosen is not None:
        make_active(context, chosen)
    return armature


def _armature(
    imagined: Imagined,
    surface: bpy.types.Object | None,
    meshes: Sequence[bpy.types.Object],
    wanted: Wanted,
    place: bpy.types.Collection,
) -> bpy.types.Object:
    """The armature; it moves the surface where there is one. A surface that gets none is gone."""
    rig, name = imagined.rig, f"{wanted.name}_rig"
    skin = limited(rig.skin, wanted.influences) if rig.skin is not None and wanted.influences and surface else None
    parts = tuple(Part(item.name, 0, 0) for item in meshes)
    try:
        if surface is not None:
            parts = (Part(surface.name, 0, len(imagined.surface.vertices)),)
            armature = apply_rig(replace(rig, skin=skin), SceneMesh(imagined.surface, parts), name, place)
        else:
            armature = write_armature(rig.armature, name, place, ground_frame(rig, imagined.surface))
    except BonewrightError:
        if surface is not None:
            remove_with_data(surface)
        raise
    record_of(armature).made = record_of(armature).seen = True
    armature.show_in_front = True
    remember(armature, parts)
    write_report(armature, rig.report, parts if surface is not None else ())
    note_state(armature, [surface] if surface is not None else meshes)
    return armature


def _wire(item: bpy.types.Object) -> bpy.types.Object:
    """So that the mesh that was seen stays in sight: hidden until the eye in the panel is clicked, and then a wire."""
    item.display_type = "WIRE"
    item.hide_viewport = True
    return item


def _through(item: bpy.types.Object) -> bpy.types.Object:
    """So that it is seen through the surface around it."""
    item.display_type = "WIRE"
    item.show_in_front = True
    return item


def _moves(armature: bpy.types.Object) -> bool:
    """Some mesh follows the armature."""
    return any(armature in armatures_of([item]) for item in bpy.data.objects if item.type == "MESH")
