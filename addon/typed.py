"""What Blender's stubs leave open, with its type: what is registered at run time, and what is always there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast

import bpy

from ..inference.errors import BadArmatureError
from .properties import REMEMBERED, BONEWRIGHT_PG_options, BONEWRIGHT_PG_rig, BONEWRIGHT_PG_rows

if TYPE_CHECKING:
    OperatorMixin = bpy.types.Operator
    PanelMixin = bpy.types.Panel
else:

    class OperatorMixin:
        """Base of what is mixed into operators: a plain class, or Blender would not register its properties."""

    class PanelMixin:
        """Base of what is mixed into panels."""


Returned: TypeAlias = set[Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]]
"""What an operator tells Blender."""
BlockT = TypeVar("BlockT", bound=bpy.types.ID)


def settings_of(scene: bpy.types.Scene) -> BONEWRIGHT_PG_options:
    """The options in the panels."""
    return getattr(scene, REMEMBERED)


def batch_rows(manager: bpy.types.WindowManager) -> BONEWRIGHT_PG_rows:
    """The list of a batch's results, which is kept in no file."""
    return getattr(manager, REMEMBERED)


def record_of(armature: bpy.types.Object) -> BONEWRIGHT_PG_rig:
    """What is known about an armature that was made here."""
    return getattr(armature, REMEMBERED)


def armature_data(item: bpy.types.Object | None) -> bpy.types.Armature:
    """The bones of an armature object."""
    data = item.data if item is not None else None
    if not isinstance(data, bpy.types.Armature):
        name = item.name if item is not None else "Nothing"
        raise BadArmatureError(f"'{name}' is not an armature. Pick an armature object.")
    return data


def pose_of(armature: bpy.types.Object) -> bpy.types.Pose:
    """The pose of an armature object."""
    if armature.pose is None:
        raise BadArmatureError(f"'{armature.name}' has no pose. Pick an armature with bones.")
    return armature.pose


def linking(
    path: str, *, assets_only: bool = False, link: bool = True
) -> AbstractContextManager[tuple[bpy.types.BlendData, bpy.types.BlendData]]:
    """What is in a .blend file, and what of it is to be linked, or appended, when the context ends: lists of names."""
    found = bpy.data.libraries.load(path, link=link, assets_only=assets_only)
    return cast("AbstractContextManager[tuple[bpy.types.BlendData, bpy.types.BlendData]]", found)


def copy_of(block: BlockT) -> BlockT:
    """A copy of an object, a mesh, an image."""
    copy = block.copy()
    assert isinstance(copy, type(block))
    return copy


def numbers(stored: object) -> Sequence[float]:
    """An array property, of which the stubs do not say that it has a length."""
    return cast("Sequence[float]", stored)


def layout_of(
    shown: bpy.types.Panel | bpy.types.Menu | bpy.types.Operator | bpy.types.AddonPreferences,
) -> bpy.types.UILayout:
    """Where to draw."""
    assert shown.layout is not None
    return shown.layout
