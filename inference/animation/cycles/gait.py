"""Walk and run: feet that stand in turn, on two legs or on four, and a body that goes along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contact import on_their_feet
from ..legs import Leg
from ..limits import within_limits
from .stage import ACROSS, ALONG, UP, Stage, side_of_bone, swung


@dataclass(frozen=True)
class Gait:
    """How a body goes. Lengths in lengths of a leg, angles in degrees."""

    seconds: float  # of one round
    stride: float  # that the body goes in it
    standing: float  # share of the round that each foot stands
    lift: float  # of a foot
    bob: float  # of the body
    crouch: float  # how much lower the body is
    lean: float  # of the trunk
    arm: float  # swing of arms
    elbow: float  # how much more it is bent
    tuck: float  # how far a foot is turned back while it swings
    phases: tuple[float, float, float, float]  # of the round: hind left, hind right, front left, front right


WALK = Gait(1.1, 1.35, 0.62, 0.14, 0.02, 0.035, 2.0, 22.0, 6.0, 28.0, (0.0, 0.5, 0.0, 0.0))
RUN = Gait(0.7, 2.1, 0.36, 0.3, 0.05, 0.08, 9.0, 38.0, 55.0, 45.0, (0.0, 0.5, 0.0, 0.0))
PACES = Gait(1.2, 1.1, 0.64, 0.16, 0.012, 0.03, 0.0, 0.0, 0.0, 30.0, (0.0, 0.5, 0.25, 0.75))
TROT = Gait(0.6, 1.5, 0.46, 0.24, 0.035, 0.07, 0.0, 0.0, 0.0, 45.0, (0.0, 0.5, 0.5, 0.0))


def step_along(stage: Stage, gait: Gait, rounds: int, rate: float) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Turns (T, B, 3, 3), roots (T, 3), and the frames at which each leg's foot comes down."""
    each = round(gait.seconds * rate)
    phase = np.arange(rounds * each + 1) / each
    frames = len(phase)
    beat = 2.0 * np.pi * phase
    unit = stage.leg
    two = not any(".front" in leg.name for leg in stage.legs)
    ahead = -ALONG * gait.stride * unit
    roots = phase[:, None] * ahead
    roots = roots - UP * (gait.crouch * unit + gait.bob * unit * np.cos(2.0 * beat))[:, None]
    if two:
        roots = roots + ACROSS * (0.03 * unit * np.sin(beat))[:, None]
    turns = within_limits(stage.armature, stage.armature.names, stage.turns(_swinging(stage, gait, beat), frames))
    ways, downs = [], []
    for leg in stage.legs:
        own = phase + _phase(leg, gait)
        way, pitch = _foot(leg, gait, own, phase, ahead, unit)
        turns[:, leg.foot] = swung(ACROSS, pitch) @ stage.base[leg.foot]
        for toe in np.flatnonzero(stage.armature.parents == leg.foot):
            turns[:, toe] = swung(ACROSS, np.minimum(pitch, 0.0)) @ stage.base[toe]
        ways.append(way)
        rises = np.flatnonzero(np.diff(np.floor(own + 1e-9)) > 0) + 1
        downs.append(rises.tolist())
    turns, roots = on_their_feet(stage.armature, stage.legs, turns, roots, ways, rate)
    return turns, roots, downs


def _phase(leg: Leg, gait: Gait) -> float:
    hind_left, hind_right, front_left, front_right = gait.phases
    left = leg.name.endswith(".L")
    if ".front" in leg.name:
        return front_left if left else front_right
    return hind_left if left else hind_right


def _foot(
    leg: Leg, gait: Gait, own: np.ndarray, phase: np.ndarray, ahead: np.ndarray, unit: float
) -> tuple[np.ndarray, np.ndarray]:
    """The way of a ball (T, 3), and how far the foot is turned about the left, degrees (T,).

    It stands from the beginning of its round, half a standing ahead of its place under the body.
    """
    turn = np.floor(own + 1e-9)
    share = own - turn
    swing = np.clip((share - gait.standing) / (1.0 - gait.standing), 0.0, 1.0)
    smooth = swing**2 * (3.0 - 2.0 * swing)
    begun = turn - (own - phase)[0] + 0.5 * gait.standing  # rounds of the body when it passes over the foot
    way = leg.ball + (begun + smooth)[:, None] * ahead + UP * (gait.lift * unit * np.sin(np.pi * swing))[:, None]
    rise = np.clip((share - 0.6 * gait.standing) / (0.4 * gait.standing), 0.0, 1.0) ** 2
    pitch = gait.tuck * np.where(swing > 0, np.cos(0.5 * np.pi * np.clip(1.6 * swing, 0.0, 1.0)), rise)
    return way, pitch


def _swinging(stage: Stage, gait: Gait, beat: np.ndarray) -> dict[int, np.ndarray]:
    """What trunk, arms, head and tail do; told in the axes of the body."""
    extra: dict[int, np.ndarray] = {}
    two = not any(".front" in leg.name for leg in stage.legs)
    twist = 5.0 if two else 2.0
    root = stage.armature.parents.tolist().index(-1)
    extra[root] = swung(UP, twist * np.sin(beat + 0.5)) @ swung(ACROSS, np.full(len(beat), gait.lean))
    links = max(len(stage.trunk), 1)
    for bone in stage.trunk:
        if bone != root:
            extra[bone] = swung(UP, -2.0 * twist / links * np.sin(beat + 0.5))
    for bone in stage.head[-1:]:
        extra[bone] = swung(UP, twist * np.sin(beat + 0.5)) @ swung(ACROSS, np.full(len(beat), -0.8 * gait.lean))
    for bone in stage.arms:
        side = side_of_bone(stage, bone)
        extra[bone] = swung(ACROSS, side * gait.arm * np.cos(beat + 0.4))
        elbow = stage.body.place.get(f"forearm{'.L' if side > 0 else '.R'}")
        if elbow is not None:
            bend = gait.elbow * (1.0 - 0.3 * side * np.cos(beat + 0.4))
            extra[elbow] = swung(ACROSS, -bend)
    for link, bone in enumerate(stage.tail):
        extra[bone] = swung(UP, 5.0 * np.sin(beat - 0.7 * link))
    return extra
