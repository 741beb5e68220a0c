"""How fast to learn at a step: a pure function, so there is no scheduler whose state could be lost."""

from __future__ import annotations

import math

from .recipe import Moment, Objective, Stage


def share_of_rate(stage: Stage, step: int) -> float:
    """What the learning rate is multiplied with in `step` of the stage: a straight rise, then down to the floor."""
    if step < stage.warmup:
        return (step + 1) / (stage.warmup + 1)
    if stage.schedule == "constant":
        return 1.0
    done = (step - stage.warmup) / max(stage.steps - 1 - stage.warmup, 1)
    left = 1 - done if stage.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
    return stage.floor + (1 - stage.floor) * left


def total_steps(stages: tuple[Stage, ...]) -> int:
    """Steps of the whole training."""
    return sum(stage.steps for stage in stages)


def stage_of(stages: tuple[Stage, ...], total_step: int) -> int:
    """Which stage a step of the whole training belongs to; the last one, past the end."""
    ends = 0
    for index, stage in enumerate(stages):
        ends += stage.steps
        if total_step < ends:
            return index
    return len(stages) - 1


def moment_of(stages: tuple[Stage, ...], total_step: int, objective: Objective) -> Moment:
    """The moment of an objective in a step of the whole training."""
    index = stage_of(stages, total_step)
    return Moment(stages[index], objective.name, total_step - total_steps(stages[:index]), total_step)
