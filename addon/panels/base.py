"""What all panels share: the tab they stand in, and the bar of what is under way."""

from __future__ import annotations

import bpy

from .. import session
from ..typed import PanelMixin


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
