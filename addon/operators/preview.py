"""Preview: medial spheres, skeleton curves and the bones' confidence, made to be seen and removed again."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import bpy
from bpy.props import EnumProperty, FloatProperty, StringProperty

from ..errors import SceneError
from ..scene.characters import is_preview, selected_meshes
from ..scene.objects import home_of
from ..scene.previews.marks import clear_previews, mark_preview, remove_preview
from ..typed import armature_data
from .base import ApplyOperator, ArmatureOperator, SceneOperator, Told, apply_by
from .job import JobOperator

if TYPE_CHECKING:
    from ...inference.anatomy import CurveSkeleton, MedialSpheres, Mesh
    from ...inference.requests import CurvesJob, SpheresJob

ShapeT = TypeVar("ShapeT")
COLOURS = (
    ("LIMBS", "Limbs", "Left blue, right red, middle yellow"),
    ("CONFIDENCE", "Confidence", "Green where the bone is certain, red where it is a guess"),
)


@dataclass(frozen=True)
class Preview(Generic[ShapeT]):
    """Something to look at, and the name of the first of the meshes it was made from."""

    shape: ShapeT
    first: str


class _PreviewOperator(JobOperator[ShapeT]):
    """Make something to look at from the selected meshes."""

    def _read(self, context: bpy.types.Context) -> Mesh:
        from ..scene.meshes import read_mesh

        source = read_mesh(selected_meshes(context))
        self._first = source.parts[0].name
        return source.mesh


class _ApplyPreview(ApplyOperator[Preview[ShapeT]], Generic[ShapeT]):
    """Put it into the scene, in place of an older one of the same meshes."""

    kept = Preview
    kind = ""

    def apply(self, context: bpy.types.Context, result: Preview[ShapeT]) -> None:
        clear_previews(context.scene, self.kind, result.first)
        home = home_of(context.scene, bpy.data.objects.get(result.first))
        item = self.write(result.shape, f"{result.first}_{self.kind}", home)
        mark_preview(item, self.kind, result.first)

    @abstractmethod
    def write(self, shape: ShapeT, name: str, home: bpy.types.Collection) -> bpy.types.Object:
        """Make the object to look at."""


class BONEWRIGHT_OT_spheres(_PreviewOperator["MedialSpheres"], bpy.types.Operator):
    """Show the medial spheres of the selected meshes: the balls that just fit inside, coloured by their radius"""

    bl_idname = "bonewright.spheres"
    bl_label = "Medial Spheres"
    title = "Fitting spheres"

    def make_job(self, context: bpy.types.Context) -> SpheresJob:
        from ...inference.requests import SpheresJob

        return SpheresJob(self._read(context))

    def take(self, context: bpy.types.Context, result: MedialSpheres) -> Told:
        apply_by("apply_spheres", Preview(result, self._first))
        return Told(f"{len(result.radii)} medial spheres")


class BONEWRIGHT_OT_curves(_PreviewOperator["CurveSkeleton"], bpy.types.Operator):
    """Show the centre lines of the selected meshes"""

    bl_idname = "bonewright.curves"
    bl_label = "Skeleton Curves"
    title = "Tracing centre lines"

    def make_job(self, context: bpy.types.Context) -> CurvesJob:
        from ...inference.requests import CurvesJob

        return CurvesJob(self._read(context))

    def take(self, context: bpy.types.Context, result: CurveSkeleton) -> Told:
        apply_by("apply_curves", Preview(result, self._first))
        return Told(f"Centre lines of {len(result.points)} points")


class BONEWRIGHT_OT_apply_spheres(_ApplyPreview["MedialSpheres"], bpy.types.Operator):
    """Put the medial spheres into the scene"""

    bl_idname = "bonewright.apply_spheres"
    bl_label = "Medial Spheres"

    scale: FloatProperty(name="Scale", description="Size of the spheres", default=1.0, min=0.01, max=2.0)

    kind = "spheres"

    def write(self, shape: MedialSpheres, name: str, home: bpy.types.Collection) -> bpy.types.Object:
        from ..scene.previews.spheres import write_spheres

        return write_spheres(shape, name, home, self.scale)


class BONEWRIGHT_OT_apply_curves(_ApplyPreview["CurveSkeleton"], bpy.types.Operator):
    """Put the skeleton curves into the scene"""

    bl_idname = "bonewright.apply_curves"
    bl_label = "Skeleton Curves"

    thickness: FloatProperty(
        name="Thickness", description="Share of the distance to the surface", default=0.15, min=0.0, max=1.0
    )

    kind = "curves"

    def write(self, shape: CurveSkeleton, name: str, home: bpy.types.Collection) -> bpy.types.Object:
        from ..scene.previews.curves import write_curves

        return write_curves(shape, name, home, self.thickness)


class BONEWRIGHT_OT_remove_preview(SceneOperator, bpy.types.Operator):
    """Remove this from the scene"""

    bl_idname = "bonewright.remove_preview"
    bl_label = "Remove"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}  # noqa: RUF012

    name: StringProperty(options={"HIDDEN"})

    def act(self, context: bpy.types.Context) -> None:
        item = bpy.data.objects.get(self.name)
        if item is None or not is_preview(item):
            raise SceneError(f"'{self.name}' is gone already.")
        remove_preview(item)


class BONEWRIGHT_OT_bone_colours(ArmatureOperator, bpy.types.Operator):
    """Colour the bones of the armature"""

    bl_idname = "bonewright.bone_colours"
    bl_label = "Bone Colours"

    colours: EnumProperty(name="Colours", description="What the colours mean", items=COLOURS, default="CONFIDENCE")

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ..compat import paint
        from ..scene.adjust.bones import LOCKED
        from ..scene.bones.groups import LOCKED_PALETTE, palette_of
        from ..scene.bones.sides import names_as_ours
        from ..scene.selecting import leave_modes, make_active

        if armature.mode == "EDIT":
            leave_modes(context)
        if self.colours == "CONFIDENCE" and armature.mode != "POSE":  # object mode shows no colours
            leave_modes(context)
            make_active(context, armature)
            bpy.ops.object.mode_set(mode="POSE")
        data = armature_data(armature)
        ours = names_as_ours(data)
        for bone in data.bones:
            certainty = float(bone.get("confidence", 1.0))
            limb = LOCKED_PALETTE if LOCKED in bone else palette_of(ours[bone.name])
            paint(bone, limb if self.colours == "LIMBS" else (1.0 - certainty, certainty, 0.1))


CLASSES = (
    BONEWRIGHT_OT_spheres,
    BONEWRIGHT_OT_curves,
    BONEWRIGHT_OT_apply_spheres,
    BONEWRIGHT_OT_apply_curves,
    BONEWRIGHT_OT_remove_preview,
    BONEWRIGHT_OT_bone_colours,
)
