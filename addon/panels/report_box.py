"""How panels show a report: the verdict in one line, numbers, and warnings that a click leads to."""

from __future__ import annotations

from typing import Literal

import blf
import bpy

from ..compat import put
from ..languages import tr
from ..properties import METHODS
from ..scene.verdict import Icon, announcement, icon_of, line_of
from ..session.state import Failure
from ..typed import record_of

JOINTS_FROM = {name: label for name, label, _ in METHODS}
_EDGES = 110  # pixels at scale 1 that tabs, borders and an icon take from a line


def draw_announcement(
    layout: bpy.types.UILayout, context: bpy.types.Context, armature: bpy.types.Object, changed: str
) -> None:
    """What the armature is and how good it is, or what has changed since that was known."""
    draw_text(layout, context, announcement(armature, changed), icon_of(armature, changed))


def draw_failure(layout: bpy.types.UILayout, context: bpy.types.Context, failure: Failure) -> None:
    """Why the last job failed, until it has been read or another one begins."""
    row = layout.box().row()
    draw_text(row, context, f"{tr(failure.title)}: {tr(failure.message)}", "ERROR")
    row.operator("bonewright.dismiss", text="", icon="X", emboss=False)


def draw_report(
    layout: bpy.types.UILayout, context: bpy.types.Context, armature: bpy.types.Object, changed: str
) -> None:
    """The verdict, then numbers, then what to look at: a click goes there."""
    record = record_of(armature)
    box = layout.box()
    draw_text(box, context, line_of(armature, changed), icon_of(armature, changed))
    column = box.column()
    column.active = not changed  # grey where it is no longer true
    rows = [
        (tr("Surface no bone is near"), f"{100 * record.forgotten:.0f} %"),
        (tr("Bones inside the mesh"), f"{100 * record.inside:.0f} %"),
        (tr("Stretch in test poses"), f"{record.stretch:.2f}" if record.stretch else tr("not bound")),
        (tr("Joints"), tr(JOINTS_FROM[record.method]) if record.method in JOINTS_FROM else tr("by hand")),
    ]
    if record.device:
        rows.append(("Networks ran on", record.device))
    for label, value in rows:
        row = column.split(factor=0.7)
        row.label(text=label)
        row.label(text=value)
    if record.keys:
        draw_text(column, context, tr("Shape keys that count: {}", record.keys), "SHAPEKEY_DATA")
    for index, warning in enumerate(record.warnings):
        row = column.row()
        if warning.bones or warning.vertices:
            put(row.operator("bonewright.show_warning", text="", icon="ERROR"), index=index)
            draw_text(row, context, warning.message)
        else:
            draw_text(row, context, warning.message, "ERROR")


def draw_text(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    text: str,
    icon: Icon | Literal["SHAPEKEY_DATA", "NONE"] = "NONE",
) -> None:
    """Draw `text` whole, in as many lines as the region's width makes of it."""
    text = tr(text)
    scale = context.preferences.system.ui_scale
    room = (context.region.width if context.region is not None else 300) - _EDGES * scale
    column = layout.column(align=True)
    column.scale_y = 0.8
    for place, line in enumerate(lines_of(text, room, 11 * scale)):
        column.label(text=line, icon=icon if place == 0 or icon == "NONE" else "BLANK1")


def lines_of(text: str, room: float, size: float) -> list[str]:
    """Break `text` into lines at most `room` pixels wide, in the interface's font of `size` points.

    Between words, and within one that fills a line by itself, as sentences of Chinese and Japanese do.
    """
    blf.size(0, size)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if blf.dimensions(0, longer)[0] <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and blf.dimensions(0, lines[-1] + letter)[0] > room:
                lines.append("")
            lines[-1] += letter
    return lines
