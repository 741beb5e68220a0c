"""What is remembered of how good a rig is, as panels and reports say it."""

from __future__ import annotations

from typing import Literal

from ...inference.verdicts import verdict_line
from ..properties import BONEWRIGHT_PG_rig

Icon = Literal["CHECKMARK", "INFO", "ERROR", "QUESTION"]


def line_of(record: BONEWRIGHT_PG_rig) -> str:
    """The one line about the armature that `record` belongs to."""
    return verdict_line(record.verdict, [reason for reason in record.reasons.split("\n") if reason])


def icon_of(record: BONEWRIGHT_PG_rig) -> Icon:
    """What stands before that line."""
    match record.verdict:
        case "good":
            return "CHECKMARK"
        case "look":
            return "INFO"
        case "wrong":
            return "ERROR"
        case _:
            return "QUESTION"
