"""What can be asked of the backend: plain requests. The one place where an option is defined, with its help text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["auto", "humanoid", "quadruped", "creature", "object"]
Density = Literal["few", "normal", "many"]
SymmetryMode = Literal["auto", "off"]


@dataclass(frozen=True)
class RigOptions:
    """How a mesh is rigged."""

    kind: Kind = "auto"
    """What the mesh is; auto finds out."""
    density: Density = "normal"
    """How many bones: few (the main limbs), normal, many (fingers, toes and fine chains)."""
    symmetry: SymmetryMode = "auto"
    """auto: mirror the bones exactly when the shape is symmetric; off: never."""
    influences: int = 4
    """The most bones that may move one vertex (1 to 16)."""
    bind: bool = True
    """Compute skin weights too."""
    seed: int = 0
    """The same seed gives the same rig, byte for byte."""
