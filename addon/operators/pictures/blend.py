"""Blend Images: the shape between those that two pictures show; the redo panel's slider goes from one to the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, FloatProperty, FloatVectorProperty, IntProperty, StringProperty

from ...errors import SceneError
from ...properties import INFLUENCES
from ...session import jobs
from ...typed import settings_of
from ..base import ApplyOperator, Told, apply_by
from ..from_picture import chosen_pictures, picture_options
from ..generate import about_armature
from ..job import JobOperator
from ..polls import is_free

if TYPE_CHECKING:
    import numpy as np

    from ....inference.anatomy import Imagined
    from ....inference.requests import BlendPicturesJob, ImageOptions

HALF_WAY = 0.5
STEPS = 100  # the slider's, whose shapes are remembered


@dataclass(frozen=True)
class BlendedPictures:
    """Two pictures, and the shapes between them that were looked at."""

    first: np.ndarray
    second: np.ndarray
    options: ImageOptions
    known: dict[int, Imagined] = field(default_factory=dict)  # by hundredths of the way

    def at(self, share: float) -> Imagined:
        """The shape there; it is drawn now if nobody has looked at it yet."""
        from ....inference.requests import BlendPicturesJob

        step = round(share * STEPS)
        if step not in self.known:
            job = BlendPicturesJob((self.first,), (self.second,), step / STEPS, self.options)
            self.known[step] = jobs.wait_for(job)
        return self.known[step]


class BONEWRIGHT_OT_blend_images(JobOperator["Imagined"], bpy.types.Operator):
    """Make the shape between those that the image and the first further one show, at the 3D cursor"""

    bl_idname = "bonewright.blend_images"
    bl_label = "Blend Images"
    title = "Blending images"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_free(cls)

    def make_job(self, context: bpy.types.Context) -> BlendPicturesJob:
        from dataclasses import replace

        from ....inference.requests import BlendPicturesJob

        self._name, pictures = chosen_pictures(context)
        if len(pictures) < 2:
            raise SceneError("There is one image. Add the one to blend it with.")
        self._ends, options = pictures[:2], picture_options(context, bind=settings_of(context.scene).bind)
        self._options = replace(options, surface="implicit" if options.surface == "spheres" else options.surface)
        return BlendPicturesJob((self._ends[0],), (self._ends[1],), HALF_WAY, self._options)

    def take(self, context: bpy.types.Context, result: Imagined) -> Told:
        options = settings_of(context.scene)
        known = {round(HALF_WAY * STEPS): result}
        apply_by(
            "apply_picture_blend",
            BlendedPictures(*self._ends, self._options, known),
            name=f"{self._name}_blend",
            share=HALF_WAY,
            location=tuple(context.scene.cursor.location),
            bind=options.bind,
            influences=options.influences,
        )
        return about_armature(context)


class BONEWRIGHT_OT_apply_picture_blend(ApplyOperator[BlendedPictures], bpy.types.Operator):
    """Put a shape between those that two pictures show into the scene"""

    bl_idname = "bonewright.apply_picture_blend"
    bl_label = "Blend Images"

    share: FloatProperty(
        name="Share",
        description="How near to each: 0 the first image, 1 the second",
        default=HALF_WAY,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    name: StringProperty(name="Name", description="What the names of all that is made begin with")
    spheres: BoolProperty(name="Spheres", description="Show the medial spheres", default=False)
    curves: BoolProperty(name="Curves", description="Show the centre lines", default=True)
    volume: BoolProperty(name="Skeletal Volume", description="Show the skeleton as a volume", default=False)
    armature: BoolProperty(name="Armature", description="Make the armature", default=True)
    bind: BoolProperty(name="Bind", description="Let the armature move the surface", default=True)
    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)
    location: FloatVectorProperty(name="Location", description="Where it stands", subtype="TRANSLATION")
    size: FloatProperty(
        name="Size", description="Length of its longest side", default=2.0, min=1e-4, soft_max=100.0, subtype="DISTANCE"
    )

    kept = BlendedPictures
    forgotten = "These pictures are not remembered any more. Blend them again."

    def apply(self, context: bpy.types.Context, result: BlendedPictures) -> None:
        import numpy as np

        from ....inference.images.placing import placed, stood_up
        from ...scene.apply_pictures import PARTS, Wanted, apply_imagined

        parts = frozenset(part for part in PARTS if part == "surface" or getattr(self, part))
        imagined = result.at(self.share)
        frame = stood_up(imagined, np.array(self.location, np.float64), self.size)
        apply_imagined(
            context, placed(imagined, frame), [], Wanted(self.name, parts, self.influences if self.bind else 0)
        )


CLASSES = (BONEWRIGHT_OT_blend_images, BONEWRIGHT_OT_apply_picture_blend)
