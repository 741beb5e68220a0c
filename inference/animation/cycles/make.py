"""Armature -> Clip: one of the motions that are computed, for bodies that can do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from ...anatomy import Armature, Clip
from ...errors import BadRequestError
from ..clips import heads_of
from ..limits import beyond, within_limits
from ..retarget import moved_out
from .afloat import FLAP, STROKE, fly, swim
from .gait import PACES, RUN, TROT, WALK, Gait, step_along
from .stage import Stage, set_stage
from .standing import BREATH, idle, wave

Cycle = Literal["walk", "run", "idle", "wave", "fly", "swim"]
CYCLES: tuple[Cycle, ...] = ("walk", "run", "idle", "wave", "fly", "swim")
_STEPS = (1.0, 0.75, 0.5, 0.3)  # shares of the usual steps: the largest that no joint is too stiff for
_STILL: dict[Cycle, tuple[Callable[[Stage, int, float], tuple[np.ndarray, np.ndarray]], float]] = {
    "idle": (idle, BREATH),
    "wave": (wave, BREATH),
    "fly": (fly, FLAP),
    "swim": (swim, STROKE),
}


def cycles_for(target: Armature) -> tuple[Cycle, ...]:
    """What a body can do."""
    return _possible(set_stage(target))


def make_cycle(
    target: Armature, cycle: Cycle, seconds: float = 4.0, rate: float = 24.0, *, in_place: bool = False
) -> Clip:
    """The motion for an armature in its own coordinates: whole rounds, `seconds` or a little more, that can be looped.

    With `in_place`, a body that walks stays where it is.
    """
    stage = set_stage(target)
    able = _possible(stage)
    if cycle not in able:
        raise BadRequestError(f"This body cannot {cycle}. It can: {', '.join(able)}.")
    turns, roots, downs, length = _one_round(stage, cycle, rate)
    rounds = max(int(np.ceil(seconds / length - 1e-6)), 1)
    frames = len(turns) - 1
    way = roots[-1] - roots[0]
    turns = np.concatenate([np.tile(turns[:-1], (rounds, 1, 1, 1)), turns[-1:]])
    roots = np.concatenate([*(roots[:-1] + number * way for number in range(rounds)), roots[-1:] + (rounds - 1) * way])
    if in_place:
        roots = roots - np.arange(len(roots))[:, None] / frames * way
    marks = [
        (number * frames + frame, f"{leg.name} down")
        for leg, own in zip(stage.legs, downs, strict=False)
        for frame in own
        for number in range(rounds)
    ]
    return moved_out(cycle, target, stage.body, turns, roots, rate, tuple(sorted(marks)))


def _one_round(stage: Stage, cycle: Cycle, rate: float) -> tuple[np.ndarray, np.ndarray, list[list[int]], float]:
    """Turns (T, B, 3, 3) and roots (T, 3) of one round, when each foot comes down in it, and its seconds.

    Its last frame is its first one, further on.
    """
    if cycle not in ("walk", "run"):
        make, length = _STILL[cycle]
        turns, roots = make(stage, 1, rate)
        return within_limits(stage.armature, stage.armature.names, turns), roots, [], length
    gait = _gait(stage, cycle)
    each = round(gait.seconds * rate)
    turns, roots, downs = _three_steps(stage, gait, rate)
    middle = slice(each, 2 * each + 1)  # what is before and after it is as in any round
    turns, roots = turns[middle], roots[middle] - (roots[each] - roots[0])
    within = within_limits(stage.armature, stage.armature.names, turns)
    own = [[frame - each for frame in frames if each <= frame < 2 * each] for frames in downs]
    return within, roots, own, gait.seconds


def _three_steps(stage: Stage, gait: Gait, rate: float) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Three rounds in the largest steps that no joint is too stiff for."""
    for size in _STEPS[:-1]:
        found = step_along(stage, _smaller(gait, size), 3, rate)
        if not beyond(stage.armature, stage.armature.names, found[0]).any():
            return found
    return step_along(stage, _smaller(gait, _STEPS[-1]), 3, rate)


def _possible(stage: Stage) -> tuple[Cycle, ...]:
    feet = len(stage.legs)
    able: list[Cycle] = ["walk", "run"] if feet in (2, 4) else []
    able.append("idle")
    if stage.arms and feet:
        able.append("wave")
    if stage.wings:
        able.append("fly")
    if not feet and len(stage.trunk) + len(stage.tail) > 1:
        able.append("swim")
    return tuple(able)


def _gait(stage: Stage, cycle: Cycle) -> Gait:
    four = any(".front" in leg.name for leg in stage.legs)
    return (PACES if four else WALK) if cycle == "walk" else (TROT if four else RUN)


def _smaller(gait: Gait, size: float) -> Gait:
    """The gait in smaller steps."""
    return replace(gait, stride=size * gait.stride, lift=size * gait.lift, tuck=size * gait.tuck, arm=size * gait.arm)


def balls_of(clip: Clip, stage: Stage) -> list[np.ndarray]:
    """Where the balls of the feet are, (T, 3) each, in the canonical frame."""
    axes = stage.body.frame.axes
    turns = axes @ clip.turns @ axes.T
    heads = heads_of(stage.armature, turns, (clip.heads[:, 0] - clip.armature.heads[0]) @ axes.T)
    return [heads[:, leg.foot] + turns[:, leg.foot] @ (leg.ball - stage.armature.heads[leg.foot]) for leg in stage.legs]
