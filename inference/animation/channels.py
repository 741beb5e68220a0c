"""A clip as what is keyed: how each bone is turned and moved away from where its parent carries it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..anatomy import Clip
from .turns import continuous, to_quaternions

STILL = 1e-7  # quaternions that differ by no more are the same
STAYS = 1e-5  # of the size: what is moved by less is not moved


@dataclass(frozen=True)
class BoneKeys:
    """The keys of one bone, in its own rest axes."""

    name: str
    quaternions: np.ndarray  # (T, 4) w, x, y, z; (1, 4) where they never change
    places: np.ndarray | None  # (T, 3); None where it stays on its parent


def channel(clip: Clip, name: str, rest: np.ndarray, bone: int, parent: int) -> BoneKeys:
    """The keys of a bone that rests at `rest` (4, 4), goes with `bone` of the clip and hangs on its `parent`."""
    turns, above = clip.turns[:, bone], clip.turns[:, parent] if parent >= 0 else np.eye(3)[None]
    axes, place = rest[:3, :3], rest[:3, 3]
    own = axes.T @ above.transpose(0, 2, 1) @ turns @ axes
    at = clip.heads[:, bone] + turns @ (place - clip.armature.heads[bone])
    carried = place[None] if parent < 0 else clip.heads[:, parent] + above @ (place - clip.armature.heads[parent])
    moved = np.einsum("tji,tj->ti", above @ axes, at - carried)
    size = float(np.ptp(clip.armature.heads, axis=0).max())
    stays = bool(np.abs(moved).max() < STAYS * max(size, 1e-12))
    turned = continuous(to_quaternions(own))
    still = bool(np.abs(turned - turned[0]).max() < STILL)
    return BoneKeys(name, turned[:1] if still else turned, None if stays else moved)
