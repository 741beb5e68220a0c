"""Fly and swim: wings that beat, and waves that run through a body."""

from __future__ import annotations

import numpy as np

from .stage import ACROSS, ALONG, UP, Stage, beats, side_of_bone, swung

FLAP, STROKE = 0.6, 1.4  # seconds of one beat of the wings, and of one wave of the body


def fly(stage: Stage, rounds: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Wings beat, their tips later than their roots; legs are drawn back, the body goes up and down against them."""
    beat = beats(FLAP, rounds, rate)
    frames = len(beat)
    extra: dict[int, np.ndarray] = {}
    for bone in stage.wings:
        link = _link(stage, bone, stage.wings)
        reach = 38.0 if link == 0 else 20.0
        extra[bone] = swung(ALONG, -side_of_bone(stage, bone) * reach * np.sin(beat - 0.7 * link))
    for leg in stage.legs:
        if ".front" not in leg.name:
            extra[leg.upper] = swung(ACROSS, np.full(frames, 35.0))
            extra[leg.foot] = swung(ACROSS, np.full(frames, 25.0))
    for bone in stage.tail:
        extra[bone] = swung(ACROSS, 4.0 * np.sin(beat + 1.0))
    roots = UP * (0.04 * stage.size * -np.cos(beat + 0.6))[:, None]
    return stage.turns(extra, frames), roots - roots[0]


def swim(stage: Stage, rounds: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """A wave runs from head to tail and grows on its way; fins paddle."""
    beat = beats(STROKE, rounds, rate)
    frames = len(beat)
    front, back = stage.armature.heads[:, 1].min(), stage.armature.heads[:, 1].max()
    root = stage.armature.parents.tolist().index(-1)
    extra = {root: swung(UP, -3.0 * np.sin(beat))}
    line = sorted({*stage.trunk, *stage.tail, *stage.head} - {root})
    for bone in line:
        along = (stage.armature.heads[bone, 1] - front) / max(back - front, 1e-9)  # 0 at the snout, 1 at the tail
        size = (3.0 + 24.0 * along**1.5) * min(1.0, 6.0 / max(len(line), 1))
        extra[bone] = swung(UP, size * np.sin(beat - 4.0 * along))
    for bone, name in enumerate(stage.armature.names):
        if name.startswith("fin") and name.endswith((".L", ".R")):
            extra[bone] = swung(ALONG, -side_of_bone(stage, bone) * 12.0 * np.sin(beat - 0.8))
    roots = ACROSS * (0.012 * stage.size * np.sin(beat))[:, None]
    return stage.turns(extra, frames), roots


def _link(stage: Stage, bone: int, bones: tuple[int, ...]) -> int:
    """How many of `bones` lie between a bone and where they begin."""
    count, at = 0, int(stage.armature.parents[bone])
    while at in bones:
        count, at = count + 1, int(stage.armature.parents[at])
    return count
