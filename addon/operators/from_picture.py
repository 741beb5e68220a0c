"""From View and From Image: what a picture shows becomes spheres, curves, a surface and an armature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, CollectionProperty, FloatProperty, FloatVectorProperty, IntProperty, StringProperty

from ..errors import SceneError
from ..properties import INFLUENCES
from ..typed import layout_of, settings_of
from .base import ApplyOperator, Told, apply_by
from .generate import about_armature, rig_options
from .job import JobOperator
from .polls import is_free

if TYPE_CHECKING:
    import numpy as np

    from ...inference.anatomy import Imagined
    from ...inference.frames import Frame
    from ...inference.requests import ImageOptions, ImagesJob
    from ..scene.views.view import Sighting


@dataclass(frozen=True)
class PictureResult:
    """What pictures show; names, since pointers do not outlive an undo."""

    imagined: Imagined  # seen frame
    frame: Frame | None  # from there to the world; None for images, which stand where the user wants them
    meshes: tuple[str, ...]  # objects that were seen, the first of which names it


class _PictureOperator(JobOperator["Imagined"]):
    """Makes a job of a picture."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_free(cls)

    def _apply(self, context: bpy.types.Context, result: PictureResult, name: str) -> Told:
        settings = settings_of(context.scene)
        apply_by(
            "apply_picture",
            result,
            name=name,
            from_image=result.frame is None,
            location=tuple(context.scene.cursor.location),
            bind=settings.bind,
            influences=settings.influences,
        )
        return about_armature(context)


class BONEWRIGHT_OT_from_view(_PictureOperator, bpy.types.Operator):
    """Make medial spheres, a surface and an armature of what is seen from here, as from a single picture"""

    bl_idname = "bonewright.from_view"
    bl_label = "From View"
    title = "Looking"

    def make_job(self, context: bpy.types.Context) -> ImagesJob:
        from ...inference.images.placing import front_seen
        from ...inference.requests import ImagesJob

        self._sighting = _picture_of(context)
        self.about = self._meshes = _meshes_in(context, self._sighting)
        settings, view = settings_of(context.scene), self._sighting.viewpoint
        options = picture_options(context, bind=settings.bind and not self._meshes)
        right, forward, up = (float(part) for part in view.axes[:, 2])
        rig = replace(options.rig, front=front_seen(options.rig.front, view))
        own = _own_axes(settings.front, view.axes)
        return ImagesJob((self._sighting.picture,), replace(options, up=(right, forward, up), own=own, rig=rig))

    def take(self, context: bpy.types.Context, result: Imagined) -> Told:
        from ...inference.images.placing import as_spheres, fitted, placement, straightened

        view, crop = self._sighting.viewpoint, result.crops[0]
        frame = placement(view, crop, self._sighting.depth)
        if len(result.volume.triangles):
            frame = fitted(frame, as_spheres(result.surface.vertices), view, crop)
        elif view.parallel:
            result = straightened(result)
        else:
            frame = fitted(frame, result.spheres, view, crop)
        return self._apply(context, PictureResult(result, frame, self._meshes), f"{self._sighting.names[0]}_seen")


class BONEWRIGHT_OT_from_image(_PictureOperator, bpy.types.Operator):
    """Make medial spheres, a surface and an armature of the object in one image or several, at the 3D cursor"""

    bl_idname = "bonewright.from_image"
    bl_label = "From Image"
    title = "Looking at the image"

    filepath: StringProperty(
        name="File", description="Image to read; without one, the image chosen in the panel", subtype="FILE_PATH"
    )
    mask_filepath: StringProperty(
        name="Mask File", description="Image that is white where the object is", subtype="FILE_PATH"
    )

    directory: StringProperty(name="Folder", description="Where the files are", subtype="DIR_PATH")
    files: CollectionProperty(
        type=bpy.types.OperatorFileListElement, name="Files", description="Several images of one object, in a folder"
    )

    def make_job(self, context: bpy.types.Context) -> ImagesJob:
        from ...inference.requests import ImagesJob
        from ..scene.views.images import read_files

        folder = Path(bpy.path.abspath(self.directory))
        paths = [folder / file.name for file in self.files] if self.directory else []
        if not paths and self.filepath:
            paths = [Path(bpy.path.abspath(self.filepath))]
        if paths:
            mask = Path(bpy.path.abspath(self.mask_filepath)) if self.mask_filepath else None
            masks = [mask, *[None] * (len(paths) - 1)]
            pictures = tuple(read_files(path, mask) for path, mask in zip(paths, masks, strict=True))
            self._name = paths[0].stem
        else:
            self._name, pictures = chosen_pictures(context)
        return ImagesJob(pictures, picture_options(context, bind=settings_of(context.scene).bind))

    def take(self, context: bpy.types.Context, result: Imagined) -> Told:
        return self._apply(context, PictureResult(result, None, ()), self._name)


