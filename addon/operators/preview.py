"""Look: medial spheres, skeleton curves and the bones' confidence, made to be seen and removed again."""

# Blender's stubs know nothing of what is registered at run time and make nearly everything optional:
# pyright: reportAttributeAccessIssue=false, reportIncompatibleMethodOverride=false, reportInvalidTypeForm=false
# pyright: reportOptionalMemberAccess=false

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty

from ...inference.errors import BonewrightError
from .. import session
from ..errors import SceneError
from ..scene.characters import active_armature, selected_meshes
from ..scene.previews.objects import clear_looks, home_of, mark_look, remove_look
from .job import JobOperator, apply_by, fail, has_armature

if TYPE_CHECKING:
    from ...inference.anatomy import CurveSkeleton, MedialSpheres, Mesh
    from ...inference.requests import CurvesJob, SpheresJob

ShapeT = TypeVar("ShapeT")
COLOURS = (
    ("LIMBS", "Limbs", "Left blue, right red, middle yellow"),
    ("CONFIDENCE", "Confidence", "Green where the bone is certain, red where it is a guess"),
)


@dataclass(frozen=True)
class Sight:
    """Something to look at, and the meshes it was made from."""

    shape: MedialSpheres | CurveSkeleton
    first: str


class _LookOperator(JobOperator[ShapeT]):
    """Make something to look at from the selected meshes."""

    def _read(self, context: bpy.types.Context) -> Mesh:
        from ..scene.meshes import read_mesh

        source = read_mesh(selected_meshes(context))
        self._first = source.parts[0].name
        return source.mesh


class BONEWRIGHT_OT_spheres(_LookOperator["MedialSpheres"], bpy.types.Operator):
    """Show the medial spheres of the selected meshes: the balls that just fit inside, coloured by their radius"""

    bl_idname = "bonewright.spheres"
    bl_label = "Medial Spheres"
    title = "Fitting spheres"

    def make_job(self, context: bpy.types.Context) -> SpheresJob:
        from ...inference.requests import SpheresJob

        return SpheresJob(self._read(context))

    def take(self, context: bpy.types.Context, result: MedialSpheres) -> None:
        apply_by(bpy.ops.bonewright.apply_spheres, token=session.keep(Sight(result, self._first)))


class BONEWRIGHT_OT_curves(_LookOperator["CurveSkeleton"], bpy.types.Operator):
    """Show the centre lines of the selected meshes"""

    bl_idname = "bonewright.curves"
    bl_label = "Skeleton Curves"
    title = "Tracing centre lines"

    def make_job(self, context: bpy.types.Context) -> CurvesJob:
        from ...inference.requests import CurvesJob

        return CurvesJob(self._read(context))

    def take(self, context: bpy.types.Context, result: CurveSkeleton) -> None:
        apply_by(bpy.ops.bonewright.apply_curves, token=session.keep(Sight(result, self._first)))


class BONEWRIGHT_OT_apply_spheres(bpy.types.Operator):
    """Put the medial spheres into the scene"""

    bl_idname = "bonewright.apply_spheres"
    bl_label = "Medial Spheres"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    token: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    scale: FloatProperty(name="Scale", description="Size of the spheres", default=1.0, min=0.01, max=2.0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.previews.spheres import write_spheres

        return _show(self, context, "spheres", lambda sight, name, place: write_spheres(sight, name, place, self.scale))


class BONEWRIGHT_OT_apply_curves(bpy.types.Operator):
    """Put the skeleton curves into the scene"""

    bl_idname = "bonewright.apply_curves"
    bl_label = "Skeleton Curves"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    token: StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    thickness: FloatProperty(
        name="Thickness", description="Share of the distance to the surface", default=0.15, min=0.0, max=1.0
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..scene.previews.curves import write_curves

        thickness = self.thickness
        return _show(self, context, "curves", lambda sight, name, place: write_curves(sight, name, place, thickness))


class BONEWRIGHT_OT_remove_look(bpy.types.Operator):
    """Remove this from the scene"""

    bl_idname = "bonewright.remove_look"
    bl_label = "Remove"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    name: StringProperty(options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        item = bpy.data.objects.get(self.name)
        if item is None or "bonewright_look" not in item:
            return fail(self, SceneError(f"'{self.name}' is gone already."))
        remove_look(item)
        return {"FINISHED"}


class BONEWRIGHT_OT_bone_colours(bpy.types.Operator):
    """Colour the bones of the armature"""

    bl_idname = "bonewright.bone_colours"
    bl_label = "Bone Colours"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    colours: EnumProperty(name="Colours", description="What the colours mean", items=COLOURS, default="CONFIDENCE")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_armature(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..compat import colour_bone
        from ..scene.bone_groups import palette_of
        from ..scene.selecting import leave_modes, make_active

        armature = active_armature(context)
        assert armature is not None
        if armature.mode == "EDIT":
            leave_modes(context)
        if self.colours == "CONFIDENCE" and armature.mode != "POSE":  # object mode shows no colours
            leave_modes(context)
            make_active(context, armature)
            bpy.ops.object.mode_set(mode="POSE")
        for bone in armature.data.bones:
            certainty = float(bone.get("confidence", 1.0))
            colour_bone(bone, palette_of(bone.name) if self.colours == "LIMBS" else (1.0 - certainty, certainty, 0.1))
        return {"FINISHED"}


def _show(
    operator: bpy.types.Operator,
    context: bpy.types.Context,
    kind: str,
    write: Callable[..., bpy.types.Object],
) -> set[str]:
    """Put what was kept under the operator's token into the scene, in place of an older one of the same meshes."""
    sight = session.kept(operator.token)
    try:
        if not isinstance(sight, Sight):
            raise SceneError("This result is not remembered any more. Make it again.")
        clear_looks(context.scene, kind, sight.first)
        home = home_of(context.scene, bpy.data.objects.get(sight.first))
        item = write(sight.shape, f"{sight.first}_{kind}", home)
    except BonewrightError as error:
        return fail(operator, error)
    mark_look(item, kind, sight.first)
    return {"FINISHED"}


CLASSES = (
    BONEWRIGHT_OT_spheres,
    BONEWRIGHT_OT_curves,
    BONEWRIGHT_OT_apply_spheres,
    BONEWRIGHT_OT_apply_curves,
    BONEWRIGHT_OT_remove_look,
    BONEWRIGHT_OT_bone_colours,
)
