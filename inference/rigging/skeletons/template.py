"""Template: somebody else's skeleton, to be fitted to a character with its own names and rest axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import Armature, Array
from ...axes import bone_axes
from ...errors import BadArmatureError
from ..rest.body import named_body


@dataclass(frozen=True)
class Template:
    """A skeleton at rest in the canonical frame: its left at +X, facing -Y, standing on +Z. Parents come first."""

    title: str
    names: tuple[str, ...]  # (B,) unique
    parents: Array  # (B,) int32, -1 for roots
    heads: Array  # (B, 3) joints, in any unit
    axes: Array  # (B, 3, 3) rows are the joints' own x, y and z at rest; y need not lead to the next joint
    parts: tuple[str, ...]  # (B,) what we would call each bone; "" for what no body has
    ends: Array  # (B, 3) where each bone leads: the joint that follows it in the body, or its tip
    helpers: tuple[str, ...] = ()  # bones that serve programs and stand for no joint of a body
    along: bool = False  # its axes are laid along the bones of whatever pose it is given, as Rigify does

    @property
    def place(self) -> dict[str, int]:
        """What we would call a bone -> its number."""
        return {part: bone for bone, part in enumerate(self.parts) if part}


def template_from(armature: Armature, title: str, axes: Array | None = None) -> Template:
    """The template of an armature in any frame; its axes are the bones' own, or `axes` (B, 3, 3) in the same frame.

    Raises BadArmatureError where its bones are no body that is known by name or by shape.
    """
    if not len(armature.names):
        raise BadArmatureError(f"'{title}' has no bones, so it is no skeleton to fit. Choose another.")
    body = named_body(armature)
    inside = body.armature
    found = bone_axes(armature.heads, armature.tails, armature.rolls) if axes is None else axes
    known = set(inside.names) - set(armature.names)  # what was recognised ...
    known |= {name for name in armature.names if name in body.place and is_part(name)}  # ... or is called as we do
    return Template(
        title,
        armature.names,
        armature.parents,
        inside.heads,
        found @ body.frame.axes.T,
        tuple(name if name in known and is_part(name) else "" for name in inside.names),
        body.ends,
    )


def bare_armature(parts: tuple[str, ...], parents: Array, heads: Array, ends: Array) -> Armature:
    """Joints of a body under our names; of axes and flesh it says nothing."""
    count = len(parts)
    return Armature(
        parts,
        parents,
        heads,
        ends,
        np.zeros(count),
        np.zeros(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.zeros((count, 2)),
        "biped",
    )


_PARTS = ("hips", "spine", "chest", "neck", "head", "shoulder", "upper_arm", "forearm", "hand", "thigh", "shin")
_PARTS += ("foot", "toe", "f_", "thumb")


def is_part(name: str) -> bool:
    """Whether one of our names is a joint that two-legged bodies have."""
    return name.startswith(_PARTS) and ".twist" not in name and not name.endswith((".end", ".own"))
