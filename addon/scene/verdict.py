"""What is remembered of how good a rig is, as panels and reports say it."""

from __future__ import annotations

from typing import Literal

import bpy

from ...inference.kinds import KINDS
from ...inference.verdicts import verdict_line
from ..languages import tr
from ..typed import armature_data, record_of

WORDS = (  # of verdict_line and what_changed, for translators
    "Good",
    "Look at {} thing",
    "Look at {} things",
    "Look at it again",
    "Probably wrong",
    "Not judged yet",
    "bones",
    "meshes",
)
Icon = Literal["CHECKMARK", "INFO", "ERROR", "QUESTION", "FILE_REFRESH"]


def announcement(armature: bpy.types.Object, changed: str | None = None) -> str:
    """What the armature is and how good it is: "Biped, 22 bones. Good". `changed`, if known, spares a comparison."""
    data = armature_data(armature)
    known = {str(kind): facts.label for kind, facts in KINDS.items()}
    kind = known.get(str(data.get("bonewright_kind", "")), "Armature")
    count = len(data.bones)
    line = line_of(armature, changed)
    return tr("{}, 1 bone. {}", tr(kind), line) if count == 1 else tr("{}, {} bones. {}", tr(kind), count, line)


def line_of(armature: bpy.types.Object, changed: str | None = None) -> str:
    """The one line about how good it is, or what has changed since that was known."""
    if changed is None:
        changed = changed_since(armature)
    if changed:
        return tr("Changed since ({}): Check Again, or Bind again", tr(changed))
    record = record_of(armature)
    reasons = [reason for reason in record.reasons.split("\n") if reason]
    head, colon, named = verdict_line(record.verdict, reasons).partition(": ")
    count = str(len(reasons))
    return tr(head.replace(count, "{}")).format(count) + colon + named


def changed_since(armature: bpy.types.Object) -> str:
    """What is no longer as the report says: "bones", the name of a mesh, or nothing."""
    if not record_of(armature).reported:
        return ""
    from .freshness import what_changed  # NumPy waits until there is a report

    return what_changed(armature)


def icon_of(armature: bpy.types.Object, changed: str | None = None) -> Icon:
    """What stands before that line."""
    if changed_since(armature) if changed is None else changed:
        return "FILE_REFRESH"
    match record_of(armature).verdict:
        case "good":
            return "CHECKMARK"
        case "look":
            return "INFO"
        case "wrong":
            return "ERROR"
        case _:
            return "QUESTION"
