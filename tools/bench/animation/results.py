"""What is found out about controls."""

from __future__ import annotations

from dataclasses import dataclass

AT_REST = 1e-4  # of the size: what moves by less stays


@dataclass(frozen=True)
class Moved:
    """One limb moved by its control."""

    control: str
    off: float  # how far its end is from where it should be, as a share of the height
    natural: float  # how far its middle joint points where it should: 1 exactly there, below 0 the wrong way


@dataclass(frozen=True)
class Controlled:
    """One character with controls."""

    limbs: tuple[Moved, ...]
    rest: float  # the most that a vertex moved when the controls took over, as a share of the size
    bones: int
    back: bool  # whether the plain armature moves the mesh as before, once the controls are gone
