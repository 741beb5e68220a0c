"""What is remembered of how good a rig is, as panels and reports say it."""

from __future__ import annotations

from typing import Literal

import bpy

from ...inference.kinds import KINDS
from ...inference.verdicts import verdict_line
from ..typed import armature_data, record_of

Icon = Literal["CHECKMARK", "INFO", "ERROR", "QUESTION", "FILE_REFRESH"]


def announcement(armature: bpy.types.Object, changed: str | None = None) -> str:
    """What the armature is and how good it is: "Biped, 22 bones. Good". `changed`, if known, spares a comparison."""
    data = armature_data(armature)
    known = {str(kind): facts.label for kind, facts in KINDS.items()}
    kind = known.get(str(data.get("bonewright_kind", "")), "Armature")
    count = len(data.bones)
    return f"{kind}, {count} {'bone' if count == 1 else 'bones'}. {line_of(armature, changed)}"


def line_of(armature: bpy.types.Object, changed: str | None = None) -> str:
    """The one line about how good it is, or what has changed since that was known."""
    if changed is None:
        changed = changed_since(armature)
    if changed:
        return f"Changed since ({changed}): Check Again, or Bind again"
    record = record_of(armature)
    return verdict_line(record.verdict, [reason for reason in record.reasons.split("\n") if reason])


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
