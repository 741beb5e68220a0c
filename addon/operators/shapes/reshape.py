"""Reshape by skeleton: a mesh's skeleton as balls to be moved, resized and deleted, and the shape drawn around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ...errors import SceneError
from ...preferences import device
from ...scene.characters import selected_meshes
from ...scene.objects import home_of
from ...typed import settings_of
from ..base import ApplyOperator, SceneOperator, Told, apply_by
from ..job import JobOperator
from ..polls import has_meshes
from .apply import GAP, DrawnShapes, about_shapes, can_draw, shape_options

if TYPE_CHECKING:
    from ....inference.anatomy import Shape, SkeletalLatent
    from ....inference.requests import DecodeJob, EncodeJob


@dataclass(frozen=True)
class EncodedMesh:
    """A latent, and the object it was made of."""

    latent: SkeletalLatent
    of: str
    width: float  # of the mesh


class BONEWRIGHT_OT_show_skeleton(JobOperator["SkeletalLatent"], bpy.types.Operator):
    """Show the skeleton points of the selected meshes as balls, which can be moved, scaled, copied and deleted"""

    bl_idname = "bonewright.show_skeleton"
    bl_label = "Show Skeleton"
    title = "Finding the skeleton"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_draw(cls) and has_meshes(cls, context)

    def make_job(self, context: bpy.types.Context) -> EncodeJob:
        import numpy as np

        from ....inference.requests import EncodeJob
        from ...scene.meshes import read_mesh

        source = read_mesh(selected_meshes(context))
        self._of = source.parts[0].name
        points = source.mesh.vertices
        self._width = float(np.ptp(points[np.isfinite(points).all(1), 0])) if len(points) else 0.0
        return EncodeJob(source.mesh, device())

    def take(self, context: bpy.types.Context, result: SkeletalLatent) -> Told:
        apply_by("apply_skeleton", EncodedMesh(result, self._of, self._width), name=f"{self._of}_skeleton")
        return Told(f"{len(result.radii)} skeleton points. Move or scale them, then press Decode Again")


class BONEWRIGHT_OT_apply_skeleton(ApplyOperator[EncodedMesh], bpy.types.Operator):
    """Put the skeleton points into the scene"""

    bl_idname = "bonewright.apply_skeleton"
    bl_label = "Show Skeleton"

    name: StringProperty(name="Name", description="What the names of all that is made begin with")
    beside: BoolProperty(name="Beside", description="Stand beside the mesh, not in it", default=True)
    scale: FloatProperty(name="Scale", description="Size of the whole", default=1.0, min=0.01, soft_max=10.0)

    kept = EncodedMesh
    forgotten = "This skeleton is not remembered any more. Show it again."

    def apply(self, context: bpy.types.Context, result: EncodedMesh) -> None:
        import numpy as np

        from ...scene.selecting import leave_modes, make_active
        from ...scene.shapes.skeleton import write_skeleton

        leave_modes(context)
        step = (1 + GAP) * result.width * self.scale if self.beside else 0.0
        latent = replace(
            result.latent, origin=result.latent.origin + np.array([step, 0, 0]), size=result.latent.size * self.scale
        )
        home = home_of(context.scene, bpy.data.objects.get(result.of))
        make_active(context, write_skeleton(latent, self.name, home))


class BONEWRIGHT_OT_decode_skeleton(JobOperator["Shape"], bpy.types.Operator):
    """Draw the shape around the skeleton points as they stand now, in place of the one drawn before"""

    bl_idname = "bonewright.decode_skeleton"
    bl_label = "Decode Again"
    title = "Drawing the shape"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ...scene.shapes.skeleton import skeleton_at_hand

        if not can_draw(cls):
            return False
        if skeleton_at_hand(context) is None:
            cls.poll_message_set("Show the skeleton of a mesh first; of several, select one of its points")
            return False
        return True

    def make_job(self, context: bpy.types.Context) -> DecodeJob:
        from ....inference.requests import DecodeJob
        from ...scene.shapes.skeleton import read_skeleton, skeleton_at_hand

        holder = skeleton_at_hand(context)
        if holder is None:
            raise SceneError("The skeleton is gone. Show it again.")
        self._skeleton = holder.name
        return DecodeJob(read_skeleton(holder), shape_options(context.scene))

    def take(self, context: bpy.types.Context, result: Shape) -> Told:
        options = settings_of(context.scene)
        apply_by(
            "apply_shapes",
            DrawnShapes((result,), instead=self._skeleton),
            name=f"{self._skeleton.removesuffix('_skeleton')}_reshaped",
            bind=options.bind,
            influences=options.influences,
        )
        return about_shapes([result])


class BONEWRIGHT_OT_remove_skeleton(SceneOperator, bpy.types.Operator):
    """Remove these skeleton points; what was drawn around them stays"""

    bl_idname = "bonewright.remove_skeleton"
    bl_label = "Remove Skeleton"

    name: StringProperty(options={"HIDDEN"})

    def act(self, context: bpy.types.Context) -> None:
        from ...scene.selecting import leave_modes
        from ...scene.shapes.skeleton import remove_skeleton, skeletons

        holder = bpy.data.objects.get(self.name)
        if holder is None or holder not in skeletons(context.scene):
            raise SceneError(f"'{self.name}' is gone already.")
        leave_modes(context)
        remove_skeleton(holder)


CLASSES = (
    BONEWRIGHT_OT_show_skeleton,
    BONEWRIGHT_OT_apply_skeleton,
    BONEWRIGHT_OT_decode_skeleton,
    BONEWRIGHT_OT_remove_skeleton,
)
