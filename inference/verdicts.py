"""What is said of a rig in one line: good, something to look at, or probably wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Verdict = Literal["good", "look", "wrong"]


def verdict_line(verdict: str, reasons: Sequence[str]) -> str:
    """The one sentence for users; `reasons` name what speaks against the rig, the weightiest first."""
    named = ", ".join(reasons)
    match verdict:
        case "good":
            return "Good"
        case "look":
            things = "1 thing" if len(reasons) == 1 else f"{len(reasons)} things"
            return f"Look at {things}: {named}" if reasons else "Look at it again"
        case "wrong":
            return f"Probably wrong: {named}" if reasons else "Probably wrong"
        case _:
            return "Not judged yet"
