"""What comes of a batch: the gallery, the folder, and one result brought into the scene."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...errors import SceneError
from ...session import batch
from ...typed import batch_rows, settings_of
from ..base import SceneOperator


class _Shown(SceneOperator):
    """Shows something that is no part of the scene."""

    bl_options = {"INTERNAL"}  # noqa: RUF012


class BONEWRIGHT_OT_batch_gallery(_Shown, bpy.types.Operator):
    """Open the page with all results in the browser"""

    bl_idname = "bonewright.batch_gallery"
    bl_label = "Open Gallery"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not gallery(context).is_file():
            cls.poll_message_set("There is no gallery yet. Switch Gallery on and press Rig All")
            return False
        return True

    def act(self, context: bpy.types.Context) -> None:
        bpy.ops.wm.url_open(url=gallery(context).as_uri())


class BONEWRIGHT_OT_batch_folder(_Shown, bpy.types.Operator):
    """Open the folder with the results"""

    bl_idname = "bonewright.batch_folder"
    bl_label = "Open Folder"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(settings_of(context.scene).batch.out)

    def act(self, context: bpy.types.Context) -> None:
        folder = Path(bpy.path.abspath(settings_of(context.scene).batch.out))
        if not folder.is_dir():
            raise SceneError(f"There is no folder '{folder}' yet. Press Rig All.")
        bpy.ops.wm.path_open(filepath=str(folder))


class BONEWRIGHT_OT_batch_bring(SceneOperator, bpy.types.Operator):
    """Bring this result into the scene"""

    bl_idname = "bonewright.batch_bring"
    bl_label = "Bring into Scene"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not _result(context) or context.mode != "OBJECT":
            cls.poll_message_set("Choose a result in the list, in object mode")
            return False
        return True

    def act(self, context: bpy.types.Context) -> None:
        from ...compat import importers
        from ...scene.export.brought import bring_blend

        path = Path(_result(context))
        if not path.is_file():
            raise SceneError(f"'{path}' is gone. Press Rig All.")
        if path.suffix == ".blend":
            bring_blend(context, path)
        else:
            importers()[path.suffix](path)


def _result(context: bpy.types.Context) -> str:
    """The file of the asset that is chosen in the list."""
    told = batch_rows(context.window_manager)
    return told.rows[told.active].result if 0 <= told.active < len(told.rows) else ""


def gallery(context: bpy.types.Context) -> Path:
    """The first page of the results."""
    made = batch.state().gallery
    return Path(made) if made else Path(bpy.path.abspath(settings_of(context.scene).batch.out)) / "gallery/index.html"


CLASSES = (BONEWRIGHT_OT_batch_gallery, BONEWRIGHT_OT_batch_folder, BONEWRIGHT_OT_batch_bring)
