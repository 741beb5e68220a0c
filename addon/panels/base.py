"""What all panels share: the tab they stand in, and the bar of what is under way."""

from __future__ import annotations

import bpy

from ..compat import put
from ..languages import tr
from ..networks import HOW_TO_GET, PACKAGE
from ..scene.characters import active_armature
from ..scene.verdict import changed_since
from ..session import jobs
from ..session.state import Rig, Seen, Session
from ..typed import PanelMixin, record_of
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


def look(context: bpy.types.Context) -> Session:
    """What the panel shows, now that it is drawn with this armature at hand."""
    armature = active_armature(context)
    rig = None
    if armature is not None:
        rig = Rig(armature.name, record_of(armature).reported, changed_since(armature))
    jobs.send(Seen(rig))
    return jobs.state()


def draw_progress(layout: bpy.types.UILayout) -> bool:
    """A bar and a Cancel button while a job runs."""
    work = jobs.running()
    if work is None:
        return False
    row = layout.row(align=True)
    row.scale_y = 1.6
    row.progress(factor=work.fraction, text=work.message or work.title)
    row.operator("bonewright.cancel", text="", icon="X")
    if work.lost:
        layout.label(text=tr("'{}' is gone", work.lost[0]), icon="ERROR")
    return True
