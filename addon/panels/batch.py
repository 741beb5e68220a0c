"""Batch: many assets, with what has come of each."""

from __future__ import annotations

from typing import Literal

import bpy

from ..compat import put
from ..languages import tr
from ..properties import BONEWRIGHT_PG_row
from ..session import batch
from ..typed import batch_rows, layout_of, settings_of
from .base import InTab, split_column
from .report_box import draw_text

_Icon = Literal["BLANK1", "SORTTIME", "CHECKMARK", "INFO", "ERROR", "CANCEL"]
ICONS: dict[str, _Icon] = {
    "waiting": "BLANK1",
    "working": "SORTTIME",
    "good": "CHECKMARK",
    "look": "INFO",
    "wrong": "ERROR",
    "failed": "CANCEL",
}
_ROWS = 6


class BONEWRIGHT_UL_assets(bpy.types.UIList):
    """The assets of a batch"""

    bl_idname = "BONEWRIGHT_UL_assets"

    def draw_item(  # pyright: ignore[reportIncompatibleMethodOverride] the stubs do not know what is never None
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: object,
        item: BONEWRIGHT_PG_row,
        icon: int,
        active_data: object,
        active_property: str,
        index: int,
        flags: int,
    ) -> None:
        layout.row(align=True).label(text=item.name, icon=ICONS[item.stand or "waiting"], translate=False)


class BONEWRIGHT_PT_batch(InTab, bpy.types.Panel):
    bl_label = "Batch"
    bl_idname = "BONEWRIGHT_PT_batch"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    def draw(self, context: bpy.types.Context) -> None:
        layout = layout_of(self)
        asked, state = settings_of(context.scene).batch, batch.state()
        column = split_column(layout)
        column.enabled = not state.busy
        column.row().prop(asked, "source", expand=True)
        if asked.source == "FOLDER":
            column.prop(asked, "folder")
        for name in ("out", "format", "picture", "gallery", "at_once"):
            column.prop(asked, name)
        row = layout.row(align=True)
        row.scale_y = 1.4
        if state.busy:
            row.progress(factor=state.fraction, text=_progress(state))
            row.operator("bonewright.cancel_batch", text="", icon="X")
        else:
            label = tr("Go On") if state.cancelled else tr("Rig All")
            row.operator("bonewright.batch", text=label, icon="OUTLINER_OB_ARMATURE")
        if state.failed:
            draw_text(layout, context, state.message, "ERROR")
        if state.rows:
            _draw_rows(layout, context, state)


def _progress(state: batch.Batch) -> str:
    if state.phase == "writing":
        return tr("Writing files")
    return tr(state.message) if state.message else f"{state.over} / {len(state.rows)}"


def _draw_rows(layout: bpy.types.UILayout, context: bpy.types.Context, state: batch.Batch) -> None:
    """The list, what is known of the chosen asset, and what may be done now."""
    told = batch_rows(context.window_manager)
    layout.template_list("BONEWRIGHT_UL_assets", "", told, "rows", told, "active", rows=_ROWS)
    if 0 <= told.active < len(told.rows) and told.rows[told.active].text:
        draw_text(layout, context, told.rows[told.active].text)
    if state.failures:
        layout.label(text=tr("{} of {} failed", state.failures, len(state.rows)), icon="CANCEL")
        put(layout.operator("bonewright.batch", text="Try Failed Again", icon="FILE_REFRESH"), failed=True)
    column = layout.column(align=True)
    column.operator("bonewright.batch_bring", icon="IMPORT")
    column.operator("bonewright.batch_gallery", icon="URL")
    column.operator("bonewright.batch_folder", icon="FILE_FOLDER")


CLASSES = (BONEWRIGHT_UL_assets, BONEWRIGHT_PT_batch)
