"""Bats: a small furry body between wings of skin."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..limbs.wings import draws, skin_wing
from ..plan import Plan, smooth_line


def bat(seed: int) -> KnownShape:
    """One bat in flight; it looks towards -Y."""
    plan = start("creature", "bat", seed, 13)
    upright = plan.uniform(0.0, 1.3)
    forward = np.array([0, -np.cos(upright), np.sin(upright)])
    girth, long = plan.uniform(0.09, 0.18), plan.uniform(0.2, 0.4)
    count = int(plan.rng.choice([1, 2]))
    joints = np.linspace(0, long, count + 1)[:, None] * forward
    spine = plan.chain(["spine", "chest"][:count], joints, -1)
    plan.body(
        smooth_line(joints[[0, -1]] + [[0, 0.02, 0], [0, 0, 0]], 6),
        girth * np.array([0.6, 0.85, 1.0, 1.05, 0.95, 0.8]),
        spine,
        blend=0.03,
        grip=False,
    )
    _head(plan, joints[-1], forward, girth, spine[-1])
    drawn = draws(plan)
    span, chord = plan.uniform(0.7, 1.3), plan.uniform(0.3, 0.5)
    root = joints[-1] - 0.15 * long * forward + [0.6 * girth, 0, 0.2 * girth]
    for side in plan.sides():
        skin_wing(plan, root, span, chord, spine[-1], side, drawn)
    if plan.chance(0.75):
        _legs(plan, forward, girth, spine[0])
    return build(plan, seed)


def _head(plan: Plan, neck: np.ndarray, forward: np.ndarray, girth: float, carrier: int) -> None:
    size = girth * plan.uniform(0.7, 1.1)
    look = np.array([0, -1.0, 0.15])
    centre = neck + 0.6 * size * forward + 0.3 * size * look
    nose = centre + 1.15 * size * look
    head = plan.chain(["head"], np.stack([neck, nose]), carrier)
    plan.body(np.stack([neck, centre]), [0.7 * size, size], head, blend=0.03, band=0.5)
    plan.body(np.stack([centre, nose]), [0.5 * size, 0.3 * size], head, blend=0.02, grip=False)
    tall, boned = size * plan.uniform(0.8, 1.8), plan.chance(0.6)
    base = centre + [0.45 * size, 0, 0.6 * size]
    tip = base + tall * np.array([0.35, 0.05, 0.9])
    for side in plan.sides():
        ear = plan.chain(["ear"], np.stack([base, tip]), head[0], side) if boned else head
        plan.body(
            smooth_line(np.stack([base, tip]), 4),
            size * np.array([[0.3, 0.14], [0.38, 0.14], [0.28, 0.1], [0.08, 0.06]]),
            ear,
            side,
            make="tube",
            grip=boned,
        )


def _legs(plan: Plan, forward: np.ndarray, girth: float, carrier: int) -> None:
    length, both = plan.uniform(0.1, 0.22), plan.chance(0.6)
    hip = np.array([0.5 * girth, 0, 0]) - 0.02 * forward
    knee = hip + length * np.array([0.25, 0.2, -0.5])
    foot = knee + length * np.array([0.0, 0.3, -0.55])
    for side in plan.sides():
        names = ["thigh", "shin"] if both else ["thigh"]
        joints = np.stack([hip, knee, foot] if both else [hip, foot])
        bones = plan.chain(names, joints, carrier, side)
        plan.body(np.stack([hip, knee, foot]), girth * np.array([0.3, 0.2, 0.16]), bones, side, blend=0.02)
