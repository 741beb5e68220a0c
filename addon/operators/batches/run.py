"""Start, Cancel and Try Failed Again: a folder or the selected objects, rigged as the command line does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty

from ....inference.errors import BadRequestError, BonewrightError
from ...scene.characters import is_preview
from ...session import batch
from ...typed import Returned, settings_of
from ..base import fail
from ..generate import rig_options

if TYPE_CHECKING:
    from ...session.batch_run import Wish

SOURCES = "sources"  # folder in the folder of results that selected objects are written to


class BONEWRIGHT_OT_batch(bpy.types.Operator):
    """Rig every asset and write the results to the folder; what an earlier run has done already is kept"""

    bl_idname = "bonewright.batch"
    bl_label = "Rig All"

    failed: BoolProperty(
        name="Only Failed", description="Try those again that failed before", options={"HIDDEN", "SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        asked = settings_of(context.scene).batch
        if batch.state().busy:
            cls.poll_message_set("A batch is under way. Wait for it, or cancel it")
        elif asked.source == "FOLDER" and not asked.folder:
            cls.poll_message_set("Choose the folder to read")
        elif not asked.out:
            cls.poll_message_set("Choose the folder for the results")
        elif asked.source == "SELECTED" and not characters(context):
            cls.poll_message_set("Select the meshes to rig")
        else:
            return True
        return False

    def execute(self, context: bpy.types.Context) -> Returned:
        try:
            wish = make_wish(context, failed=self.failed)
            asked = settings_of(context.scene).batch
            writer = write_selected(context, wish.inputs) if asked.source == "SELECTED" else None
        except BonewrightError as error:
            return fail(self, error)
        batch.begin(wish, writer)
        return {"FINISHED"}


class BONEWRIGHT_OT_cancel_batch(bpy.types.Operator):
    """Stop; what is done is kept, and the next run goes on from there"""

    bl_idname = "bonewright.cancel_batch"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return batch.state().phase in ("writing", "running")

    def execute(self, context: bpy.types.Context) -> Returned:
        batch.cancel()
        return {"FINISHED"}


def make_wish(context: bpy.types.Context, *, failed: bool = False) -> Wish:
    """What the panel asks for. Raises a named error where that makes no sense."""
    from ...batch.engines import Workers
    from ...session.batch_run import Wish

    options = settings_of(context.scene)
    asked = options.batch
    out = Path(bpy.path.abspath(asked.out))
    if asked.source == "FOLDER":
        inputs = (Path(bpy.path.abspath(asked.folder)),)
        if not inputs[0].is_dir():
            raise BadRequestError(f"There is no folder '{inputs[0]}'. Choose the folder to read again.")
        if inputs[0] == out:
            raise BadRequestError("The results would lie among what is read. Choose another folder for them.")
    else:
        inputs = tuple(out / SOURCES / f"{bpy.path.clean_name(group[0].name)}.glb" for group in characters(context))
    command = batch.workers()
    return Wish(
        inputs,
        out,
        (asked.format,),
        rig_options(options, bind=options.bind),
        Workers(command("gltf"), command("blender"), command("gallery")),
        asked.at_once,
        picture=asked.picture,
        gallery=asked.gallery,
        only="failed" if failed else "",
    )


def characters(context: bpy.types.Context) -> list[list[bpy.types.Object]]:
    """The selected meshes, those below one parent together: each group is one character."""
    groups: dict[bpy.types.Object, list[bpy.types.Object]] = {}
    for item in sorted(context.selected_objects, key=lambda item: item.name):
        if item.type == "MESH" and not is_preview(item):
            top = item
            while top.parent is not None:
                top = top.parent
            groups.setdefault(top, []).append(item)
    return list(groups.values())


def write_selected(context: bpy.types.Context, files: Sequence[Path]) -> Iterator[None]:
    """Write each selected character to its file, one at each step, whenever the user is in object mode."""
    groups = [[item.name for item in group] for group in characters(context)]
    return _write_all(list(zip(groups, files, strict=True)))


def _write_all(found: list[tuple[list[str], Path]]) -> Iterator[None]:
    from ...scene.export.selected import write_objects

    for names, file in found:
        yield
        while bpy.context.mode != "OBJECT":
            yield
        write_objects(bpy.context, [bpy.data.objects[name] for name in names if name in bpy.data.objects], file)


CLASSES = (BONEWRIGHT_OT_batch, BONEWRIGHT_OT_cancel_batch)
