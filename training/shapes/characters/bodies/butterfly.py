"""Butterflies and moths: large wings on a thin body, and few bones."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from inference.rigging.bones.names import numbered
from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..plan import Plan, smooth_line

RISE = {"flat": (-0.1, 0.4), "half": (0.4, 1.0), "shut": (1.1, 1.4)}  # of the wings, radians


def butterfly(seed: int) -> KnownShape:
    """One of them; it looks towards -Y."""
    plan = start("insect", "butterfly", seed, 11)
    length, girth = plan.uniform(0.3, 0.6), plan.uniform(0.03, 0.06)
    carrier = _trunk(plan, length, girth)
    rise = plan.uniform(*RISE[str(plan.rng.choice(list(RISE), p=[0.5, 0.3, 0.2]))])
    two = plan.chance(0.85)
    apart = two and plan.chance(0.45)  # whether hind wings have bones of their own
    count = int(plan.rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))
    span = plan.uniform(0.5, 0.9)
    drawn = plan.rng.uniform(-1, 1, 8)
    for side in plan.sides():
        edge, points = _outline(span, rise, girth, drawn[:4], hind=False)
        bones = plan.chain(numbered("wing", count), smooth_line(edge[[0, 3, 6]], count + 1), carrier, side)
        plan.panel(points, 0.02 * span + 0.004, bones, side)
        if two:
            edge, points = _outline(0.75 * span, rise, girth, drawn[4:], hind=True)
            few = min(count, 2)
            if apart:
                bones = plan.chain(numbered("wing2", few), smooth_line(edge[[0, 3, 6]], few + 1), carrier, side)
            plan.panel(points, 0.018 * span + 0.004, bones, side)
    return build(plan, seed)


def _trunk(plan: Plan, length: float, girth: float) -> int:
    """The bone that the wings hang on."""
    front, rear = np.array([0, -0.35 * length, 0]), np.array([0, 0.1 * length, 0])
    end = np.array([0, 0.6 * length, -0.1 * length])
    boned_head, boned_tail = plan.chance(0.5), plan.chance(0.4)
    thorax = plan.chain(["spine"], np.stack([rear, front]), -1)
    plan.body(
        smooth_line(np.stack([rear, front]), 4),
        1.3 * girth * np.array([0.8, 1, 1, 0.8]),
        thorax,
        blend=0.01,
        grip=False,
    )
    nose = front + [0, -2.0 * girth, 0]
    head = plan.chain(["head"], np.stack([front, nose]), thorax[0]) if boned_head else thorax
    plan.body(np.stack([front, 0.5 * (front + nose)]), [girth, girth], head, blend=0.01, grip=boned_head, band=0.4)
    count = int(plan.rng.choice([1, 2])) if boned_tail else 0
    tail = plan.chain(numbered("tail", count), smooth_line(np.stack([rear, end]), count + 1), thorax[0])
    plan.body(
        smooth_line(np.stack([rear, end]), 5),
        girth * np.array([0.8, 1.0, 0.9, 0.7, 0.35]),
        tail or thorax,
        blend=0.01,
        grip=bool(tail),
        band=0.4,
    )
    feelers = plan.uniform(0.3, 0.7) * length
    for side in plan.sides():
        base = front + [0.4 * girth, -girth, 0.5 * girth]
        tip = base + feelers * np.array([0.4, -0.8, 0.5])
        plan.body(np.stack([base, tip]), [0.14 * girth, 0.14 * girth], head, side, make="tube", grip=False)
    return thorax[0]


def _outline(span: float, rise: float, girth: float, drawn: np.ndarray, *, hind: bool) -> tuple[np.ndarray, np.ndarray]:
    """The front edge of a left wing from root to tip (7, 3), and a grid over the wing (4, 7, 3)."""
    root = np.array([0.8 * girth, 0.06 if hind else -0.06, 0.4 * girth])
    shares = np.linspace(0, 1, 7)
    out, up = np.cos(rise), np.sin(rise)
    sweep = (0.7 + 0.4 * drawn[0]) if hind else (-0.25 + 0.3 * drawn[0])
    edge = root + span * shares[:, None] * np.array([out, sweep, up])
    chord = span * (0.75 + 0.2 * drawn[1]) * np.sin(np.pi * (0.06 + 0.8 * shares)) ** (0.7 + 0.2 * drawn[2])
    rows = np.linspace(-0.3, 0.7, 4)[:, None]
    return edge, edge[None] + (rows * chord)[..., None] * np.array([-0.15 * out, 1.0, -0.15 * up])
