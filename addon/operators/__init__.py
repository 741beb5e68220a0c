"""One file per verb the user sees; `base` and `job` hold what they share."""

import bpy

from ..scene.previews import tries
from . import (
    bind,
    check,
    export,
    from_picture,
    generate,
    install,
    job,
    preview,
    rename,
    test,
    try_as,
    weights,
)
from .adjust import edit_bones, edit_joints, follow_joints, move_joint
from .animate import controls, motion
from .batches import asset, results, run
from .pictures import blend as blend_pictures
from .pictures import more
from .shapes import apply, blend, make, reshape
from .skeletons import fit_skeleton, rest_pose
from .swinging import parts as swinging_parts
from .tour import sample

_CLASSES: tuple[type[bpy.types.Operator], ...] = (
    *generate.CLASSES,
    *sample.CLASSES,
    *try_as.CLASSES,
    *job.CLASSES,
    *from_picture.CLASSES,
    *more.CLASSES,
    *blend_pictures.CLASSES,
    *preview.CLASSES,
    *apply.CLASSES,
    *make.CLASSES,
    *blend.CLASSES,
    *reshape.CLASSES,
    *edit_joints.CLASSES,
    *edit_bones.CLASSES,
    *move_joint.CLASSES,
    *follow_joints.CLASSES,
    *bind.CLASSES,
    *test.CLASSES,
    *check.CLASSES,
    *rest_pose.CLASSES,
    *fit_skeleton.CLASSES,
    *controls.CLASSES,
    *motion.CLASSES,
    *swinging_parts.CLASSES,
    *rename.CLASSES,
    *export.CLASSES,
    *install.CLASSES,
    *run.CLASSES,
    *results.CLASSES,
    *asset.CLASSES,
    *weights.CLASSES,
)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    tries.forget()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
