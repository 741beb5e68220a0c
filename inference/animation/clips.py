"""Clips: what holds of an armature in motion, whatever moves it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy import Armature, Clip
from .turns import between


def heads_of(armature: Armature, turns: np.ndarray, roots: np.ndarray) -> np.ndarray:
    """Where the heads of bones are, (T, B, 3), when they turn (T, B, 3, 3) and bones without a parent are `roots`.

    `roots` (T, 3) is how far those are moved from their rest.
    """
    heads = np.empty((len(turns), len(armature.names), 3))
    for bone, parent in enumerate(armature.parents):  # parents come first
        if parent < 0:
            heads[:, bone] = armature.heads[bone] + roots
        else:
            heads[:, bone] = heads[:, parent] + turns[:, parent] @ (armature.heads[bone] - armature.heads[parent])
    return heads


def carried(clip: Clip, bone: int, point: np.ndarray) -> np.ndarray:
    """Where a bone takes a point (3,) of the rest pose, (T, 3)."""
    return clip.heads[:, bone] + clip.turns[:, bone] @ (point - clip.armature.heads[bone])


def at_rate(clip: Clip, rate: float) -> Clip:
    """The clip in other frames a second; as long as it was."""
    count = max(round((len(clip.turns) - 1) * rate / clip.rate), 0) + 1
    if count == len(clip.turns):
        return replace(clip, rate=rate)
    at = np.linspace(0.0, len(clip.turns) - 1.0, count)
    low = np.minimum(at.astype(int), len(clip.turns) - 1)
    high, share = np.minimum(low + 1, len(clip.turns) - 1), at - low
    bones = len(clip.armature.names)
    first, second = (clip.turns[frames].reshape(-1, 3, 3) for frames in (low, high))
    turns = between(first, second, np.repeat(share, bones)).reshape(count, bones, 3, 3)
    heads = (1 - share)[:, None, None] * clip.heads[low] + share[:, None, None] * clip.heads[high]
    marks = tuple((round(frame * rate / clip.rate), name) for frame, name in clip.marks)
    return replace(clip, turns=turns, heads=heads, rate=rate, marks=marks)


def composed(armature: Armature, base: np.ndarray, extra: dict[int, np.ndarray], frames: int) -> np.ndarray:
    """Turns (T, B, 3, 3): each bone rests in `base` (B, 3, 3) and is turned by `extra` (T, 3, 3) where that has it.

    What is extra is told in the axes of the armature, and carried along by the bones above.
    """
    turns = np.empty((frames, len(armature.names), 3, 3))
    for bone, parent in enumerate(armature.parents):
        above = turns[:, parent] @ base[parent].T if parent >= 0 else np.broadcast_to(np.eye(3), (frames, 3, 3))
        turns[:, bone] = (above @ extra[bone] if bone in extra else above) @ base[bone]
    return turns


def replaced(armature: Armature, turns: np.ndarray, fresh: dict[int, np.ndarray]) -> np.ndarray:
    """Turns (T, B, 3, 3) with those of some bones replaced; all others turn against their parent as they did."""
    result = turns.copy()
    for bone, parent in enumerate(armature.parents):
        if bone in fresh:
            result[:, bone] = fresh[bone]
        elif parent >= 0:
            result[:, bone] = result[:, parent] @ turns[:, parent].transpose(0, 2, 1) @ turns[:, bone]
    return result
