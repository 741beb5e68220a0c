"""What all panels share: the tab they stand in, and the bar of what is under way."""

from __future__ import annotations

import bpy

from .. import session
from ..compat import put
from ..networks import HOW_TO_GET, PACKAGE
from ..typed import PanelMixin
from .report_box import draw_text


class InTab(PanelMixin):
    """Mix into a panel in the tab of the sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Bonewright"


def split_column(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    """A column with names on the left and values on the right."""
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    return column


def draw_get_weights(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How to get networks that are in the weights file, and a button that leads there."""
    draw_text(layout, context, HOW_TO_GET, "INFO")
    row = layout.row(align=True)
    put(row.operator("preferences.addon_show", text="Show in Preferences", icon="PREFERENCES"), module=PACKAGE)
    row.operator("bonewright.open_weights", text="", icon="FILE_FOLDER")


def draw_progress(layout: bpy.types.UILayout) -> bool:
    """A bar and a Cancel button while a job runs."""
    job = session.running()
    if job is None:
        return False
    ticket = job.ticket
    row = layout.row(align=True)
    row.scale_y = 1.6
    row.progress(factor=ticket.fraction, text=ticket.message or job.title)
    row.operator("bonewright.cancel", text="", icon="X")
    return True