class BONEWRIGHT_OT_apply_picture(ApplyOperator[PictureResult], bpy.types.Operator):
    """Put what a picture shows into the scene"""

    bl_idname = "bonewright.apply_picture"
    bl_label = "From Picture"

    from_image: BoolProperty(options={"HIDDEN", "SKIP_SAVE"})
    name: StringProperty(name="Name", description="What the names of all that is made begin with")
    spheres: BoolProperty(name="Spheres", description="Show the medial spheres", default=True)
    curves: BoolProperty(name="Curves", description="Show the centre lines", default=True)
    volume: BoolProperty(
        name="Skeletal Volume", description="Show the skeleton that the surface was drawn around", default=False
    )
    surface: BoolProperty(name="Surface", description="Make the surface", default=True)
    armature: BoolProperty(name="Armature", description="Make the armature", default=True)
    bind: BoolProperty(name="Bind", description="Let the armature move the surface", default=True)
    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)
    location: FloatVectorProperty(name="Location", description="Where it stands", subtype="TRANSLATION")
    size: FloatProperty(
        name="Size", description="Length of its longest side", default=2.0, min=1e-4, soft_max=100.0, subtype="DISTANCE"
    )

    kept = PictureResult
    forgotten = "This result is not remembered any more. Look again."

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        layout.use_property_split = True
        for part in ("name", "spheres", "curves", "volume", "surface", "armature"):
            layout.prop(self, part)
        if self.from_image:
            for part in ("bind", "influences", "location", "size"):
                layout.prop(self, part)

    def apply(self, context: bpy.types.Context, result: PictureResult) -> None:
        import numpy as np

        from ...inference.images.placing import placed, stood_up
        from ..scene.apply_pictures import PARTS, Wanted, apply_imagined

        parts = frozenset(part for part in PARTS if getattr(self, part))
        if not parts:
            raise SceneError("Nothing of it is wanted. Switch on what to make.")
        frame = result.frame or stood_up(result.imagined, np.array(self.location, np.float64), self.size)
        meshes = [_still_there(context, name) for name in result.meshes]
        wanted = Wanted(self.name, parts, self.influences if self.bind else 0)
        apply_imagined(context, placed(result.imagined, frame), meshes, wanted)


def picture_options(context: bpy.types.Context, *, bind: bool) -> ImageOptions:
    """What the panels say about pictures and the rigs of what they show."""
    from ...inference.requests import ImageOptions

    options = settings_of(context.scene)
    return ImageOptions(surface=options.seen.surface, detail=options.seen.detail, rig=rig_options(options, bind=bind))


def chosen_pictures(context: bpy.types.Context) -> tuple[str, tuple[np.ndarray, ...]]:
    """The images that the panel names, and what to call what they show."""
    from ..scene.views.images import read_image

    options = settings_of(context.scene)
    if options.picture is None:
        raise SceneError("No image is chosen. Open one above the button.")
    more = [(item.picture, item.mask) for item in options.seen.more if item.picture is not None]
    pictures = tuple(read_image(image, mask) for image, mask in [(options.picture, options.mask), *more])
    return Path(options.picture.name).stem, pictures


def _own_axes(front: str, axes: np.ndarray) -> tuple[float, ...]:
    """A shape's own axes in the seen frame of a view with these `axes`, where it stands upright and looks to `front`.

    Nothing is known of what lies on its back or its face.
    """
    import numpy as np

    from ...inference.requests import FRONTS

    forward = np.array(next((way for name, way in FRONTS.items() if name == front), FRONTS["-y"]))
    if forward[2]:
        return ()
    back, up = -forward, np.array([0.0, 0.0, 1.0])
    own = np.stack([np.cross(back, up), back, up]) @ axes.T
    return tuple(float(part) for part in own.ravel())


def _picture_of(context: bpy.types.Context) -> Sighting:
    """The picture that the options ask for."""
    from ..scene.views.view import has_surface, see_everything, see_objects

    options = settings_of(context.scene)
    if options.subject == "EVERYTHING":
        return see_everything(context, options.source)
    chosen = [item for item in context.selected_objects if has_surface(item)]
    if not chosen:
        raise SceneError("Nothing with a surface is selected. Select the object, or choose to see everything.")
    return see_objects(context, options.source, chosen)


def _meshes_in(context: bpy.types.Context, sighting: Sighting) -> tuple[str, ...]:
    """The meshes that an armature of this picture is for: all that are selected, or the only one that is seen."""
    seen = [context.scene.objects.get(name) for name in sighting.names]
    if any(item is None or item.type != "MESH" for item in seen):
        return ()
    return sighting.names if len(seen) == 1 or settings_of(context.scene).subject == "SELECTED" else ()


def _still_there(context: bpy.types.Context, name: str) -> bpy.types.Object:
    item = context.scene.objects.get(name)
    if item is None or item.name not in context.view_layer.objects:
        raise SceneError(f"'{name}' is gone. Look again.")
    return item


CLASSES = (BONEWRIGHT_OT_from_view, BONEWRIGHT_OT_from_image, BONEWRIGHT_OT_apply_picture)
