"""Fit a Skeleton: joints, names and rest axes of another program's skeleton take the place of the character's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import EnumProperty

from ...errors import SceneError
from ...scene.characters import meshes_of
from ...typed import Returned, settings_of
from ..base import ArmatureOperator, SceneOperator
from ..polls import has_armature

if TYPE_CHECKING:
    from ....inference.rigging.skeletons.template import Template

_found: list[tuple[str, str, str]] = []  # Blender keeps no references to the texts of a menu


class BONEWRIGHT_OT_fit_skeleton(ArmatureOperator, bpy.types.Operator):
    """Give the character the chosen skeleton, joint by joint, so that its animations play on it undistorted"""

    bl_idname = "bonewright.fit_skeleton"
    bl_label = "Fit Skeleton"

    def change(self, context: bpy.types.Context, armature: bpy.types.Object) -> None:
        from ...scene.poses.motion import end_motion, in_motion
        from ...scene.poses.rest_pose import check_changeable, outdated_modifiers
        from ...scene.selecting import leave_modes, make_active
        from ...scene.skeletons.replace import fit_skeleton, note_skeleton

        options, meshes = settings_of(context.scene), meshes_of(armature)
        leave_modes(context)
        check_changeable(armature, meshes)
        template = _template(context, armature)
        if in_motion(armature):
            end_motion(context.scene, armature)
        made, fitted = fit_skeleton(armature, meshes, template, keep_pose=options.keep_pose)
        note_skeleton(armature, made, meshes, fitted)
        make_active(context, made)
        outdated = outdated_modifiers(meshes)
        if outdated:
            self.report({"WARNING"}, f"Bind these modifiers again, they remember the old shape: {outdated[0]}")
        told = f"{template.title}: {len(template.names)} bones"
        if fitted.kept:
            told += f", {len(fitted.kept)} of its own kept"
        if fitted.missing:
            told += f". The character has no {', '.join(fitted.missing[:3])}"
            told += f" and {len(fitted.missing) - 3} more" if len(fitted.missing) > 3 else ""
        self.report({"WARNING"} if fitted.missing else {"INFO"}, told)


def _template(context: bpy.types.Context, armature: bpy.types.Object) -> Template:
    from ....inference.rigging.skeletons.builtin import builtin
    from ...scene.skeletons.sources import from_armature, from_file

    options = settings_of(context.scene)
    if options.skeleton == "scene":
        if options.skeleton_armature == armature:
            raise SceneError(f"'{armature.name}' cannot be fitted to itself. Choose another armature as the skeleton.")
        return from_armature(options.skeleton_armature)
    if options.skeleton == "file":
        return from_file(options.skeleton_file)
    return builtin(options.skeleton)


def _listed(_: object, __: object) -> list[tuple[str, str, str]]:
    return _found


class BONEWRIGHT_OT_choose_skeleton(SceneOperator, bpy.types.Operator):
    """Choose an armature from the asset libraries as the skeleton to fit"""

    bl_idname = "bonewright.choose_skeleton"
    bl_label = "From Asset Libraries"
    bl_property = "asset"

    asset: EnumProperty(name="Armature", description="Armatures in the asset libraries", items=_listed)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return has_armature(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Returned:
        from ...scene.skeletons.sources import assets

        _found[:] = [(place, name, place) for place, name in assets()]
        if not _found:
            self.report({"ERROR"}, "No asset library has an armature. Mark one as an asset, or choose a file.")
            return {"CANCELLED"}
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def act(self, context: bpy.types.Context) -> None:
        if not self.asset:
            raise SceneError("No armature is chosen.")
        settings_of(context.scene).skeleton_file = self.asset


CLASSES = (BONEWRIGHT_OT_fit_skeleton, BONEWRIGHT_OT_choose_skeleton)
