"""Generate Shape, Vary, Complete: from a category or a mesh to shapes with their rigs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ....inference.errors import FileError
from ...errors import SceneError
from ...networks import NOTHING, users_weights
from ...scene.characters import selected_meshes
from ...typed import settings_of
from ..base import SceneOperator, Told, apply_by
from ..job import JobOperator
from ..polls import has_meshes
from .apply import DrawnShapes, about_shapes, can_draw, shape_options

if TYPE_CHECKING:
    from ....inference.anatomy import Mesh, Shape
    from ....inference.requests import CompleteJob, GenerateJob, VaryJob


class BONEWRIGHT_OT_generate_shape(JobOperator["tuple[Shape, ...]"], bpy.types.Operator):
    """Make new shapes of a category with centre lines, armature and weights, at the 3D cursor"""

    bl_idname = "bonewright.generate_shape"
    bl_label = "Generate Shape"
    title = "Generating shapes"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_draw(cls)

    def make_job(self, context: bpy.types.Context) -> GenerateJob:
        from ....inference.requests import GenerateJob

        shape = settings_of(context.scene).shape
        if shape.category in ("", NOTHING[0]):
            raise SceneError("No category is chosen. Choose one in Bonewright's tab, panel Shape.")
        self._name = shape.category.replace(" ", "_")
        options = shape_options(context.scene, own_kind=False)
        return GenerateJob(shape.category, shape.seed, shape.count, options)

    def take(self, context: bpy.types.Context, result: tuple[Shape, ...]) -> Told:
        options = settings_of(context.scene)
        apply_by(
            "apply_shapes",
            DrawnShapes(result),
            name=self._name,
            free=True,
            location=tuple(context.scene.cursor.location),
            bind=options.bind,
            influences=options.influences,
        )
        return about_shapes(result)


class _MeshOperator:
    """Reads the selected meshes."""

    def _read(self, context: bpy.types.Context) -> Mesh:
        from ...scene.meshes import read_mesh

        source = read_mesh(selected_meshes(context))
        self._of = source.parts[0].name
        return source.mesh


class BONEWRIGHT_OT_vary_shape(_MeshOperator, JobOperator["tuple[Shape, ...]"], bpy.types.Operator):
    """Make shapes like the selected meshes, in a row beside them; these stay as they are"""

    bl_idname = "bonewright.vary_shape"
    bl_label = "Vary"
    title = "Making variations"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_draw(cls) and has_meshes(cls, context)

    def make_job(self, context: bpy.types.Context) -> VaryJob:
        from ....inference.requests import VaryJob

        shape = settings_of(context.scene).shape
        options = shape_options(context.scene)
        return VaryJob(self._read(context), shape.strength, shape.seed, shape.count, options=options)

    def take(self, context: bpy.types.Context, result: tuple[Shape, ...]) -> Told:
        return _put_beside(context, result, self._of, "varied")


class BONEWRIGHT_OT_complete_shape(_MeshOperator, JobOperator["Shape"], bpy.types.Operator):
    """Make a closed mesh of selected ones that have holes, noise or inner faces; these stay as they are"""

    bl_idname = "bonewright.complete_shape"
    bl_label = "Complete"
    title = "Completing the shape"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return can_draw(cls) and has_meshes(cls, context)

    def make_job(self, context: bpy.types.Context) -> CompleteJob:
        from ....inference.requests import CompleteJob

        return CompleteJob(self._read(context), shape_options(context.scene))

    def take(self, context: bpy.types.Context, result: Shape) -> Told:
        return _put_beside(context, (result,), self._of, "complete")


def _put_beside(context: bpy.types.Context, shapes: tuple[Shape, ...], of: str, name: str) -> Told:
    """Put what came of the object called `of` beside it."""
    options = settings_of(context.scene)
    apply_by(
        "apply_shapes",
        DrawnShapes(shapes, of),
        name=f"{of}_{name}",
        bind=options.bind,
        influences=options.influences,
    )
    return about_shapes(shapes)


class BONEWRIGHT_OT_open_weights(SceneOperator, bpy.types.Operator):
    """Open the folder for trained networks of your own; it is made if it is not there"""

    bl_idname = "bonewright.open_weights"
    bl_label = "Open Folder"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def act(self, context: bpy.types.Context) -> None:
        folder = Path(users_weights())
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"'{folder}' cannot be made: {error.strerror}. Make it yourself.") from error
        bpy.ops.wm.path_open(filepath=str(folder))


CLASSES = (
    BONEWRIGHT_OT_generate_shape,
    BONEWRIGHT_OT_vary_shape,
    BONEWRIGHT_OT_complete_shape,
    BONEWRIGHT_OT_open_weights,
)
