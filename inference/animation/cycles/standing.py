"""Idle and wave: a body that stays where it is."""

from __future__ import annotations

import numpy as np

from ..contact import on_their_feet
from ..limits import within_limits
from .stage import ACROSS, ALONG, UP, Stage, beats, side_of_bone, swung

BREATH, WAVES = 4.0, 0.6  # seconds of one breath, and of one wave of the hand
RAISED = 35.0  # degrees above the horizontal that the waving arm is raised


def idle(stage: Stage, rounds: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Breathing, a little sway, a look around: turns (T, B, 3, 3) and roots (T, 3)."""
    beat = beats(BREATH, rounds, rate)
    return _on_the_spot(stage, _breathing(stage, beat), beat, rate)


def wave(stage: Stage, rounds: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """The right arm is raised, the hand goes to and fro, the arm is lowered again."""
    beat = beats(BREATH, rounds, rate)
    time = np.arange(len(beat)) / rate
    extra = _breathing(stage, beat)
    share = np.clip(np.minimum(time, time[-1] - time) / 0.8, 0.0, 1.0)
    share = share**2 * (3.0 - 2.0 * share)
    arm = next((bone for bone in stage.arms if side_of_bone(stage, bone) < 0), stage.arms[0])
    side = side_of_bone(stage, arm)
    hangs = stage.base[arm] @ stage.body.ways[arm]
    down = np.degrees(np.arctan2(-hangs[2], abs(hangs[0])))
    extra[arm] = swung(ALONG, -side * share * (down + RAISED))
    mark = ".L" if side > 0 else ".R"
    elbow, wrist = (stage.body.place.get(f"{part}{mark}") for part in ("forearm", "hand"))
    fro = np.sin(2.0 * np.pi * time / WAVES) * share
    if elbow is not None:
        extra[elbow] = swung(ALONG, -side * (share * 40.0 + 14.0 * fro))
    if wrist is not None:
        extra[wrist] = swung(ALONG, -side * 16.0 * np.roll(fro, 2))
    return _on_the_spot(stage, extra, beat, rate)


def _breathing(stage: Stage, beat: np.ndarray) -> dict[int, np.ndarray]:
    extra: dict[int, np.ndarray] = {}
    root = stage.armature.parents.tolist().index(-1)
    links = max(len(stage.trunk), 1)
    for bone in stage.trunk:
        if bone != root:
            extra[bone] = swung(ACROSS, -2.5 / links * np.sin(beat))
    for bone in stage.head[-1:]:
        extra[bone] = swung(UP, 5.0 * np.sin(0.5 * beat) ** 2 * np.sign(np.sin(0.5 * beat) + 1e-9))
    for bone in stage.arms:
        extra[bone] = swung(ALONG, -side_of_bone(stage, bone) * 1.5 * (1.0 - np.cos(beat)))
    for bone in stage.wings:
        extra[bone] = swung(ALONG, -side_of_bone(stage, bone) * 1.0 * (1.0 - np.cos(beat)))
    for link, bone in enumerate(stage.tail):
        extra[bone] = swung(UP, 4.0 * np.sin(beat - 0.6 * link))
    return extra


def _on_the_spot(
    stage: Stage, extra: dict[int, np.ndarray], beat: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Feet stay on the ground while the body sways over them."""
    frames = len(beat)
    sway = 0.012 * stage.leg
    roots = ACROSS * (sway * np.sin(beat))[:, None] - UP * (0.6 * sway * (1.0 + np.cos(beat)))[:, None]
    turns = within_limits(stage.armature, stage.armature.names, stage.turns(extra, frames))
    if not stage.legs:
        return turns, roots
    ways = [np.tile(leg.ball, (frames, 1)) for leg in stage.legs]
    return on_their_feet(stage.armature, stage.legs, turns, roots, ways, rate)
