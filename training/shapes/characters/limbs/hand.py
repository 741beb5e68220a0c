"""A hand by itself, with a piece of forearm."""

from __future__ import annotations

import numpy as np

from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from .arms import add_fingers


def hand(seed: int) -> KnownShape:
    """A left or right hand that points up, sideways or forwards."""
    plan = start("object", "hand", seed, 8)
    plan.symmetric = False
    side = 1 if plan.chance(0.5) else -1
    forward, thumbward = (
        (np.array([0.0, 0, 1]), np.array([0.0, -1, 0])),
        (np.array([1.0, 0, 0]), np.array([0.0, -1, 0])),
        (np.array([0.0, -1, 0]), np.array([-1.0, 0, 0])),
    )[int(plan.rng.integers(3))]
    palm = np.cross(forward, thumbward) * (1 if plan.chance(0.5) else -1)
    wrist = np.zeros(3)
    grown = 1.0
    radius = plan.uniform(0.13, 0.19)
    stump = plan.uniform(0.25, 0.9)
    elbow = wrist - stump * forward
    arm = plan.chain(["forearm"], np.stack([elbow, wrist]), -1, side)
    bone = plan.chain(["hand"], np.stack([wrist, wrist + 0.48 * grown * forward]), arm[0], side)
    thick = radius * np.array([plan.uniform(1.1, 1.6), 1.05, 1.0])
    line = elbow + np.array([[0.0], [0.6], [1.05]]) * (wrist - elbow)
    plan.body(
        line, thick[:, None] * [1.0, 0.8], [*arm, *bone], side, across=thumbward, blend=0.1, part="hand", grip=False
    )
    add_fingers(plan, (wrist, forward, thumbward, palm, grown, radius), bone[0], side, plan.rng)
    return build(plan, seed)
